// SPDX-License-Identifier: Apache-2.0
#include "core/cpu_quota.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include "catch_compat.hpp"

using mlrepro::detail::core::cgroup_cpus;
namespace fs = std::filesystem;

namespace {

class FakeRoot {
 public:
  FakeRoot() : path_(fs::temp_directory_path() / ("mlrepro_quota_" + std::to_string(getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~FakeRoot() { fs::remove_all(path_); }
  FakeRoot(const FakeRoot&) = delete;
  FakeRoot& operator=(const FakeRoot&) = delete;
  FakeRoot& file(const std::string& name, const std::string& text) {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
    return *this;
  }
  int cpus() const { return cgroup_cpus(path_.string()); }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("a quota of cgroup v2 counts, rounded up; max is none") {
  FakeRoot root;
  CHECK(root.cpus() == 0);
  root.file("proc/self/cgroup", "0::/\n").file("sys/fs/cgroup/cpu.max", "max 100000\n");
  CHECK(root.cpus() == 0);
  root.file("sys/fs/cgroup/cpu.max", "200000 100000\n");
  CHECK(root.cpus() == 2);
  root.file("sys/fs/cgroup/cpu.max", "150000 100000\n");
  CHECK(root.cpus() == 2);
  root.file("sys/fs/cgroup/cpu.max", "1000 100000\n");
  CHECK(root.cpus() == 1);
}

TEST_CASE("the least quota of a group and of those above it holds") {
  FakeRoot root;
  root.file("proc/self/cgroup", "0::/user.slice/job\n")
      .file("sys/fs/cgroup/user.slice/cpu.max", "300000 100000\n")
      .file("sys/fs/cgroup/user.slice/job/cpu.max", "max 100000\n");
  CHECK(root.cpus() == 3);
  root.file("sys/fs/cgroup/user.slice/job/cpu.max", "100000 50000\n");
  CHECK(root.cpus() == 2);
}

TEST_CASE("a container that sees the host's path finds its own group at the root") {
  FakeRoot root;
  root.file("proc/self/cgroup", "0::/docker/4f2a\n")
      .file("sys/fs/cgroup/cpu.max", "400000 100000\n");
  CHECK(root.cpus() == 4);
}

TEST_CASE("a quota of cgroup v1 counts; -1 is none") {
  FakeRoot root;
  root.file("proc/self/cgroup", "12:memory:/a\n4:cpu,cpuacct:/a\n3:cpuset:/b\n0::/\n")
      .file("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "-1\n")
      .file("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
  CHECK(root.cpus() == 0);
  root.file("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "250000\n");
  CHECK(root.cpus() == 3);
  root.file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n")
      .file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  CHECK(root.cpus() == 2);
}

TEST_CASE("files of another form are no limit, and nothing fails") {
  FakeRoot root;
  root.file("proc/self/cgroup", "nonsense\n:\n0:\n0::/deep/\n4:cpuset:/x\n");
  for (const char* text : {"", "\n", "fast", "-5 100000", "100000", "100000 0", "100000 -1",
                           "99999999999999999999 1"}) {
    root.file("sys/fs/cgroup/cpu.max", text);
    CHECK(root.cpus() == 0);
  }
  root.file("sys/fs/cgroup/cpu.max", "9000000000000000000 1");
  CHECK(root.cpus() > 1);
}
