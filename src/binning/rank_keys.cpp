// SPDX-License-Identifier: Apache-2.0
#include "binning/rank_keys.hpp"

#include <algorithm>
#include <bit>

#include "core/cancel.hpp"

namespace mlrepro::detail::binning {
namespace {

constexpr int kFirstBits = 16, kMoreBits = 8;
// The slot of keys that share no rank's bits; there are 254 ranks at most.
constexpr std::uint8_t kNone = 254;

// Slots by (slot one level up, next bits of the key).
template <class Key>
struct Level {
  int shift, bits;
  std::vector<std::uint8_t> slot;
  std::size_t at(std::size_t up, Key from_least) const noexcept {
    const auto next =
        static_cast<Key>(from_least >> shift) & static_cast<Key>((Key{1} << bits) - 1);
    return up << bits | static_cast<std::size_t>(next);
  }
};

template <class Key>
class RankFinder {
 public:
  RankFinder(std::span<const Key> keys, Key least, Key most, std::span<const std::uint64_t> ranks)
      : keys_(keys), least_(least) {
    bits_left_ = static_cast<int>(std::bit_width(static_cast<Key>(most - least)));
    for (const std::uint64_t rank : ranks) wanted_.push_back({0, rank, 0});
  }

  std::vector<Key> run() {
    constexpr std::size_t kFew = 4096;
    descend(kFirstBits);
    while (bits_left_ > 0 && keys_.size() > kFew) descend(kMoreBits);
    std::vector<Key> out;
    if (bits_left_ == 0) {  // the bits of a slot are its key
      for (const Wanted& w : wanted_) out.push_back(static_cast<Key>(least_ + w.high));
      return out;
    }
    std::sort(kept_.begin(), kept_.end());
    for (const Wanted& w : wanted_) out.push_back(kept_[w.before + w.rank - 1]);
    return out;
  }

 private:
  struct Wanted {          // a rank
    std::uint8_t slot;     // that its key is in
    std::uint64_t rank;    // among the slot's keys
    Key high;              // bits that the slot's keys share
    std::size_t before{};  // kept keys of the slots below
  };

  // Calls body(slot of a key less least_), made for the number of levels.
  template <class Body>
  void with_slots(const Body& body) const {
    if (levels_.empty()) {
      body([](Key) noexcept { return std::size_t{0}; });
    } else if (levels_.size() == 1) {
      body([&first = levels_.front()](Key key) noexcept {
        return static_cast<std::size_t>(first.slot[first.at(0, key)]);
      });
    } else {
      body([this](Key key) noexcept {
        std::size_t slot = 0;
        for (const Level<Key>& level : levels_) slot = level.slot[level.at(slot, key)];
        return slot;
      });
    }
  }

  // Counts the next bits of the keys that share those above with a rank, and keeps those that share
  // them too.
  void descend(int most_bits) {
    const int bits = std::min(most_bits, bits_left_);
    Level<Key> level{bits_left_ - bits, bits, {}};
    std::vector<std::uint32_t> count(std::size_t{levels_.empty() ? std::uint8_t{1} : kNone}
                                     << bits);
    with_slots([&](const auto& slot_of) {
      for (const Key key : keys_) {
        const auto from_least = static_cast<Key>(key - least_);
        ++count[level.at(slot_of(from_least), from_least)];
      }
    });
    check_cancelled();
    level.slot.assign(count.size(), kNone);
    const std::size_t n_kept = give_slots(count, level);
    bits_left_ -= bits;
    levels_.push_back(std::move(level));
    if (bits_left_ > 0) keep(n_kept);
  }

  // Ranks ascend, and so do their slots: one walk over the counts finds all. Returns how many keys
  // have a slot.
  std::size_t give_slots(const std::vector<std::uint32_t>& count, Level<Key>& level) {
    std::vector<Wanted> next;
    std::uint8_t n_slots = 0;
    std::size_t n_kept = 0;
    for (std::size_t k = 0; k < wanted_.size();) {
      const Wanted up = wanted_[k];
      std::uint64_t before = 0;
      for (std::size_t bits = 0; k < wanted_.size() && wanted_[k].slot == up.slot; ++bits) {
        const std::size_t at = static_cast<std::size_t>(up.slot) << level.bits | bits;
        const std::size_t first = k;
        for (; k < wanted_.size() && wanted_[k].slot == up.slot &&
               wanted_[k].rank <= before + count[at];
             ++k) {
          next.push_back({n_slots, wanted_[k].rank - before,
                          static_cast<Key>(up.high << level.bits | static_cast<Key>(bits)),
                          n_kept});
        }
        if (k > first) {
          level.slot[at] = n_slots++;
          n_kept += count[at];
        }
        before += count[at];
      }
    }
    wanted_ = std::move(next);
    return n_kept;
  }

  void keep(std::size_t n_kept) {
    std::vector<Key> kept(n_kept + 1);  // one more: every key is written, and counted if it stays
    std::size_t n = 0;
    with_slots([&](const auto& slot_of) {
      for (const Key key : keys_) {
        kept[n] = key;
        n += slot_of(static_cast<Key>(key - least_)) != kNone ? 1 : 0;
      }
    });
    check_cancelled();
    kept.resize(n_kept);
    kept_ = std::move(kept);
    keys_ = kept_;
  }

  std::span<const Key> keys_;  // that share their bits with a rank
  Key least_;
  int bits_left_ = 0;
  std::vector<Key> kept_{};
  std::vector<Wanted> wanted_{};
  std::vector<Level<Key>> levels_{};
};

}  // namespace

template <class Key>
std::vector<Key> keys_at_ranks(std::span<const Key> keys, Key least, Key most,
                               std::span<const std::uint64_t> ranks) {
  return RankFinder<Key>(keys, least, most, ranks).run();
}

template std::vector<std::uint32_t> keys_at_ranks(std::span<const std::uint32_t>, std::uint32_t,
                                                  std::uint32_t, std::span<const std::uint64_t>);
template std::vector<std::uint64_t> keys_at_ranks(std::span<const std::uint64_t>, std::uint64_t,
                                                  std::uint64_t, std::span<const std::uint64_t>);

}  // namespace mlrepro::detail::binning
