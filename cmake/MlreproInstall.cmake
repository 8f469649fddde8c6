# SPDX-License-Identifier: Apache-2.0
# Install tree: library, headers, CMake config, pkg-config file. In a wheel everything sits below the Python package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

if(SKBUILD)
  set(mlrepro_libdir lib)
  set(mlrepro_includedir include)
  set(mlrepro_cmakedir lib/cmake/mlrepro)
  set(mlrepro_pkgconfigdir lib/pkgconfig)
else()
  set(mlrepro_libdir "${CMAKE_INSTALL_LIBDIR}")
  set(mlrepro_includedir "${CMAKE_INSTALL_INCLUDEDIR}")
  set(mlrepro_cmakedir "${CMAKE_INSTALL_LIBDIR}/cmake/mlrepro")
  set(mlrepro_pkgconfigdir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
  # A wheel holds no symlinks: versioned names would pack the library three times.
  set_target_properties(mlrepro PROPERTIES
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
endif()

target_include_directories(mlrepro PUBLIC $<INSTALL_INTERFACE:${mlrepro_includedir}>)
install(TARGETS mlrepro EXPORT mlreproTargets COMPONENT mlrepro
  LIBRARY DESTINATION "${mlrepro_libdir}" COMPONENT mlrepro
  ARCHIVE DESTINATION "${mlrepro_libdir}" COMPONENT mlrepro
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT mlrepro)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/mlrepro" DESTINATION "${mlrepro_includedir}"
  COMPONENT mlrepro FILES_MATCHING PATTERN "*.hpp" PATTERN "*.ipp")

get_target_property(mlrepro_type mlrepro TYPE)
set(mlrepro_needs_threads OFF)
set(mlrepro_needs_openmp OFF)
if(mlrepro_type STREQUAL "STATIC_LIBRARY")
  set(mlrepro_needs_threads ON)
  if(MLREPRO_OPENMP AND OpenMP_CXX_FOUND)
    set(mlrepro_needs_openmp ON)
    set(mlrepro_pc_private "${OpenMP_CXX_FLAGS}")
  endif()
endif()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/mlreproConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/mlreproConfig.cmake" INSTALL_DESTINATION "${mlrepro_cmakedir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/mlreproConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion) # SameMajorVersion from 1.0 on
install(FILES "${PROJECT_BINARY_DIR}/mlreproConfig.cmake" "${PROJECT_BINARY_DIR}/mlreproConfigVersion.cmake"
  DESTINATION "${mlrepro_cmakedir}" COMPONENT mlrepro)
install(EXPORT mlreproTargets NAMESPACE mlrepro:: DESTINATION "${mlrepro_cmakedir}" COMPONENT mlrepro)
export(EXPORT mlreproTargets NAMESPACE mlrepro:: FILE "${PROJECT_BINARY_DIR}/mlreproTargets.cmake")

file(RELATIVE_PATH mlrepro_pc_prefix "/${mlrepro_pkgconfigdir}" "/")
string(REGEX REPLACE "/$" "" mlrepro_pc_prefix "${mlrepro_pc_prefix}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/mlrepro.pc.in" "${PROJECT_BINARY_DIR}/mlrepro.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/mlrepro.pc" DESTINATION "${mlrepro_pkgconfigdir}" COMPONENT mlrepro)
