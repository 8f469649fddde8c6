// SPDX-License-Identifier: Apache-2.0
#include "core/ref_object.hpp"

namespace mlrepro::detail {

namespace {
void retain(const Ref::Object* object) noexcept {
  if (object != nullptr) object->count.fetch_add(1, std::memory_order_relaxed);
}
void release(const Ref::Object* object) noexcept {
  if (object != nullptr && object->count.fetch_sub(1, std::memory_order_acq_rel) == 1)
    delete object;
}
}  // namespace

Ref::Ref(const Ref& other) noexcept : object_(other.object_) {
  retain(object_);
}
Ref& Ref::operator=(const Ref& other) noexcept {
  retain(other.object_);
  release(object_);
  object_ = other.object_;
  return *this;
}
Ref::~Ref() {
  release(object_);
}

}  // namespace mlrepro::detail
