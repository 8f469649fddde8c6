// SPDX-License-Identifier: Apache-2.0
#include "split/groups.hpp"

#include "core/cancel.hpp"
#include "core/raise.hpp"

namespace mlrepro::detail::split {
namespace {

// Open addressing on the low half of the hash (the high half decides parts); doubled at half full.
class Slots {
 public:
  explicit Slots(const std::vector<core::Hash128>& keys) : keys_(keys), slots_(1024, -1) {}
  std::int32_t* find(const core::Hash128& h) noexcept {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = h.low & mask;; i = (i + 1) & mask) {
      if (slots_[i] < 0 || keys_[static_cast<std::size_t>(slots_[i])] == h) return &slots_[i];
    }
  }
  void grow_if_full() {
    if (keys_.size() * 2 < slots_.size()) return;
    slots_.assign(slots_.size() * 4, -1);
    for (std::size_t g = 0; g < keys_.size(); ++g) *find(keys_[g]) = static_cast<std::int32_t>(g);
  }

 private:
  const std::vector<core::Hash128>& keys_;
  std::vector<std::int32_t> slots_;
};

}  // namespace

Groups group_rows(std::span<const core::Hash128> hashes, std::span<const std::uint8_t> missing) {
  Groups out;
  out.group_of_row.resize(hashes.size(), -1);
  Slots slots(out.key);
  for (std::size_t row = 0; row < hashes.size(); ++row) {
    core::check_cancelled_at(static_cast<RowIndex>(row));
    if (!missing.empty() && missing[row] != 0) continue;
    std::int32_t* slot = slots.find(hashes[row]);
    if (*slot < 0) {
      if (out.key.size() >= 0x7fffffffU) {
        core::raise<LimitError>({.message = "more than 2,147,483,647 groups.",
                                 .next_step = "Split by a coarser column."});
      }
      *slot = static_cast<std::int32_t>(out.key.size());
      out.group_of_row[row] = *slot;
      out.key.push_back(hashes[row]);
      out.n_rows.push_back(1);
      out.first_row.push_back(static_cast<RowIndex>(row));
      slots.grow_if_full();
    } else {
      out.group_of_row[row] = *slot;
      ++out.n_rows[static_cast<std::size_t>(*slot)];
    }
    ++out.n_grouped;
  }
  return out;
}

}  // namespace mlrepro::detail::split
