// SPDX-License-Identifier: Apache-2.0
// Sorts over all rows that stop when the call is cancelled: every 65,536 comparisons they ask. What
// is being sorted must be thrown away on an exception. `order` of cancellable_sort is total, as
// everywhere (TOTAL_ORDERS in tests/python/test_codebase.py).
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>

#include "core/cancel.hpp"

namespace mlrepro::detail::core {

template <class Order>
class AskingOrder {  // passed by reference, so that the copies a sort makes share one count
 public:
  explicit AskingOrder(Order order) : order_(order) {}
  AskingOrder(const AskingOrder&) = delete;
  AskingOrder& operator=(const AskingOrder&) = delete;
  template <class T>
  bool operator()(const T& a, const T& b) {
    check_cancelled_at(++n_compared_);
    return order_(a, b);
  }

 private:
  Order order_;
  std::int64_t n_compared_ = 0;
};

template <class Iterator, class Order>
void cancellable_sort(Iterator begin, Iterator end, Order order) {
  AskingOrder<Order> asking(order);
  std::sort(begin, end, std::ref(asking));
}

template <class Iterator, class Order>
void cancellable_stable_sort(Iterator begin, Iterator end, Order order) {
  AskingOrder<Order> asking(order);
  std::stable_sort(begin, end, std::ref(asking));
}

}  // namespace mlrepro::detail::core
