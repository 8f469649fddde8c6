# SPDX-License-Identifier: Apache-2.0
# Every public header is compiled alone, twice in a row, with our warnings. Found by a glob on purpose: a header that
# nobody listed is checked too.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/include"
     "${PROJECT_SOURCE_DIR}/include/mlrepro/*.hpp")
list(FILTER headers EXCLUDE REGEX "/interop/")
set(sources "")
foreach(header IN LISTS headers)
  string(REGEX REPLACE "[/.]" "_" name "${header}")
  set(source "${CMAKE_CURRENT_BINARY_DIR}/headers_alone/${name}.cpp")
  file(CONFIGURE OUTPUT "${source}" CONTENT "#include <${header}>\n#include <${header}>\n")
  list(APPEND sources "${source}")
endforeach()
add_library(headers_alone OBJECT ${sources})
mlrepro_compile_options(headers_alone)
target_compile_options(headers_alone PRIVATE -O0)
target_include_directories(headers_alone PRIVATE "${PROJECT_SOURCE_DIR}/include")

# All of them once more as the next standard reads them.
file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/headers_alone/cxx23.cpp" CONTENT "#include <mlrepro/mlrepro.hpp>\n")
add_library(headers_cxx23 OBJECT "${CMAKE_CURRENT_BINARY_DIR}/headers_alone/cxx23.cpp")
mlrepro_compile_options(headers_cxx23)
set_target_properties(headers_cxx23 PROPERTIES CXX_STANDARD 23)
target_include_directories(headers_cxx23 PRIVATE "${PROJECT_SOURCE_DIR}/include")
