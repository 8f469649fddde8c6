// SPDX-License-Identifier: Apache-2.0
#include "core/exact_sum.hpp"

#include "core/raise.hpp"

namespace mlrepro::detail::core {
namespace {

void put(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint64_t get(std::string_view bytes, std::size_t at) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

constexpr char kVersion = 1;
constexpr std::int64_t kMostTop = std::int64_t{1} << 40;  // far above any sum of 2^63 doubles

}  // namespace

template <int kLowest, int kLimbs, char kTag>
std::string Superaccumulator<kLowest, kLimbs, kTag>::to_bytes() const {
  Superaccumulator copy = *this;
  copy.carry();
  std::string out{kTag, kVersion};
  for (const std::int64_t count : {n_nan_, n_plus_inf_, n_minus_inf_})
    put(out, static_cast<std::uint64_t>(count));
  for (const std::int64_t limb : copy.limbs_) put(out, static_cast<std::uint64_t>(limb));
  return out;
}

template <int kLowest, int kLimbs, char kTag>
Superaccumulator<kLowest, kLimbs, kTag> Superaccumulator<kLowest, kLimbs, kTag>::from_bytes(
    std::string_view bytes) {
  constexpr std::size_t size = 2 + 8 * (3 + static_cast<std::size_t>(kLimbs));
  if (bytes.size() != size || bytes[0] != kTag || bytes[1] != kVersion) {
    raise<FormatError>({.message = "the bytes of an exact sum are not of the form '" +
                                   std::string(1, kTag) +
                                   "' version 1: " + std::to_string(bytes.size()) +
                                   " bytes given, " + std::to_string(size) + " needed.",
                        .next_step = "Pass the bytes that to_bytes() of the same class gave."});
  }
  Superaccumulator out;
  out.n_nan_ = static_cast<std::int64_t>(get(bytes, 2));
  out.n_plus_inf_ = static_cast<std::int64_t>(get(bytes, 10));
  out.n_minus_inf_ = static_cast<std::int64_t>(get(bytes, 18));
  for (std::size_t i = 0; i < out.limbs_.size(); ++i) {
    const std::uint64_t limb = get(bytes, 26 + 8 * i);
    const bool top = i + 1 == out.limbs_.size();
    const auto value = static_cast<std::int64_t>(limb);
    if (top ? value > kMostTop || value < -kMostTop : (limb >> 32) != 0) {
      raise<FormatError>(
          {.message = "limb " + std::to_string(i) + " of an exact sum is out of range.",
           .next_step = "The bytes are damaged: write them again with to_bytes()."});
    }
    out.limbs_[i] = static_cast<std::int64_t>(limb);
  }
  return out;
}

template class Superaccumulator<-1074, 70, 'S'>;
template class Superaccumulator<-2148, 140, 'P'>;

double exact_sum(std::span<const double> values) {
  ExactSum sum;
  for (const double x : values) sum.add(x);
  return sum.round();
}

// Twice the digits (Knuth's two-sum, 1969): the errors of n additions are exact, their own sum is
// off by n^2 2^-106 of the whole. Where that cannot move the rounded sum, it is the nearest double.
double exact_sum_of_positive(std::span<const double> values) {
  double sum = 0, rest = 0;
  for (const double x : values) {
    const double next = sum + x;
    const double of_x = next - sum;
    rest += (sum - (next - of_x)) + (x - of_x);
    sum = next;
  }
  constexpr double kOff = 0x1p-72;
  const double off = sum * kOff;
  const double low = sum + (rest - off), high = sum + (rest + off);
  const bool normal = sum >= 0x1p-900 && sum <= 0x1p1000;
  return normal && low == high ? low : exact_sum(values);
}

}  // namespace mlrepro::detail::core
