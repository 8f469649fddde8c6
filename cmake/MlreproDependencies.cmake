# SPDX-License-Identifier: Apache-2.0
# Third-party packages: the system's copy if there is one, else fetched by hash. None shows in a public header.
include(FetchContent)

# Says by name what is missing when nothing may be downloaded (packagers, air-gapped machines).
function(mlrepro_require_or_fetchable package debian)
  string(TOUPPER ${package} upper)
  if(FETCHCONTENT_FULLY_DISCONNECTED AND NOT FETCHCONTENT_SOURCE_DIR_${upper})
    message(FATAL_ERROR
      "mlrepro needs ${package}, which was not found, and FETCHCONTENT_FULLY_DISCONNECTED forbids fetching it. "
      "Install it (Debian: ${debian}), or point ${package}_ROOT or FETCHCONTENT_SOURCE_DIR_${upper} at a copy.")
  endif()
endfunction()

find_package(nlohmann_json 3.11 QUIET CONFIG)
if(NOT nlohmann_json_FOUND)
  mlrepro_require_or_fetchable(nlohmann_json nlohmann-json3-dev)
  set(JSON_BuildTests OFF CACHE INTERNAL "")
  set(JSON_Install OFF CACHE INTERNAL "")
  FetchContent_Declare(nlohmann_json
    URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
    URL_HASH SHA256=d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d
    FIND_PACKAGE_ARGS 3.11 CONFIG)
  FetchContent_MakeAvailable(nlohmann_json)
endif()

find_package(xxhash 0.8 QUIET MODULE)
if(NOT xxhash_FOUND)
  mlrepro_require_or_fetchable(xxhash libxxhash-dev)
  FetchContent_Declare(xxhash
    GIT_REPOSITORY https://github.com/Cyan4973/xxHash.git
    GIT_TAG bbb27a5efb85b92a0486cf361a8635715a53f6ba # v0.8.2
    SOURCE_SUBDIR no-cmake-project # only the header is used
    FIND_PACKAGE_ARGS 0.8 MODULE)
  FetchContent_MakeAvailable(xxhash)
  if(NOT TARGET xxhash::xxhash)
    add_library(mlrepro_xxhash INTERFACE)
    add_library(xxhash::xxhash ALIAS mlrepro_xxhash)
    target_include_directories(mlrepro_xxhash SYSTEM INTERFACE "${xxhash_SOURCE_DIR}")
  endif()
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
if(MLREPRO_OPENMP)
  find_package(OpenMP QUIET COMPONENTS CXX)
  if(NOT OpenMP_CXX_FOUND)
    message(STATUS "mlrepro: OpenMP not found; chunks run on std::thread (same bytes)")
  endif()
endif()

# Only link-time needs of a static library stay in its exported interface.
function(mlrepro_link_private_dependencies target)
  target_link_libraries(${target} PRIVATE
    $<BUILD_INTERFACE:nlohmann_json::nlohmann_json> $<BUILD_INTERFACE:xxhash::xxhash> Threads::Threads)
  if(MLREPRO_OPENMP AND OpenMP_CXX_FOUND)
    target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX)
  endif()
endfunction()
