# SPDX-License-Identifier: Apache-2.0
# Fails if the shared library exports a name that is not ours (a consumer's copy of it could take its place), or other names
# than exports.txt lists: what is gone breaks a service, what is new must be meant.
# cmake -DNM=<nm> -DLIBRARY=<libmlrepro.so> [-DUPDATE=ON] -P exports.cmake
execute_process(COMMAND "${NM}" -D -C --defined-only "${LIBRARY}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "[][;]" "_" symbols "${symbols}")
string(REPLACE "\n" ";" symbols "${symbols}")
set(foreign "")
set(own "")
foreach(symbol IN LISTS symbols)
  if(symbol MATCHES "^[0-9a-f]* [A-Za-z] ((typeinfo for |typeinfo name for |vtable for )?mlrepro::.*)$")
    list(APPEND own "${CMAKE_MATCH_1}")
  elseif(NOT symbol STREQUAL "")
    list(APPEND foreign "${symbol}")
  endif()
endforeach()
if(foreign OR NOT own)
  string(REPLACE ";" "\n" foreign "${foreign}")
  message(FATAL_ERROR "names that are not ours:\n${foreign}")
endif()

list(SORT own)
list(REMOVE_DUPLICATES own) # the two constructors of a class have one name
string(REPLACE ";" "\n" text "${own}")
set(list_file "${CMAKE_CURRENT_LIST_DIR}/exports.txt")
if(UPDATE)
  file(WRITE "${list_file}" "${text}\n")
endif()
file(STRINGS "${list_file}" listed)
set(gone ${listed})
set(new ${own})
list(REMOVE_ITEM gone ${own})
list(REMOVE_ITEM new ${listed})
if(gone OR new)
  string(REPLACE ";" "\n  " gone "${gone}")
  string(REPLACE ";" "\n  " new "${new}")
  message(FATAL_ERROR "exported names changed.\ngone:\n  ${gone}\nnew:\n  ${new}\n"
    "If it is meant: make exports, and say it in CHANGELOG.md.")
endif()
