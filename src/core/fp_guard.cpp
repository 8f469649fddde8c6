// SPDX-License-Identifier: Apache-2.0
// Out of line on purpose: the compiler moves floating-point work across an inlined control-register
// write, but not (as it cannot see in) across a call.
#include "core/fp_guard.hpp"

#if defined(__x86_64__) || defined(__i386__)
#include <xmmintrin.h>
#elif !defined(__aarch64__)
#include <cfenv>
#endif

namespace mlrepro::detail::core {
namespace {

#if defined(__x86_64__) || defined(__i386__)
constexpr std::uint64_t kDefault =
    0x1f80;  // MXCSR: all exceptions masked, round to nearest, FTZ and DAZ off
std::uint64_t read_control() noexcept {
  return _mm_getcsr();
}
void write_control(std::uint64_t bits) noexcept {
  _mm_setcsr(static_cast<unsigned>(bits));
}
#elif defined(__aarch64__)
constexpr std::uint64_t kDefault = 0;  // FPCR
std::uint64_t read_control() noexcept {
  std::uint64_t bits = 0;
  __asm__ volatile("mrs %0, fpcr" : "=r"(bits));
  return bits;
}
void write_control(std::uint64_t bits) noexcept {
  __asm__ volatile("msr fpcr, %0" : : "r"(bits));
}
#else
constexpr std::uint64_t kDefault = FE_TONEAREST;
std::uint64_t read_control() noexcept {
  return static_cast<std::uint64_t>(std::fegetround());
}
void write_control(std::uint64_t bits) noexcept {
  std::fesetround(static_cast<int>(bits));
}
#endif

}  // namespace

FpGuard::FpGuard() noexcept : saved_(read_control()) {
  if (saved_ != kDefault) write_control(kDefault);
}

FpGuard::~FpGuard() {
  if (read_control() != saved_) write_control(saved_);
}

}  // namespace mlrepro::detail::core
