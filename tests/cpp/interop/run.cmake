# SPDX-License-Identifier: Apache-2.0
# cmake -DPROGRAM=<path> -DEXPECTED=<text file> -P run.cmake
execute_process(COMMAND "${PROGRAM}" OUTPUT_VARIABLE printed ERROR_VARIABLE errors RESULT_VARIABLE failed)
file(READ "${EXPECTED}" expected)
if(failed OR NOT printed STREQUAL expected)
  message(FATAL_ERROR "${PROGRAM} (${failed}) ${errors}\nprinted:\n${printed}\nexpected:\n${expected}")
endif()
