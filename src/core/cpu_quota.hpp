// SPDX-License-Identifier: Apache-2.0
// CPU quota of the container that a process runs in, from the files of cgroup v2 or v1.
#pragma once
#include <string>

namespace mlrepro::detail::core {

// CPUs' worth of time that this process may use, rounded up: the least quota of its group and the
// groups above it; 0: no limit, or no such files. root: before "/proc" and "/sys", for tests.
int cgroup_cpus(const std::string& root = "");

}  // namespace mlrepro::detail::core
