// SPDX-License-Identifier: Apache-2.0
// An opaque, counted handle: how objects of the library are held by code that was compiled with
// other flags. Copying is O(1) and thread-safe; the object behind it is immutable. Thread safety:
// as std::shared_ptr.
#pragma once
#include <mlrepro/core/export.hpp>

namespace mlrepro::detail {

class Ref {
 public:
  struct Object;
  Ref() noexcept = default;
  explicit Ref(const Object* object) noexcept : object_(object) {}  // takes over one count
  MLREPRO_API Ref(const Ref& other) noexcept;
  MLREPRO_API Ref& operator=(const Ref& other) noexcept;
  Ref(Ref&& other) noexcept : object_(other.object_) { other.object_ = nullptr; }
  Ref& operator=(Ref&& other) noexcept {
    const Object* taken = other.object_;
    other.object_ = object_;
    object_ = taken;
    return *this;
  }
  MLREPRO_API ~Ref();
  const Object* get() const noexcept { return object_; }

 private:
  const Object* object_ = nullptr;
};

}  // namespace mlrepro::detail
