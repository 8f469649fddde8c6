// SPDX-License-Identifier: Apache-2.0
// What a splitter is: a value that makes a Plan of a Dataset. Own splitters satisfy it by wrapping
// one of ours.
#pragma once
#include <concepts>

#include <mlrepro/split/plan.hpp>

namespace mlrepro::split {

template <class S>
concept Splitter = std::copy_constructible<S> &&
    requires(const S& splitter, const Dataset& dataset, int threads) {
  { splitter.plan(dataset) } -> std::same_as<Plan>;
  { splitter.plan(dataset, threads) } -> std::same_as<Plan>;
};

}  // namespace mlrepro::split
