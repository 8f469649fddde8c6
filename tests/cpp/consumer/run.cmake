# SPDX-License-Identifier: Apache-2.0
# Builds main.cpp as one kind of consumer, runs it and compares what it prints with expected.txt.
# cmake -DFORM=find_package|fetch_content|pkg_config -DHERE=<this folder> -DWORK=<folder> -DCOMPILER=<c++> -DFLAGS=<flags>
#       [-DCONFIG=<folder of mlreproConfig.cmake>] [-DPKGCONFIG=<folder of mlrepro.pc>] [-DPREFIX=<install to>] -P run.cmake
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
endfunction()

file(MAKE_DIRECTORY "${WORK}")
if(FORM STREQUAL "pkg_config")
  execute_process(COMMAND "${CMAKE_COMMAND}" -E env "PKG_CONFIG_PATH=${PKGCONFIG}" pkg-config --cflags --libs mlrepro
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  cmake_path(GET PKGCONFIG PARENT_PATH libdir)
  run("${COMPILER}" -std=c++20 "${HERE}/main.cpp" ${flags} "-Wl,-rpath,${libdir}" -o "${WORK}/consumer")
else()
  run("${CMAKE_COMMAND}" -S "${HERE}/${FORM}" -B "${WORK}" -G Ninja "-DCMAKE_CXX_COMPILER=${COMPILER}"
      -DCMAKE_BUILD_TYPE=None "-DCMAKE_CXX_FLAGS=${FLAGS}" "-Dmlrepro_DIR=${CONFIG}" "-DMLREPRO_SOURCE=${HERE}/../../..")
  run("${CMAKE_COMMAND}" --build "${WORK}")
  if(PREFIX)
    run("${CMAKE_COMMAND}" --install "${WORK}" --prefix "${PREFIX}" --component mlrepro)
  endif()
endif()

execute_process(COMMAND "${WORK}/consumer" OUTPUT_VARIABLE printed ERROR_VARIABLE errors RESULT_VARIABLE failed)
file(READ "${HERE}/expected.txt" expected)
if(failed OR NOT printed STREQUAL expected)
  message(FATAL_ERROR "consumer (${failed}) ${errors}\nprinted:\n${printed}\nexpected:\n${expected}")
endif()
