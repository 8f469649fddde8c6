// SPDX-License-Identifier: Apache-2.0
#include "core/exact_integer.hpp"

#include <algorithm>

namespace mlrepro::detail::core {

ExactInteger::ExactInteger(std::uint64_t value)
    : digits_{static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32)} {
  trim();
}

ExactInteger ExactInteger::from_limbs(std::span<const std::int64_t> limbs) {
  ExactInteger out;
  out.negative_ = !limbs.empty() && limbs.back() < 0;
  std::int64_t carry = 0;
  for (const std::int64_t limb : limbs) {
    const std::int64_t value = (out.negative_ ? -limb : limb) + carry;
    out.digits_.push_back(static_cast<std::uint32_t>(value & 0xffffffff));
    carry = value >> 32;
  }
  out.digits_.push_back(static_cast<std::uint32_t>(carry));
  out.trim();
  return out;
}

void ExactInteger::trim() noexcept {
  while (!digits_.empty() && digits_.back() == 0) digits_.pop_back();
  if (digits_.empty()) negative_ = false;
}

int ExactInteger::compare(const ExactInteger& a, const ExactInteger& b) noexcept {
  if (a.digits_.size() != b.digits_.size()) return a.digits_.size() < b.digits_.size() ? -1 : 1;
  for (std::size_t i = a.digits_.size(); i-- > 0;) {
    if (a.digits_[i] != b.digits_[i]) return a.digits_[i] < b.digits_[i] ? -1 : 1;
  }
  return 0;
}

std::vector<std::uint32_t> ExactInteger::sum(const ExactInteger& a, const ExactInteger& b) {
  std::vector<std::uint32_t> out(std::max(a.digits_.size(), b.digits_.size()) + 1);
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    carry += (i < a.digits_.size() ? a.digits_[i] : 0U);
    carry += (i < b.digits_.size() ? b.digits_[i] : 0U);
    out[i] = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
  return out;
}

std::vector<std::uint32_t> ExactInteger::difference(const ExactInteger& a, const ExactInteger& b) {
  std::vector<std::uint32_t> out(a.digits_.size());
  std::int64_t borrow = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    borrow += std::int64_t{a.digits_[i]} - (i < b.digits_.size() ? std::int64_t{b.digits_[i]} : 0);
    out[i] = static_cast<std::uint32_t>(borrow & 0xffffffff);
    borrow >>= 32;
  }
  return out;
}

ExactInteger ExactInteger::operator-(const ExactInteger& other) const {
  ExactInteger out;
  if (negative_ != other.negative_) {
    out.digits_ = sum(*this, other);
    out.negative_ = negative_;
  } else if (compare(*this, other) >= 0) {
    out.digits_ = difference(*this, other);
    out.negative_ = negative_;
  } else {
    out.digits_ = difference(other, *this);
    out.negative_ = !negative_;
  }
  out.trim();
  return out;
}

ExactInteger ExactInteger::operator*(const ExactInteger& other) const {
  ExactInteger out;
  out.digits_.assign(digits_.size() + other.digits_.size() + 1, 0);
  for (std::size_t i = 0; i < digits_.size(); ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < other.digits_.size(); ++j) {
      carry += std::uint64_t{digits_[i]} * other.digits_[j] + out.digits_[i + j];
      out.digits_[i + j] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    out.digits_[i + other.digits_.size()] = static_cast<std::uint32_t>(carry);
  }
  out.negative_ = negative_ != other.negative_;
  out.trim();
  return out;
}

double ExactInteger::round_divided(UInt128 divisor, int exponent) const {
  // Long division, most significant digit first; zeros are brought down until 64 quotient bits are
  // known.
  UInt128 quotient = 0;
  UInt128 rest = 0;
  bool sticky = false;
  std::size_t next = digits_.size();
  while (next > 0 || (rest != 0 && bit_width(quotient) < 64)) {
    const std::uint32_t digit = next > 0 ? digits_[next - 1] : 0;
    next > 0 ? static_cast<void>(--next) : static_cast<void>(exponent -= 32);
    for (int bit = 31; bit >= 0; --bit) {
      const bool carry = (rest >> 127) != 0;
      rest = (rest << 1) | ((digit >> bit) & 1U);
      const bool one = carry || rest >= divisor;
      if (one) rest -= divisor;
      if (bit_width(quotient) < 96) {
        quotient = (quotient << 1) | (one ? 1U : 0U);
      } else {  // enough bits: what follows only breaks ties
        ++exponent;
        sticky = sticky || one;
      }
    }
  }
  return to_double(quotient, exponent, sticky || rest != 0, negative_);
}

}  // namespace mlrepro::detail::core
