# SPDX-License-Identifier: Apache-2.0
# What every target of ours is compiled with. Recorded floats depend on the floating-point flags, so they are set here
# and nowhere else, after any flag that a surrounding project brings along.

function(mlrepro_compile_options target)
  set_target_properties(${target} PROPERTIES
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE
    -ffp-contract=off -fno-fast-math
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # false alarms of gcc 12 on string + literal (GCC bug 105651)
    $<$<BOOL:${MLREPRO_WERROR}>:-Werror>)
  target_link_options(${target} PRIVATE -fno-fast-math)
  if(MLREPRO_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${MLREPRO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${MLREPRO_SANITIZE})
  endif()
endfunction()

function(mlrepro_configure_library target)
  mlrepro_compile_options(${target})
  set_target_properties(${target} PROPERTIES
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    EXPORT_NAME mlrepro)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    PRIVATE "${PROJECT_SOURCE_DIR}/src")
  # A private header that refuses fast or finite math; forced, so that no source can forget it.
  target_compile_options(${target} PRIVATE
    "SHELL:-include \"${PROJECT_SOURCE_DIR}/src/core/no_fast_math.hpp\"")
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    target_compile_definitions(${target} PUBLIC MLREPRO_STATIC)
  elseif(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_link_options(${target} PRIVATE "LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/exports.map")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/exports.map")
  endif()
  mlrepro_link_private_dependencies(${target})
endfunction()
