// SPDX-License-Identifier: Apache-2.0
// How one canonical element is written (canon 1, see canonical.hpp): inline, because an element is
// 9 bytes and a call would cost as much. Every function returns the bytes written.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <mlrepro/core/order_key.hpp>

namespace mlrepro::detail::core {

enum ElementTag : unsigned char {
  kMissingTag,
  kBoolTag,
  kNaturalTag,
  kNegativeTag,
  kNumberTag,
  kTextTag,
  kInstantTag,
  kDurationTag
};

inline constexpr std::size_t kFixedElement = 17;  // the longest element that is no text

inline void store_u64(char* out, std::uint64_t v) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(out, &v, 8);
  } else {
    for (int i = 0; i < 8; ++i) out[i] = static_cast<char>(v >> (8 * i) & 0xff);
  }
}

inline std::uint32_t write_tagged(unsigned tag, std::uint64_t payload, char* out) noexcept {
  out[0] = static_cast<char>(tag);
  store_u64(out + 1, payload);
  return 9;
}
inline std::uint32_t write_missing(char* out) noexcept {
  out[0] = kMissingTag;
  return 1;
}
inline std::uint32_t write_bool(bool v, char* out) noexcept {
  out[0] = kBoolTag;
  out[1] = v ? 1 : 0;
  return 2;
}
inline std::uint32_t write_signed(std::int64_t v, char* out) noexcept {
  return write_tagged(kNaturalTag + static_cast<unsigned>(v < 0), static_cast<std::uint64_t>(v),
                      out);
}
inline std::uint32_t write_unsigned(std::uint64_t v, char* out) noexcept {
  return write_tagged(kNaturalTag, v, out);
}

struct DoubleBits {  // a double taken apart: value = mantissa * 2^(exponent - 1075)
  std::uint64_t bits;
  int exponent;
  std::uint64_t mantissa;
  explicit DoubleBits(std::uint64_t b) noexcept
      : bits(b),
        exponent(static_cast<int>(b >> 52 & 0x7ffU)),
        mantissa((b & 0xfffffffffffffU) | static_cast<std::uint64_t>(exponent != 0) << 52) {}
  bool is_nan() const noexcept { return exponent == 0x7ff && (bits << 12) != 0; }
  bool is_zero() const noexcept { return (bits << 1) == 0; }
  // Bits behind the binary point; under flush-to-zero `x == 0` holds for a subnormal, bits do not
  // lie.
  bool is_fraction() const noexcept {
    const int n_fraction_bits = std::clamp(1075 - exponent, 0, 63);
    return (mantissa & ((std::uint64_t{1} << n_fraction_bits) - 1)) != 0;
  }
};

// A double that is neither fraction nor NaN: an integer in [-2^63, 2^64) is that integer, larger
// ones and infinities are numbers of their own.
inline std::uint32_t write_whole(const DoubleBits& x, char* out) noexcept {
  if (x.is_zero()) return write_tagged(kNaturalTag, 0, out);
  const int shift = x.exponent - 1075;
  if (shift > 11) return write_tagged(kNumberTag, x.bits, out);
  const std::uint64_t magnitude = shift < 0 ? x.mantissa >> -shift : x.mantissa << shift;
  if ((x.bits & kSign64) == 0) return write_tagged(kNaturalTag, magnitude, out);
  if (magnitude > kSign64) return write_tagged(kNumberTag, x.bits, out);
  return write_tagged(kNegativeTag, ~magnitude + 1, out);
}

// A double by its bits; NaN of any payload is missing. One branch that real columns predict.
inline std::uint32_t write_double(std::uint64_t bits, char* out) noexcept {
  const DoubleBits x(bits);
  if (x.is_fraction()) return write_tagged(kNumberTag, bits, out);
  return x.is_nan() ? write_missing(out) : write_whole(x, out);
}

inline std::uint32_t write_float(std::uint32_t bits, char* out) noexcept {
  return write_double(widen_bits(bits), out);
}

inline std::uint32_t write_ticks(unsigned tag, std::int64_t ticks, std::uint64_t ns,
                                 char* out) noexcept {
  const auto value = static_cast<UInt128>(static_cast<Int128>(ticks) * static_cast<Int128>(ns));
  out[0] = static_cast<char>(tag);
  store_u64(out + 1, static_cast<std::uint64_t>(value));
  store_u64(out + 9, static_cast<std::uint64_t>(value >> 64));
  return 17;
}

}  // namespace mlrepro::detail::core
