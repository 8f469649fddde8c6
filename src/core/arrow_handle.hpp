// SPDX-License-Identifier: Apache-2.0
// Owns one struct of the Arrow C interface and releases it once, on every path.
#pragma once
#include <mlrepro/core/arrow_abi.hpp>

namespace mlrepro::detail::core {

template <class T>
class ArrowHandle {
 public:
  ArrowHandle() noexcept = default;
  explicit ArrowHandle(T* from) noexcept : raw_(*from) {
    from->release = nullptr;
  }  // moves, as the interface defines it
  ArrowHandle(ArrowHandle&& other) noexcept : ArrowHandle(&other.raw_) {}
  ArrowHandle& operator=(ArrowHandle&&) = delete;
  ~ArrowHandle() {
    if (raw_.release != nullptr) raw_.release(&raw_);
  }
  T* get() noexcept { return &raw_; }
  const T* get() const noexcept { return &raw_; }
  T* operator->() noexcept { return &raw_; }
  const T* operator->() const noexcept { return &raw_; }
  bool is_released() const noexcept { return raw_.release == nullptr; }

 private:
  T raw_{};
};

}  // namespace mlrepro::detail::core
