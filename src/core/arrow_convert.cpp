// SPDX-License-Identifier: Apache-2.0
// Types that a Dataset holds as another type, if no value changes by it: date64 (whole days) as
// date, decimals (whole numbers within int64) as int64.
#include <array>
#include <limits>

#include "core/arrow_parts.hpp"
#include "core/cancel.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::core {
namespace {

template <class T, class Read>
Buffer converted(std::span<const ArrowChunk> chunks, Read read) {
  std::vector<T> out(static_cast<std::size_t>(total_length(chunks)));
  std::size_t row = 0;
  for (const ArrowChunk& chunk : chunks) {
    for (std::int64_t i = 0; i < chunk.length; ++i, ++row) {
      check_cancelled_at(i);
      if (is_present(chunk, i)) out[row] = read(chunk, i);
    }
  }
  return Buffer::of(std::move(out));
}

[[noreturn]] void refuse_cell(const ArrowField& field, RowIndex row, const std::string& what,
                              const std::string& next) {
  raise<InputTypeError>({.message = "column " + in_quotes(field.name) + " " + what + " (row " +
                                    std::to_string(row) + ").",
                         .column = field.name,
                         .example_row = row,
                         .next_step = next});
}

// A two's complement integer of up to 256 bits as sign and magnitude, so that it can be divided by
// ten.
struct Wide {
  std::array<std::uint64_t, 4> limbs{};
  bool negative = false;

  Wide(const std::byte* bytes, int width) noexcept {
    negative = (std::to_integer<unsigned>(bytes[width - 1]) & 0x80) != 0;
    limbs.fill(negative ? ~std::uint64_t{0} : 0);
    std::memcpy(limbs.data(), bytes, static_cast<std::size_t>(width));
    if (!negative) return;
    std::uint64_t carry = 1;
    for (std::uint64_t& limb : limbs) {
      limb = ~limb + carry;
      carry = carry != 0 && limb == 0;
    }
  }
  unsigned divide_by_ten() noexcept {  // 32 bits a step: the dividend stays below 2^36; returns the
                                       // remainder
    std::uint64_t rest = 0;
    for (std::size_t k = 4; k-- > 0;) {
      const std::uint64_t high = (rest << 32) | (limbs[k] >> 32);
      const std::uint64_t low = ((high % 10) << 32) | (limbs[k] & 0xffffffffU);
      limbs[k] = ((high / 10) << 32) | (low / 10);
      rest = low % 10;
    }
    return static_cast<unsigned>(rest);
  }
  bool multiply_by_ten() noexcept {  // false: it does not fit the lowest limb, which is all that is
                                     // asked of it
    if (limbs[0] > std::numeric_limits<std::uint64_t>::max() / 10) return false;
    limbs[0] *= 10;
    return true;
  }
  bool to_int64(std::int64_t* out) const noexcept {
    constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
    if ((limbs[1] | limbs[2] | limbs[3]) != 0 || limbs[0] > kTop - (negative ? 0 : 1)) return false;
    *out = static_cast<std::int64_t>(negative ? ~limbs[0] + 1 : limbs[0]);
    return true;
  }
};

}  // namespace

Buffer read_date64(const ArrowField& field, std::span<const ArrowChunk> chunks) {
  constexpr std::int64_t kDay = 86'400'000;
  return converted<std::int32_t>(chunks, [&](const ArrowChunk& chunk, std::int64_t i) {
    const auto ms = load<std::int64_t>(buffer_of(field, chunk, 1), chunk.offset + i);
    const std::int64_t days = ms / kDay;
    if (days * kDay != ms || days != static_cast<std::int32_t>(days)) {
      refuse_cell(field, chunk.first_row + i, "is date64 with a time of day or beyond the calendar",
                  "Cast it to timestamp first.");
    }
    return static_cast<std::int32_t>(days);
  });
}

Buffer read_decimals(const ArrowField& field, std::span<const ArrowChunk> chunks) {
  return converted<std::int64_t>(chunks, [&](const ArrowChunk& chunk, std::int64_t i) {
    const auto* values = static_cast<const std::byte*>(buffer_of(field, chunk, 1));
    Wide wide(values + (chunk.offset + i) * field.width, field.width);
    std::int64_t value = 0;
    bool whole = true, fits = true;
    for (int k = 0; k < field.scale && whole; ++k) whole = wide.divide_by_ten() == 0;
    if (field.scale < 0) fits = wide.to_int64(&value);
    for (int k = 0; k > field.scale && fits; --k) fits = wide.multiply_by_ten();
    if (!whole || !fits || !wide.to_int64(&value)) {
      refuse_cell(field, chunk.first_row + i,
                  std::string("is ") + field.arrow_type +
                      (whole ? " beyond the range of int64" : " and holds a fraction"),
                  "Cast it to float64 first, or multiply it to whole units.");
    }
    return value;
  });
}

}  // namespace mlrepro::detail::core
