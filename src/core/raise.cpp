// SPDX-License-Identifier: Apache-2.0
#include "core/raise.hpp"

#include <algorithm>
#include <vector>

#include "core/ref_object.hpp"

namespace mlrepro {

namespace {
struct HeldText final : detail::Ref::Object {
  HeldText(std::string_view error, detail::core::ErrorText text)
      : name(error), fields(std::move(text)) {
    what = fields.message;
    if (!fields.next_step.empty()) what += " " + fields.next_step;
  }
  std::string_view name;
  detail::core::ErrorText fields;
  std::string what;
};
const HeldText& held(const detail::Ref& ref) noexcept {
  return detail::object_of<HeldText>(ref);
}
}  // namespace

Error::Error(detail::Ref text) noexcept : text_(std::move(text)) {}
Error::Error(const Error&) noexcept = default;
Error& Error::operator=(const Error&) noexcept = default;
Error::~Error() = default;
const char* Error::what() const noexcept {
  return held(text_).what.c_str();
}
std::string_view Error::name() const noexcept {
  return held(text_).name;
}
std::string_view Error::column() const noexcept {
  return held(text_).fields.column;
}
RowIndex Error::example_row() const noexcept {
  return held(text_).fields.example_row;
}
std::string_view Error::next_step() const noexcept {
  return held(text_).fields.next_step;
}

#define MLREPRO_ERROR_MEMBERS(Name)                      \
  Name::Name(const Name&) noexcept = default;            \
  Name& Name::operator=(const Name&) noexcept = default; \
  Name::~Name() = default;
MLREPRO_ERROR_MEMBERS(SchemaError)
MLREPRO_ERROR_MEMBERS(ColumnNotFoundError)
MLREPRO_ERROR_MEMBERS(ArgumentError)
MLREPRO_ERROR_MEMBERS(InputTypeError)
MLREPRO_ERROR_MEMBERS(FileError)
MLREPRO_ERROR_MEMBERS(FormatError)
MLREPRO_ERROR_MEMBERS(JoinContractError)
MLREPRO_ERROR_MEMBERS(LeakError)
MLREPRO_ERROR_MEMBERS(LimitError)
MLREPRO_ERROR_MEMBERS(CancelledError)
#undef MLREPRO_ERROR_MEMBERS

}  // namespace mlrepro

namespace mlrepro::detail::core {

Ref error_ref(std::string_view name, ErrorText text) {
  return make_ref<HeldText>(name, std::move(text));
}

std::string with_commas(std::int64_t n) {
  std::string digits = std::to_string(n);
  const std::size_t first = n < 0 ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  if (text.size() <= kLongest) return "'" + std::string(text) + "'";
  std::size_t cut = kLongest;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80U)
    --cut;  // not inside a character
  return "'" + std::string(text.substr(0, cut)) + "...'";
}

std::string joined(std::span<const std::string_view> names, std::string_view separator) {
  std::string out;
  for (std::string_view name : names) {
    if (!out.empty()) out += separator;
    out += name;
  }
  return out;
}

std::string listed(std::span<const std::string_view> names) {
  constexpr std::size_t kMost = 20;
  if (names.size() <= kMost) return joined(names);
  return joined(names.first(kMost)) + " and " +
         with_commas(static_cast<std::int64_t>(names.size() - kMost)) + " more";
}

namespace {
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}
}  // namespace

std::string nearest(std::string_view wrong, std::span<const std::string_view> valid) {
  constexpr std::size_t kLongest = 64;
  if (wrong.size() > kLongest) return "";
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(wrong.size() < 3 ? 1 : 2, wrong.size() / 3) + 1;
  for (std::string_view name : valid) {
    if (name.size() > kLongest || (wrong.size() < 3 && name.size() < 2)) continue;
    const std::size_t distance = edit_distance(wrong, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best.empty() ? "" : "Did you mean " + in_quotes(best) + "?";
}

void raise_unknown_option(std::string_view argument, std::string_view wrong,
                          std::span<const std::string_view> valid) {
  std::string hint = nearest(wrong, valid);
  raise<ArgumentError>({.message = std::string(argument) + " " + in_quotes(wrong) +
                                   " is not one of " + joined(valid) + ".",
                        .next_step = hint.empty() ? "Use one of these." : hint});
}

}  // namespace mlrepro::detail::core
