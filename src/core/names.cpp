// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/names.hpp>

#include <cstdint>
#include <cstring>

namespace mlrepro {

namespace {
constexpr std::size_t kHead = sizeof(std::uint64_t);
std::size_t length_at(const std::string& packed, std::size_t at) noexcept {
  std::uint64_t length = 0;
  std::memcpy(&length, packed.data() + at, kHead);
  return static_cast<std::size_t>(length);
}
}  // namespace

void Names::add(std::string_view name) {
  const std::uint64_t length = name.size();
  char head[kHead];
  std::memcpy(head, &length, kHead);
  packed_.append(head, kHead);
  packed_.append(name);
}

int Names::size() const noexcept {
  int n = 0;
  for (std::size_t at = 0; at < packed_.size(); at += kHead + length_at(packed_, at)) ++n;
  return n;
}

std::string_view Names::operator[](int i) const noexcept {
  std::size_t at = 0;
  for (; i > 0 && at < packed_.size(); --i) at += kHead + length_at(packed_, at);
  if (at >= packed_.size()) return {};
  return std::string_view(packed_).substr(at + kHead, length_at(packed_, at));
}

bool Names::contains(std::string_view name) const noexcept {
  for (std::size_t at = 0; at < packed_.size(); at += kHead + length_at(packed_, at)) {
    if (std::string_view(packed_).substr(at + kHead, length_at(packed_, at)) == name) return true;
  }
  return false;
}

}  // namespace mlrepro
