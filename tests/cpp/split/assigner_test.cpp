// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/split/assigner.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <type_traits>

#include "catch_compat.hpp"
#include "split/tables.hpp"

namespace {
std::atomic<long> n_allocations{0};
}

// Counts for this test program; malloc underneath, so that sanitizers still see the memory.
void* operator new(std::size_t size) {
  n_allocations.fetch_add(1);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
// std::stable_sort takes its buffer so; left out, it would come from another allocator than delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  n_allocations.fetch_add(1);
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

using namespace split_test;
using mlrepro::Value;

TEST_CASE("answering a key allocates nothing", "[assigner]") {
  const std::initializer_list<sp::Fraction> halves{{"train", 0.5}, {"test", 0.5}};
  const sp::HashSplit one(halves, {.by = "id"}), two(halves, {.by = {"b", "a"}});
  const sp::Plan closed = sp::HashSplit(halves, {.by = "id", .exact = true}).plan(numbered(100));
  const sp::Plan time = sp::TimeSplit({.test_from = day(2)}).plan(days({0, 1, 2, 3}));
  const std::string long_key(5000, 'x');
  const long before = n_allocations.load();
  long answers = 0;
  for (int i = 0; i < 100; ++i) {
    answers += one.try_assign(i) + one.try_assign("N14228") + one.try_assign(long_key) +
               two.try_assign({"AA", i}) + closed.try_assign(i) + time.try_assign(day(i)) +
               closed.try_assign("wrong class") +
               static_cast<long>(one.assign(i).size() + closed.assign(i).size());
  }
  CHECK(n_allocations.load() == before);
  CHECK(answers > 0);
}

TEST_CASE("asking a temporary, or with a character, does not compile", "[assigner]") {
  const auto can_assign = [](auto&& splitter, auto&& key) {
    return requires {
      std::forward<decltype(splitter)>(splitter).assign(key);
    };
  };
  const sp::HashSplit split({{"train", 0.5}, {"test", 0.5}});
  CHECK(can_assign(split, 17));
  CHECK_FALSE(can_assign(split, '7'));
  CHECK_FALSE(can_assign(split, nullptr));
  CHECK_FALSE(can_assign(sp::HashSplit({{"train", 0.5}, {"test", 0.5}}), 17));
  CHECK(noexcept(split.try_assign(17)));
}

TEST_CASE("all overloads of assign give one answer", "[assigner]") {
  const sp::HashSplit split({{"train", 0.5}, {"test", 0.5}});
  const std::string owned = "N14228";
  const Value value("N14228");
  for (const std::string_view answer :
       {split.assign(owned), split.assign(std::string_view("N14228")), split.assign(value),
        split.assign(std::string("N14228")), split.assign({"N14228"}),
        split.assign(std::span(&value, 1))}) {
    CHECK(answer == split.assign("N14228"));
  }
  CHECK(split.parts().size() == 3);
  CHECK(split.key().size() == 1);
  CHECK(split.key()[0].value_class == mlrepro::ValueClass::missing);
}
