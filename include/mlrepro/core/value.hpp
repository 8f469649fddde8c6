// SPDX-License-Identifier: Apache-2.0
// One cell or one key: 24 bytes, trivially copyable, borrows its text. Floats are kept as raw bits,
// so that nothing here depends on the floating-point flags of the code that includes it. Thread
// safety: immutable; what it borrows must outlive it.
#pragma once
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include <mlrepro/core/export.hpp>
#include <mlrepro/fwd.hpp>

namespace mlrepro {

namespace detail {
template <class T, class... U>
concept OneOf = (std::same_as<T, U> || ...);
template <class T>
concept Text = std::is_convertible_v<const T&, std::string_view> && !OneOf<T, std::nullptr_t>;
template <class T>
concept Integer = std::integral<T> && sizeof(T) <= 8 &&
                  !OneOf<T, bool, char, wchar_t, char8_t, char16_t, char32_t>;
template <class T>
concept Element = Integer<T> || OneOf<T, bool, float, double, std::string_view>;
}  // namespace detail

enum class ValueClass : std::uint8_t {
  missing,
  boolean,
  number,
  text,
  date,
  timestamp,
  local_timestamp,
  duration
};
enum class TimeUnit : std::uint8_t { second, milli, micro, nano };

MLREPRO_API std::string_view to_string(ValueClass value_class) noexcept;
MLREPRO_API std::string_view to_string(TimeUnit unit) noexcept;  // "s" "ms" "us" "ns"

class Value {
 public:
  enum class NumberForm : std::uint8_t { unsigned_integer, signed_integer, binary64, binary32 };

  constexpr Value() noexcept = default;  // missing
  Value(std::nullptr_t) = delete;
  template <std::same_as<bool> T>
  constexpr Value(T v) noexcept : bits_(v), class_(ValueClass::boolean) {}
  template <detail::Integer T>
  constexpr Value(T v) noexcept
      : bits_(static_cast<std::uint64_t>(v)),
        class_(ValueClass::number),
        form_(std::is_signed_v<T>) {}
  template <std::same_as<double> T>
  constexpr Value(T v) noexcept
      : bits_(std::bit_cast<std::uint64_t>(v)), class_(ValueClass::number), form_(2) {}
  template <std::same_as<float> T>
  constexpr Value(T v) noexcept
      : bits_(std::bit_cast<std::uint32_t>(v)), class_(ValueClass::number), form_(3) {}
  template <detail::Text T>
  constexpr Value(const T& v) noexcept : Value(std::string_view(v), ValueClass::text) {}
  template <std::same_as<std::string> T>
  Value(T&&) = delete;  // a temporary string would dangle

  static constexpr Value date(std::int32_t days) noexcept {
    return time(ValueClass::date, days, TimeUnit::second);
  }
  static constexpr Value timestamp(std::int64_t ticks,
                                   TimeUnit unit) noexcept {  // an instant: a zone is known
    return time(ValueClass::timestamp, ticks, unit);
  }
  static constexpr Value local_timestamp(std::int64_t ticks,
                                         TimeUnit unit) noexcept {  // a wall time without zone
    return time(ValueClass::local_timestamp, ticks, unit);
  }
  static constexpr Value duration(std::int64_t ticks, TimeUnit unit) noexcept {
    return time(ValueClass::duration, ticks, unit);
  }

  constexpr ValueClass value_class() const noexcept { return class_; }
  constexpr NumberForm number_form() const noexcept {
    return static_cast<NumberForm>(form_);
  }                                                                                  // of a number
  constexpr TimeUnit unit() const noexcept { return static_cast<TimeUnit>(form_); }  // of a time
  constexpr std::uint64_t bits() const noexcept {
    return bits_;
  }  // integer, IEEE bits, days, ticks; 0/1 of a bool
  constexpr std::string_view text() const noexcept {
    return class_ == ValueClass::text ? std::string_view(text_, bits_) : std::string_view();
  }
  constexpr bool is_nan() const noexcept {
    if (class_ != ValueClass::number) return false;
    if (form_ == 2) return (bits_ & 0x7fffffffffffffffU) > 0x7ff0000000000000U;
    return form_ == 3 && (bits_ & 0x7fffffffU) > 0x7f800000U;
  }
  constexpr bool is_missing() const noexcept { return class_ == ValueClass::missing || is_nan(); }

 private:
  constexpr Value(std::string_view v, ValueClass c) noexcept
      : bits_(v.size()), text_(v.data()), class_(c) {}
  static constexpr Value time(ValueClass c, std::int64_t ticks, TimeUnit unit) noexcept {
    Value v;
    v.bits_ = static_cast<std::uint64_t>(ticks);
    v.class_ = c;
    v.form_ = static_cast<std::uint8_t>(unit);
    return v;
  }

  std::uint64_t bits_ = 0;
  const char* text_ = nullptr;
  ValueClass class_ = ValueClass::missing;
  std::uint8_t form_ = 0;
};
static_assert(sizeof(Value) == 24 && std::is_trivially_copyable_v<Value>);

inline constexpr Value missing{};

struct Field {  // a column as a service sees it: its name, and the class of value it takes
  std::string_view name;
  ValueClass value_class;
};

}  // namespace mlrepro
