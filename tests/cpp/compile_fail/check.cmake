# SPDX-License-Identifier: Apache-2.0
# cmake -DCOMPILER=... -DINCLUDE=... -DSOURCE=... -DMISUSE=n -P check.cmake: n = 0 must compile, others must be refused
# as a use that does not exist (and not for another reason, such as a header that is broken).
execute_process(
  COMMAND "${COMPILER}" -std=c++20 -fsyntax-only "-I${INCLUDE}" "-DMISUSE=${MISUSE}" "${SOURCE}"
  RESULT_VARIABLE failed ERROR_VARIABLE complaint)
if(MISUSE EQUAL 0)
  if(failed)
    message(FATAL_ERROR "the right forms do not compile:\n${complaint}")
  endif()
elseif(NOT failed)
  message(FATAL_ERROR "misuse ${MISUSE} compiles")
elseif(NOT complaint MATCHES "deleted function|no matching|no known conversion|ambiguous|conversion from|no viable")
  message(FATAL_ERROR "misuse ${MISUSE} is refused for another reason:\n${complaint}")
endif()
