// SPDX-License-Identifier: Apache-2.0
// How far a long call is. While a ProgressHook lives, calls into mlrepro of the thread that made it
// tell the hook, on that thread, when a step begins, and at most every 50 ms how much of it is
// done. Telling changes no result.
#pragma once
#include <cstdint>
#include <string_view>

#include <mlrepro/core/ref.hpp>

namespace mlrepro {

// One may live inside another of the same thread; the innermost is told. Thread safety: none, like
// CancelHook.
class ProgressHook {
 public:
  // done of total parts; 0 of 0 where a step has no parts that are counted. step is borrowed for
  // the time of the call. What it throws ends the call.
  using Told = void (*)(void* context, std::string_view step, std::int64_t done,
                        std::int64_t total);
  MLREPRO_API explicit ProgressHook(Told told, void* context = nullptr);
  MLREPRO_API ~ProgressHook();
  ProgressHook(const ProgressHook&) = delete;
  ProgressHook& operator=(const ProgressHook&) = delete;

 private:
  detail::Ref state_;
};

}  // namespace mlrepro
