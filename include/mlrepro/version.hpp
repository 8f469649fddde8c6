// SPDX-License-Identifier: Apache-2.0
// The only place where the version of mlrepro is written; CMake and the wheel read it from here.
#pragma once

#define MLREPRO_VERSION_MAJOR 0
#define MLREPRO_VERSION_MINOR 1
#define MLREPRO_VERSION_PATCH 0
#define MLREPRO_VERSION_STRING "0.1.0"
