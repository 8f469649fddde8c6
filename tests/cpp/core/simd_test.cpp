// SPDX-License-Identifier: Apache-2.0
#include "core/simd.hpp"

#include <vector>

#include <mlrepro/core/random.hpp>

#include "catch_compat.hpp"
#include "core/hash.hpp"

using namespace mlrepro;
using detail::core::Hash128;
using detail::core::SimdLevel;

namespace {

constexpr SimdLevel kLevels[] = {SimdLevel::baseline, SimdLevel::avx2, SimdLevel::avx512};

class LevelInUse {  // puts the level back that was in use
 public:
  LevelInUse() : before_(detail::core::simd_level()) {}
  ~LevelInUse() { detail::core::use_simd_level(before_); }
  LevelInUse(const LevelInUse&) = delete;
  LevelInUse& operator=(const LevelInUse&) = delete;

 private:
  SimdLevel before_;
};

std::vector<char> random_bytes(std::size_t size) {
  const RandomStream random(7, "simd");
  std::vector<char> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(random.bits(i));
  return bytes;
}

// Hashes of every length around the loops of XXH3, whole and in uneven pieces.
std::vector<Hash128> hashes() {
  const std::vector<char> bytes = random_bytes(20'000);
  std::vector<Hash128> out;
  for (std::size_t size = 0; size < 3000; size += size < 1200 ? 1 : 37)
    out.push_back(
        detail::core::xxh3_128(bytes.data() + size % 7, size, size * 0x9e3779b97f4a7c15U));
  for (std::size_t piece = 1; piece < 5000; piece = piece * 3 + 1) {
    detail::core::HashStream stream(piece);
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      stream.update(bytes.data() + at, std::min(piece, bytes.size() - at));
    out.push_back(stream.digest());
    REQUIRE(out.back() == detail::core::xxh3_128(bytes.data(), bytes.size(), piece));
  }
  return out;
}

}  // namespace

TEST_CASE("every level of SIMD gives the hashes of the baseline", "[simd]") {
  const LevelInUse level;
  REQUIRE(detail::core::use_simd_level(SimdLevel::baseline));
  const std::vector<Hash128> expected = hashes();
  for (const SimdLevel other : kLevels) {
    const std::string_view name = detail::core::kSimdNames[static_cast<std::size_t>(other)];
    if (!detail::core::use_simd_level(other)) {
      WARN("not run here: the CPU lacks " << name);
      continue;
    }
    INFO(name);
    REQUIRE(detail::core::simd_level() == other);
    REQUIRE(hashes() == expected);
  }
}

TEST_CASE("a level that is not there changes nothing") {
  const LevelInUse level;
  REQUIRE(detail::core::use_simd_level(SimdLevel::baseline));
  for (const SimdLevel other : kLevels) {
    if (detail::core::is_supported(other)) continue;
    REQUIRE_FALSE(detail::core::use_simd_level(other));
    REQUIRE(detail::core::simd_level() == SimdLevel::baseline);
  }
}
