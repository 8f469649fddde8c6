// SPDX-License-Identifier: Apache-2.0
// An Arrow table goes in, a probe is asked, and the rows come out as Arrow without a copy.
#include <mlrepro/interop/arrow.hpp>
#include <mlrepro/mlrepro.hpp>

#include <iostream>

namespace mr = mlrepro;

arrow::Result<std::shared_ptr<arrow::Table>> make_table() {
  arrow::Int64Builder trip;
  arrow::BooleanBuilder late;
  for (std::int64_t i = 0; i < 1000; ++i) {
    ARROW_RETURN_NOT_OK(i % 8 == 0 ? trip.AppendNull() : trip.Append(i % 60));
    ARROW_RETURN_NOT_OK(late.Append(i % 8 == 0));
  }
  ARROW_ASSIGN_OR_RAISE(const auto trips, trip.Finish());
  ARROW_ASSIGN_OR_RAISE(const auto lates, late.Finish());
  return arrow::Table::Make(
      arrow::schema({arrow::field("trip", arrow::int64()), arrow::field("late", arrow::boolean())}),
      {trips, lates});
}

arrow::Status run() {
  ARROW_ASSIGN_OR_RAISE(const auto table, make_table());
  const mr::Dataset rows = mr::interop::from_arrow(table, {.label = "late"});
  const mr::Tree tree =
      mr::DecisionTreeProbe({.max_depth = 1}).fit(rows, mr::Target::column("label"));
  std::cout << tree.to_text();
  ARROW_ASSIGN_OR_RAISE(const auto reader, mr::interop::to_arrow(rows));
  ARROW_ASSIGN_OR_RAISE(const auto back, reader->ToTable());
  std::cout << "same table: " << back->Equals(*table) << '\n';
  return arrow::Status::OK();
}

int main() {
  const arrow::Status status = run();
  if (!status.ok()) std::cerr << status.ToString() << '\n';
  return status.ok() ? 0 : 1;
}
