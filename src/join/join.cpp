// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/join/join.hpp>

#include "core/fp_guard.hpp"
#include "core/ref_object.hpp"
#include "join/report.hpp"

namespace mlrepro {

namespace detail::join {
namespace {
struct JoinResult final : Ref::Object {
  JoinResult(std::string report, Dataset violating)
      : report_json(std::move(report)), violations(std::move(violating)) {}
  std::string report_json;
  Dataset violations;
};
}  // namespace
}  // namespace detail::join

std::string JoinedDataset::report_json() const {
  return detail::object_of<detail::join::JoinResult>(result_).report_json;
}

Dataset JoinedDataset::violations() const {
  return detail::object_of<detail::join::JoinResult>(result_).violations;
}

JoinedDataset join(const Dataset& left, const Dataset& right, const JoinOptions& options) {
  namespace dj = detail::join;
  const detail::core::FpGuard guard;
  const detail::core::Table& l = detail::core::table_of(left);
  const detail::core::Table& r = detail::core::table_of(right);
  const dj::Request request = dj::read_request(l, r, options);
  const dj::Layout layout = dj::lay_out(l, r, request);
  const dj::Keys keys = dj::keys_of(l, r, request);
  const dj::Matches matches(keys, request);
  const dj::ContractCheck check = dj::check_contract(l, r, keys, matches, request);
  const dj::RowPairs pairs = dj::pair_rows(matches, request);
  const Dataset rows = dj::joined_rows(l, layout, pairs, matches, request);
  std::string report =
      dj::report_json({l, r, left, keys, request, matches, check, layout, rows.n_rows()});
  return JoinedDataset(rows.ref(), detail::make_ref<dj::JoinResult>(
                                       std::move(report), dj::violating_rows(r, matches, request)));
}

}  // namespace mlrepro
