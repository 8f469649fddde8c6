// SPDX-License-Identifier: Apache-2.0
#include "core/progress.hpp"

#include <chrono>
#include <string>

#include "core/ref_object.hpp"

namespace mlrepro::detail::core {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kBetween = std::chrono::milliseconds(50);

class ProgressState;
thread_local ProgressState* listener = nullptr;

class ProgressState final : public Ref::Object {
 public:
  int regions = 0;  // that the thread is in

  ProgressState(ProgressHook::Told told, void* context) noexcept
      : told_(told), context_(context), outer_(listener) {}
  ProgressState* outer() const noexcept { return outer_; }

  void begin(std::string_view step, Parts parts) {
    step_ = step;
    parts_ = parts;
    next_ = Clock::now() + kBetween;
    told_(context_, step_, 0, 0);
  }
  bool counts_chunks() const noexcept { return parts_ == Parts::chunks; }
  void tell(std::int64_t done, std::int64_t total) {
    const Clock::time_point now = Clock::now();
    if (step_.empty() || now < next_) return;
    next_ = now + kBetween;
    told_(context_, step_, done, total);
  }

 private:
  ProgressHook::Told told_;
  void* context_;
  ProgressState* outer_;
  std::string step_{};
  Parts parts_ = Parts::own;
  Clock::time_point next_{};
};

ProgressState& state_of(const Ref& ref) noexcept {  // the hook's alone: nobody copies it
  return const_cast<ProgressState&>(object_of<ProgressState>(ref));
}

Ref install(ProgressHook::Told told, void* context) {
  Ref ref = make_ref<ProgressState>(told, context);
  listener = &state_of(ref);
  return ref;
}

}  // namespace

void begin_step(std::string_view name, Parts parts) {
  if (listener != nullptr) listener->begin(name, parts);
}
void tell_progress(std::int64_t done, std::int64_t total) {
  if (listener != nullptr) listener->tell(done, total);
}
ChunkTeller::ChunkTeller() noexcept {
  if (listener != nullptr) ++listener->regions;
}
ChunkTeller::~ChunkTeller() {
  if (listener != nullptr) --listener->regions;
}
void ChunkTeller::tell(std::int64_t done, std::int64_t total) {
  if (listener != nullptr && listener->regions == 1 && listener->counts_chunks())
    listener->tell(done, total);
}

}  // namespace mlrepro::detail::core

namespace mlrepro {

ProgressHook::ProgressHook(Told told, void* context)
    : state_(detail::core::install(told, context)) {}

ProgressHook::~ProgressHook() {
  detail::core::listener = detail::core::state_of(state_).outer();
}

}  // namespace mlrepro
