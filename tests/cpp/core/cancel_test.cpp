// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/cancel.hpp>
#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/errors.hpp>
#include <mlrepro/core/progress.hpp>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch_compat.hpp"
#include "core/cancellable_sort.hpp"
#include "core/parallel.hpp"
#include "core/progress.hpp"

using namespace mlrepro;
using detail::core::parallel_for_chunks;

namespace {

using Clock = std::chrono::steady_clock;

bool always(void*) {
  return true;
}

bool count_asks(void* n) {
  ++*static_cast<int*>(n);
  return false;
}

// Far longer than any machine is slow: a call that is not stopped fails the test, it does not hang.
const auto kGiveUp = std::chrono::seconds(60);

void wait_until_cancelled() {
  const auto end = Clock::now() + kGiveUp;
  while (Clock::now() < end) {
    check_cancelled();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  throw std::logic_error("not cancelled");
}

}  // namespace

TEST_CASE("without a hook nothing is cancelled", "[cancel]") {
  check_cancelled();
  int chunks = 0;
  parallel_for_chunks(3, 1, 1, [&](std::int64_t, std::int64_t, std::int64_t) { ++chunks; });
  REQUIRE(chunks == 3);
}

TEST_CASE("a flag that another thread sets stops a call, with a typed error", "[cancel]") {
  for (const int threads : {1, 2, 4}) {
    std::atomic<bool> stop{false};
    const CancelHook hook(stop);
    std::thread other([&] { stop = true; });
    try {
      parallel_for_chunks(100, 1, threads, [&](std::int64_t, std::int64_t, std::int64_t) {
        wait_until_cancelled();
      });
      FAIL("went on");
    } catch (const CancelledError& error) {
      CHECK(error.name() == "CancelledError");
      CHECK_FALSE(error.next_step().empty());
    }
    other.join();
  }
}

TEST_CASE("the hook is asked on its own thread, also while only other threads still work",
          "[cancel]") {
  struct Seen {
    std::thread::id owner = std::this_thread::get_id();
    std::atomic<bool> elsewhere{false}, others_started{false};
  } seen;
  const CancelHook hook(
      [](void* context) {
        auto& s = *static_cast<Seen*>(context);
        if (std::this_thread::get_id() != s.owner) s.elsewhere = true;
        return s.others_started.load();
      },
      &seen);
  const auto work = [&](std::int64_t, std::int64_t, std::int64_t) {
    if (std::this_thread::get_id() == seen.owner) {  // this thread leaves at once, and must wait
      const auto end = Clock::now() + kGiveUp;
      while (!seen.others_started && Clock::now() < end) std::this_thread::yield();
      return;
    }
    seen.others_started = true;
    wait_until_cancelled();
  };
  REQUIRE_THROWS_AS(parallel_for_chunks(2, 1, 2, work), CancelledError);
  REQUIRE_FALSE(seen.elsewhere);
}

TEST_CASE("what the hook throws comes out as it is, before any error of a chunk", "[cancel]") {
  const CancelHook hook([](void*) -> bool { throw std::out_of_range("mine"); });
  const auto work = [&](std::int64_t, std::int64_t, std::int64_t) {
    try {
      wait_until_cancelled();
    } catch (...) {
      throw std::runtime_error("a chunk's own, on the way out");
    }
  };
  REQUIRE_THROWS_AS(parallel_for_chunks(8, 1, 3, work), std::out_of_range);
  REQUIRE_THROWS_AS(check_cancelled(), std::out_of_range);  // once stopped, stopped
}

TEST_CASE("no further chunk starts after a cancel, nested regions included", "[cancel]") {
  const CancelHook hook(&always);
  std::atomic<int> finished{0};
  REQUIRE_THROWS_AS(parallel_for_chunks(50, 1, 2,
                                        [&](std::int64_t, std::int64_t, std::int64_t) {
                                          parallel_for_chunks(
                                              50, 1, 2,
                                              [&](std::int64_t, std::int64_t, std::int64_t) {
                                                wait_until_cancelled();
                                                ++finished;
                                              });
                                        }),
                    CancelledError);
  REQUIRE(finished == 0);
}

TEST_CASE("hooks nest, end with their scope, and leave other threads alone", "[cancel]") {
  int outer = 0;
  const CancelHook hook(&count_asks, &outer);
  {
    const CancelHook nested(&always);
    REQUIRE_THROWS_AS(wait_until_cancelled(), CancelledError);
    std::thread other([] { check_cancelled(); });
    other.join();
  }
  const auto end = Clock::now() + kGiveUp;
  while (outer == 0 && Clock::now() < end) check_cancelled();
  CHECK(outer > 0);
}

TEST_CASE("a hook is asked now and then, not at every row", "[cancel]") {
  int asks = 0;
  const CancelHook hook(&count_asks, &asks);
  const auto begin = Clock::now();
  for (int i = 0; i < 1'000'000; ++i) check_cancelled();
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  CHECK(asks <= passed.count() / 50);
}

TEST_CASE("a sort that is cancelled ends early", "[cancel]") {
  std::vector<int> numbers(1 << 20);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<int>((i * 2654435761U) & 0xfffff);
  const CancelHook hook(&always);
  std::this_thread::sleep_for(std::chrono::milliseconds(60));  // it is time to ask
  REQUIRE_THROWS_AS(detail::core::cancellable_sort(numbers.begin(), numbers.end(), std::less<>()),
                    CancelledError);
}

TEST_CASE("a call of the library is stopped, its input is unchanged and the next call works",
          "[cancel]") {
  std::vector<double> x(100'000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
  const Dataset data = Dataset::from_columns({{"x", std::span<const double>(x)}});
  std::vector<RowId> before(x.size()), after(x.size()), none(x.size());
  data.row_ids("test", before, 2);
  {
    std::atomic<bool> stop{true};
    const CancelHook hook(stop);
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    REQUIRE_THROWS_AS(data.row_ids("test", none, 2), CancelledError);
    REQUIRE_THROWS_AS(data.row_ids("test", none, 1), CancelledError);
  }
  data.row_ids("test", after, 2);
  REQUIRE(before == after);
}

TEST_CASE(
    "progress is told on the thread of the call, its steps in order, the innermost hook first") {
  struct Log {
    std::vector<std::string> steps{};
    std::thread::id thread{};
    std::int64_t most = 0;
    static void add(void* self, std::string_view step, std::int64_t done, std::int64_t total) {
      auto& log = *static_cast<Log*>(self);
      if (total == 0) log.steps.emplace_back(step);
      log.thread = std::this_thread::get_id();
      REQUIRE(done <= total);
      log.most = std::max(log.most, total);
    }
  };
  const auto work = [] {
    detail::core::begin_step("first", detail::core::Parts::chunks);
    parallel_for_chunks(40, 1, 3, [](std::int64_t, std::int64_t, std::int64_t) {
      std::this_thread::sleep_for(std::chrono::milliseconds(8));
    });
    detail::core::begin_step("second");
    detail::core::ChunkTeller().tell(5, 7);  // has no chunks that count
  };
  work();  // nobody listens
  Log outer, inner;
  const ProgressHook listens(&Log::add, &outer);
  {
    const ProgressHook first(&Log::add, &inner);
    work();
  }
  REQUIRE(inner.steps == std::vector<std::string>{"first", "second"});
  REQUIRE(inner.thread == std::this_thread::get_id());
  REQUIRE(inner.most == 40);
  REQUIRE(outer.steps.empty());
  work();
  REQUIRE(outer.steps == inner.steps);
}
