// SPDX-License-Identifier: Apache-2.0
// MLREPRO_API marks what crosses the border of the shared library; everything else is hidden.
#pragma once

#if defined(MLREPRO_STATIC)
#define MLREPRO_API
#elif defined(_WIN32)
#if defined(MLREPRO_EXPORTS)
#define MLREPRO_API __declspec(dllexport)
#else
#define MLREPRO_API __declspec(dllimport)
#endif
#else
#define MLREPRO_API __attribute__((visibility("default")))
#endif
