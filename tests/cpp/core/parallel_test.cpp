// SPDX-License-Identifier: Apache-2.0
#include "core/parallel.hpp"

#include <mlrepro/core/errors.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cfenv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch_compat.hpp"

using namespace mlrepro::detail::core;

namespace {

class Environment {  // sets a variable for one scope
 public:
  Environment(const char* name, const char* value) : name_(name) {
    const char* old = std::getenv(name);
    had_ = old != nullptr;
    if (had_) old_ = old;
    value == nullptr ? unsetenv(name) : setenv(name, value, 1);
  }
  ~Environment() { had_ ? setenv(name_, old_.c_str(), 1) : unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  bool had_ = false;
  std::string old_;
};

}  // namespace

TEST_CASE("each item is in exactly one chunk, whatever the threads") {
  for (const std::int64_t n : {0, 1, 7, 8, 9, 1000}) {
    for (const int threads : {1, 2, 8}) {
      std::vector<int> seen(static_cast<std::size_t>(n), 0);
      parallel_for_chunks(n, 8, threads,
                          [&](std::int64_t chunk, std::int64_t begin, std::int64_t end) {
                            if (begin != chunk * 8 || end > n) throw std::logic_error("bounds");
                            for (std::int64_t i = begin; i < end; ++i)
                              ++seen[static_cast<std::size_t>(i)];
                          });
      REQUIRE(seen == std::vector<int>(static_cast<std::size_t>(n), 1));
    }
  }
}

TEST_CASE("the error that a caller sees does not depend on which thread failed first") {
  for (const int threads : {1, 2, 8}) {
    for (int repeat = 0; repeat < 20; ++repeat) {
      std::string message;
      try {
        parallel_for_chunks(64, 1, threads, [&](std::int64_t chunk, std::int64_t, std::int64_t) {
          if (chunk == 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // fails last
          if (chunk == 3 || chunk == 4 || chunk > 40)
            throw std::runtime_error(std::to_string(chunk));
        });
      } catch (const std::runtime_error& error) {
        message = error.what();
      }
      REQUIRE(message == "3");
    }
  }
}

TEST_CASE("each worker computes in the default floating-point environment", "[rounding]") {
  volatile double one = 1;
  volatile double three = 3;
  const double nearest = one / three;
  std::vector<double> got(64, 0);
  std::fesetround(FE_UPWARD);
  for (const int threads : {1, 4}) {
    parallel_for_chunks(64, 1, threads, [&](std::int64_t chunk, std::int64_t, std::int64_t) {
      got[static_cast<std::size_t>(chunk)] += one / three;
    });
  }
  const int after = std::fegetround();
  std::fesetround(FE_TONEAREST);
  REQUIRE(got == std::vector<double>(64, nearest + nearest));
  REQUIRE(after == FE_UPWARD);
}

TEST_CASE("a nested call finishes") {
  std::atomic<int> items{0};
  parallel_for_chunks(4, 1, 4, [&](std::int64_t, std::int64_t, std::int64_t) {
    parallel_for_chunks(10, 1, 4, [&](std::int64_t, std::int64_t, std::int64_t) { ++items; });
  });
  REQUIRE(items == 40);
}

TEST_CASE("a number of threads that is none is an error, not a default") {
  const Environment own("MLREPRO_NUM_THREADS", nullptr);
  const Environment omp("OMP_NUM_THREADS", "3,2");
  REQUIRE(resolve_threads(5) == 5);
  REQUIRE(resolve_threads(0) == 3);
  REQUIRE_THROWS_AS(resolve_threads(-1), mlrepro::ArgumentError);
  for (const char* nonsense : {"four", "0", "-2", "2.5", "99999", " 2"}) {
    const Environment wrong("MLREPRO_NUM_THREADS", nonsense);
    REQUIRE_THROWS_AS(resolve_threads(0), mlrepro::ArgumentError);
    REQUIRE(resolve_threads(2) == 2);
  }
  const Environment empty("MLREPRO_NUM_THREADS", "");
  REQUIRE(resolve_threads(0) == 3);
  const Environment seven("MLREPRO_NUM_THREADS", "7");
  REQUIRE(resolve_threads(0) == 7);
  const Environment none("OMP_NUM_THREADS", nullptr);
  const Environment unset("MLREPRO_NUM_THREADS", nullptr);
  REQUIRE(resolve_threads(0) >= 1);
}

#if !defined(__SANITIZE_THREAD__)
TEST_CASE("a forked child does not hang in its first parallel call", "[fork]") {
  const auto sum = [] {
    std::atomic<std::int64_t> total{0};
    parallel_for_chunks(100, 1, 3, [&](std::int64_t i, std::int64_t, std::int64_t) { total += i; });
    return total.load();
  };
  REQUIRE(sum() == 4950);
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // a hang ends the child with a signal
    const Environment none("OMP_NUM_THREADS", nullptr);
    const Environment unset("MLREPRO_NUM_THREADS", nullptr);
    _exit(sum() == 4950 && resolve_threads(0) == 1 ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  REQUIRE(sum() == 4950);
}

// Address sanitizers up to g++ 13 leave their allocator's locks held in a child that was forked
// while another thread allocated.
#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("a child forked during a call of another thread, and one forked from a thread, work",
          "[fork]") {
  const auto sum = [] {
    std::atomic<std::int64_t> total{0};
    parallel_for_chunks(200, 1, 3, [&](std::int64_t i, std::int64_t, std::int64_t) { total += i; });
    return total.load();
  };
  const auto child_status = [&] {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      _exit(sum() == 19900 ? 0 : 1);
    }
    int status = -1;
    return waitpid(child, &status, 0) == child ? status : -1;
  };
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0};
  std::thread caller([&] {
    while (!over) wrong += sum() == 19900 ? 0 : 1;
  });
  for (int i = 0; i < 20; ++i) CHECK(child_status() == 0);
  over = true;
  caller.join();
  CHECK(wrong == 0);
  std::atomic<int> status{-1};
  std::thread forking([&] {
    sum();
    status = child_status();
  });
  forking.join();
  CHECK(status == 0);
}
#endif

TEST_CASE("a child forked inside a region runs serially and does not hang", "[fork]") {
  std::atomic<int> status{-1};
  parallel_for_chunks(3, 1, 3, [&](std::int64_t chunk, std::int64_t, std::int64_t) {
    if (chunk != 0) return;
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      std::int64_t total = 0;
      parallel_for_chunks(100, 1, must_run_serially() ? 3 : 1,
                          [&](std::int64_t i, std::int64_t, std::int64_t) { total += i; });
      _exit(must_run_serially() && total == 4950 ? 0 : 1);
    }
    int waited = -1;
    if (waitpid(child, &waited, 0) == child) status = waited;
  });
  CHECK(status == 0);
}

TEST_CASE("threads that the system refuses are done without", "[fork]") {
  const pid_t child = fork();  // limits are for good
  if (child == 0) {
    alarm(60);
    rlimit address_space{};
    getrlimit(RLIMIT_AS, &address_space);
    long pages = 0;
    if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
      if (std::fscanf(file, "%ld", &pages) != 1) pages = 0;
      std::fclose(file);
    }
    // Room for one or two stacks of 8 MB, not for the 63 that are asked for.
    address_space.rlim_cur = static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE) + (24L << 20));
    if (pages == 0 || setrlimit(RLIMIT_AS, &address_space) != 0) _exit(2);
    std::atomic<std::int64_t> total{0};
    parallel_for_chunks(1000, 1, 64,
                        [&](std::int64_t i, std::int64_t, std::int64_t) { total += i; });
    _exit(total == 499500 ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
}
#endif
