# SPDX-License-Identifier: Apache-2.0
# Finds xxhash.h (0.8 or newer; Debian ships no CMake config for it) and defines xxhash::xxhash, headers only.
find_path(xxhash_INCLUDE_DIR xxhash.h)
if(xxhash_INCLUDE_DIR)
  file(STRINGS "${xxhash_INCLUDE_DIR}/xxhash.h" xxhash_version_lines
       REGEX "#define XXH_VERSION_(MAJOR|MINOR|RELEASE) +[0-9]+")
  string(REGEX REPLACE "[^;]*XXH_VERSION_[A-Z]+ +([0-9]+)[^;]*" "\\1" xxhash_VERSION "${xxhash_version_lines}")
  string(REPLACE ";" "." xxhash_VERSION "${xxhash_VERSION}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(xxhash REQUIRED_VARS xxhash_INCLUDE_DIR VERSION_VAR xxhash_VERSION)
mark_as_advanced(xxhash_INCLUDE_DIR)
if(xxhash_FOUND AND NOT TARGET xxhash::xxhash)
  add_library(xxhash::xxhash INTERFACE IMPORTED)
  target_include_directories(xxhash::xxhash INTERFACE "${xxhash_INCLUDE_DIR}")
endif()
