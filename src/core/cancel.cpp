// SPDX-License-Identifier: Apache-2.0
#include "core/cancel.hpp"

#include <chrono>
#include <exception>
#include <thread>

#include "core/raise.hpp"
#include "core/ref_object.hpp"

namespace mlrepro::detail::core {

using Clock = std::chrono::steady_clock;

constexpr auto kBetweenAsks = std::chrono::milliseconds(50);

class CancelState final : public Ref::Object {
 public:
  CancelState(CancelHook::Asked asked, void* context, CancelState* outer) noexcept
      : asked_(asked), context_(context), outer_(outer) {}

  // Ends the call if it was stopped; asks first if this is the owner and it is time.
  void check() {
    if (std::this_thread::get_id() == owner_ && !stopped()) ask_if_due();
    if (stopped()) rethrow();
  }
  bool stopped() const noexcept { return stopped_.load(std::memory_order_acquire); }
  bool is_owner() const noexcept { return std::this_thread::get_id() == owner_; }
  CancelState* outer() const noexcept { return outer_; }

  void ask_if_due() noexcept {
    const Clock::time_point now = Clock::now();
    if (now < next_ask_) return;
    try {
      if (asked_(context_)) {
        raise<CancelledError>({.message = "the call was stopped by its cancel hook.",
                               .next_step = "Call again for a result; the inputs are unchanged."});
      }
    } catch (...) {
      why_ = std::current_exception();
      stopped_.store(true, std::memory_order_release);
    }
    next_ask_ = Clock::now() + kBetweenAsks;
  }

  void rethrow() const {
    if (!is_owner()) throw Stopped{};  // the owner's exception may be tied to its thread
    std::rethrow_exception(why_);
  }

 private:
  struct Stopped {};  // never leaves a region: its caller rethrows
  CancelHook::Asked asked_;
  void* context_;
  CancelState* outer_;
  std::thread::id owner_ = std::this_thread::get_id();
  Clock::time_point next_ask_ = Clock::now() + kBetweenAsks;
  std::exception_ptr why_;
  std::atomic<bool> stopped_{false};
};

namespace {

thread_local CancelState* current = nullptr;

CancelState& state_of(const Ref& ref) noexcept {  // the hook's alone: nobody copies it
  return const_cast<CancelState&>(object_of<CancelState>(ref));
}

Ref install(CancelHook::Asked asked, void* context) {
  Ref ref = make_ref<CancelState>(asked, context, current);
  current = &state_of(ref);
  return ref;
}

}  // namespace

CancelState* current_cancel() noexcept {
  return current;
}
bool is_cancelled(const CancelState* state) noexcept {
  return state != nullptr && state->stopped();
}
void rethrow_cancelled(const CancelState* state) {
  if (is_cancelled(state)) state->rethrow();
}

void Crew::enter() noexcept {
  const std::lock_guard lock(mutex_);
  ++inside_;
}

void Crew::leave() noexcept {
  std::unique_lock lock(mutex_);
  if (--inside_ == 0) left_.notify_all();
  if (cancel_ == nullptr || !cancel_->is_owner()) return;
  while (inside_ > 0) {
    left_.wait_for(lock, kBetweenAsks);
    if (inside_ == 0 || cancel_->stopped()) continue;
    lock.unlock();  // the hook may take a while, and the others must get out
    cancel_->ask_if_due();
    lock.lock();
  }
}

CrewMember::CrewMember(Crew& crew) noexcept : crew_(crew), before_(current) {
  current = crew.cancel();
  crew_.enter();
}

CrewMember::~CrewMember() {
  crew_.leave();
  current = before_;
}

}  // namespace mlrepro::detail::core

namespace mlrepro {

using detail::core::current;

CancelHook::CancelHook(Asked asked, void* context)
    : state_(detail::core::install(asked, context)) {}

CancelHook::CancelHook(const std::atomic<bool>& stop)
    : CancelHook(
          [](void* flag) {
            return static_cast<const std::atomic<bool>*>(flag)->load(std::memory_order_relaxed);
          },
          const_cast<std::atomic<bool>*>(&stop)) {}

CancelHook::~CancelHook() {
  current = detail::core::state_of(state_).outer();
}

void check_cancelled() {
  if (current != nullptr) current->check();
}

}  // namespace mlrepro
