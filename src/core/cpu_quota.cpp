// SPDX-License-Identifier: Apache-2.0
// A process's group is a line of /proc/self/cgroup: "0::/path" (v2) or "4:cpu,cpuacct:/path" (v1).
// Inside a container the path often is that of the host, while the container's own group is mounted
// as the root: each folder from the path up to the root is read, and those that are not there count
// for nothing.
#include "core/cpu_quota.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <initializer_list>
#include <string_view>

namespace mlrepro::detail::core {
namespace {

constexpr int kMostCpus = 1 << 20;

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The number at the start of the text, which moves on behind it and a blank; -1: none ("max").
long long take_number(std::string_view& text) noexcept {
  long long number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return -1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return number;
}

int cpus_of(long long quota, long long period) noexcept {
  if (quota <= 0 || period <= 0) return 0;
  return static_cast<int>(std::min<long long>((quota - 1) / period + 1, kMostCpus));
}

int quota_v2(const std::string& folder) {
  const std::string line = first_line(folder + "/cpu.max");  // "150000 100000", "max 100000"
  std::string_view rest = line;
  const long long quota = take_number(rest);
  return quota < 0 ? 0 : cpus_of(quota, take_number(rest));
}

int quota_v1(const std::string& folder) {
  const std::string quota = first_line(folder + "/cpu.cfs_quota_us");  // -1: no limit
  const std::string period = first_line(folder + "/cpu.cfs_period_us");
  std::string_view quota_text = quota, period_text = period;
  return cpus_of(take_number(quota_text), take_number(period_text));
}

int least(int a, int b) noexcept {
  return a == 0 ? b : b == 0 ? a : std::min(a, b);
}

int least_up_to_root(const std::string& mount, std::string path, int (*quota)(const std::string&)) {
  int cpus = 0;
  for (;;) {
    cpus = least(cpus, quota(mount + (path == "/" ? "" : path)));
    if (path.empty() || path == "/") return cpus;
    const std::size_t slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash);
  }
}

bool lists_cpu(std::string_view controllers) noexcept {
  while (!controllers.empty()) {
    const std::size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == "cpu") return true;
    if (comma == std::string_view::npos) return false;
    controllers.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

int cgroup_cpus(const std::string& root) {
  std::ifstream groups(root + "/proc/self/cgroup");
  int cpus = 0;
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string path = line.substr(second + 1);
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string mount = root + "/sys/fs/cgroup";
    if (controllers.empty()) {
      cpus = least(cpus, least_up_to_root(mount, path, &quota_v2));
      cpus = least(cpus, least_up_to_root(mount + "/unified", path, &quota_v2));
    } else if (lists_cpu(controllers)) {
      for (const std::string& name : {std::string("cpu"), controllers})
        cpus = least(cpus, least_up_to_root(mount + "/" + name, path, &quota_v1));
    }
  }
  return cpus;
}

}  // namespace mlrepro::detail::core
