// SPDX-License-Identifier: Apache-2.0
// What stands behind a detail::Ref: counted, immutable once shared, destroyed through its base.
#pragma once
#include <atomic>
#include <cstdint>
#include <utility>

#include <mlrepro/core/ref.hpp>

namespace mlrepro::detail {

struct Ref::Object {
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;
  mutable std::atomic<std::int64_t> count{1};
};

template <class T, class... Args>
Ref make_ref(Args&&... args) {
  return Ref(new T(std::forward<Args>(args)...));
}
template <class T>
const T& object_of(const Ref& ref) noexcept {
  return static_cast<const T&>(*ref.get());
}

}  // namespace mlrepro::detail
