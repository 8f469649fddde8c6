// SPDX-License-Identifier: Apache-2.0
// Every public computation on hostile tables, a line each: group, item, checksum of its bytes. What
// it prints must be expected.txt under every compiler, optimisation level, number of threads, level
// of SIMD, CPU and byte order, and whatever flags this file itself is compiled with: it makes its
// inputs from bits and does no arithmetic on floats. `--hostile` starts with flush-to-zero and with
// rounding upwards.
#include <mlrepro/mlrepro.hpp>

#include <array>
#include <bit>
#include <cfenv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace mr = mlrepro;

namespace {

constexpr std::size_t kRows = 4000;

void print(const char* group, std::string_view item, std::string_view bytes) {
  std::uint64_t sum = 0xcbf29ce484222325U;  // FNV-1a
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  std::printf("%s %.*s %016llx\n", group, static_cast<int>(item.size()), item.data(),
              static_cast<unsigned long long>(sum));
}

template <class T>
void print_values(const char* group, std::string_view item, const std::vector<T>& values) {
  std::string text;
  for (const T& v : values) {
    if constexpr (std::is_same_v<T, double>)
      text += std::to_string(std::bit_cast<std::uint64_t>(v)) + "\n";
    else
      text += std::to_string(v) + "\n";
  }
  print(group, item, text);
}

double from_bits(std::uint64_t bits) {
  return std::bit_cast<double>(bits);
}

// A number in [0, 2), by its bits: sign and exponent 0, 52 random bits behind the point, or the
// neighbours that arithmetic would confuse.
double hostile(std::uint64_t random) {
  constexpr std::uint64_t kSpecial[] = {0,
                                        0x8000000000000000U,   // -0.0
                                        1,                     // 5e-324
                                        0x000fffffffffffffU,   // the largest subnormal
                                        0x7ff8000000000000U,   // NaN
                                        0xfff8000000000123U,   // NaN with a payload
                                        0x7ff0000000000000U,   // inf
                                        0xfff0000000000000U,   // -inf
                                        0x4340000000000000U,   // 2^53
                                        0x4340000000000001U};  // and the next one
  if (random % 5 == 0) return from_bits(kSpecial[random / 5 % std::size(kSpecial)]);
  return from_bits((0x3fe0000000000000U + ((random & 0x1f) << 52)) | random >> 12);
}

// Columns of every type; each owns what its views borrow.
struct Table {
  std::vector<std::int64_t> id, ticks, group;
  std::vector<double> x, smooth, p, q, y;
  std::vector<float> f;
  std::vector<std::int32_t> days, codes;
  std::vector<std::uint64_t> big;
  std::vector<std::uint8_t> validity, late;
  std::vector<std::string> owned;
  std::vector<std::string_view> text,
      levels{"AA", "MQ", "", "Zürich", "a level longer than a slot of a block of rows, by far"};

  explicit Table(std::uint64_t seed) {
    const mr::RandomStream random(seed, "determinism");
    validity.assign((kRows + 7) / 8, 0);
    for (std::size_t i = 0; i < kRows; ++i) {
      const std::uint64_t bits = random.bits(i);
      id.push_back(static_cast<std::int64_t>(i) * 3 - 2000);
      group.push_back(static_cast<std::int64_t>(bits >> 7) % 40);
      ticks.push_back(1'380'000'000 + static_cast<std::int64_t>(i) * 977);
      x.push_back(hostile(bits));
      smooth.push_back(from_bits(0x3ff0000000000000U | bits >> 12));
      const std::uint64_t signal = i % 10 == 3 ? 0x3fe0000000000000U : 0x3fb0000000000000U;
      p.push_back(from_bits(signal | bits >> 12));
      q.push_back(from_bits(0x3fd0000000000000U | bits >> 13));
      f.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(0x3f000000U | bits >> 41)));
      days.push_back(static_cast<std::int32_t>(15'000 + bits % 400));
      codes.push_back(static_cast<std::int32_t>(bits >> 20) & 3);
      if (i % 97 == 0) codes.back() = 4;
      big.push_back(i % 3 == 0 ? ~bits : bits % 7);
      late.push_back(static_cast<std::uint8_t>(i % 10 == 3 || bits % 50 == 0));
      y.push_back(late.back() != 0 ? from_bits(0x3ff0000000000000U) : 0);
      owned.push_back(i % 7 == 0 ? std::string(bits % 400, 'x') : "N" + std::to_string(bits % 300));
      if (bits % 11 != 0 && i % 10 != 3)
        validity[i / 8] = static_cast<std::uint8_t>(validity[i / 8] | 1U << (i % 8));
    }
    text.assign(owned.begin(), owned.end());
  }

  mr::Dataset dataset(const mr::Roles& roles) const {
    const std::uint8_t* gaps = validity.data();
    const mr::NamedColumn columns[] = {
        {"id", id},
        {"group", group},
        {"at", mr::ColumnView::timestamps(ticks, mr::TimeUnit::second, "UTC")},
        {"lag", mr::ColumnView::durations(ticks, mr::TimeUnit::micro, gaps)},
        {"day", mr::ColumnView::dates(days)},
        {"x", x},
        {"smooth", mr::ColumnView(std::span<const double>(smooth), gaps)},
        {"twin", mr::ColumnView(std::span<const double>(q), gaps)},
        {"f", f},
        {"big", big},
        {"text", text},
        {"carrier", mr::ColumnView::categories(codes, levels, false, gaps)},
        {"p", p},
        {"late", late}};
    return mr::Dataset::from_columns(columns, roles);
  }
};

void print_identity(const mr::Dataset& rows, std::string_view item) {
  std::vector<mr::RowId> ids(kRows);
  rows.row_ids("split", ids);
  std::string text;
  for (const mr::RowId& id : ids)
    text += std::to_string(id.high) + " " + std::to_string(id.low) + "\n";
  print("identity", item, text);
}

void print_fingerprints(const mr::Dataset& rows) {
  const mr::Fingerprint whole = mr::fingerprint(rows);
  print("fingerprint", "whole", whole.to_json());
  mr::FingerprintState first({}, 0), second({}, 1501);
  std::vector<std::uint8_t> keep(kRows);
  for (std::size_t i = 0; i < kRows; ++i) keep[i] = i < 1501;
  first.update(rows.filter(keep));
  for (std::uint8_t& k : keep) k = static_cast<std::uint8_t>(1 - k);
  second.update(rows.filter(keep));
  print("fingerprint", "state", second.to_bytes());
  second.merge(first);
  print("fingerprint", "merged", second.finalize().to_json());
}

void print_join(const mr::Dataset& left, const Table& right) {
  std::vector<std::int64_t> keys;
  for (std::size_t i = 0; i < 25; ++i) keys.push_back(static_cast<std::int64_t>(i) * 2 - 3);
  const std::vector<double> seats(right.smooth.begin(), right.smooth.begin() + 25);
  const mr::Dataset planes = mr::Dataset::from_columns({{"group", keys}, {"seats", seats}});
  const mr::JoinedDataset joined =
      mr::join(left, planes, {.on = "group", .how = "left", .validate = "m:1"});
  print("join", "report", joined.report_json());
  print("join", "rows", mr::fingerprint(joined).to_json());
}

void print_splits(const mr::Dataset& rows) {
  const mr::split::HashSplit hash({{"train", 0.7}, {"valid", 0.2}, {"test", 0.1}}, {.salt = "7"});
  const mr::split::Plan plan = hash.plan(rows);
  print("split", "hash", plan.to_json());
  print("split", "hash-report", plan.report_json());
  const mr::split::HashSplit exact({{"train", 0.7}, {"test", 0.3}}, {.salt = "8", .exact = true});
  std::vector<std::int32_t> part(kRows);
  const mr::split::Plan exact_plan = exact.plan(rows);
  exact_plan.part_of_row(part);
  print_values("split", "exact", part);
  print("split", "folds", mr::split::GroupKFold(5, {.by = "group"}).plan(rows).to_json());
  const mr::Value cut = mr::Value::timestamp(1'382'500'000, mr::TimeUnit::second);
  print("split", "time",
        mr::split::TimeSplit({.test_from = cut, .time = "at"}).plan(rows).to_json());
}

void print_bins(const mr::Dataset& rows) {
  const mr::BinnedDataset binned(rows);
  print("bins", "edges", binned.to_json());
  for (const std::string_view column : {"x", "smooth", "f", "big", "text", "carrier", "at"}) {
    const auto codes = binned.codes(column);
    print("bins", column, {reinterpret_cast<const char*>(codes.data()), codes.size()});
  }
}

void print_probes(const mr::Dataset& rows, const Table& table) {
  std::vector<double> loss(kRows);
  mr::row_loss(table.y, table.p, mr::RowLoss::log_loss, loss);
  for (const mr::Selection selection : {mr::Selection::unbiased, mr::Selection::gain}) {
    const std::string name = selection == mr::Selection::gain ? "gain-" : "";
    const mr::DecisionTreeProbe probe(
        {.max_depth = 4, .selection = selection, .exclude = {"p"}, .alpha = 0.2});
    const mr::Tree binary = probe.fit(rows, mr::Target::column("late"));
    print("probe", name + "binary", binary.to_json());
    print("probe", name + "numeric", probe.fit(rows, mr::Target::values(loss)).to_json());
    const mr::Target carrier = mr::Target::column("carrier");
    const mr::Tree classes = probe.fit(rows, carrier);
    print("probe", name + "classes", classes.to_json() + classes.to_text());
    print("probe", name + "against-rest", probe.fit(rows, carrier.against_rest("MQ")).to_json());
    print("probe", name + "text", binary.to_text());
    print("probe", name + "cpp", binary.cpp_source());
    std::string rules;
    for (const std::string_view language : {"text", "sql", "pandas", "polars"}) {
      for (int leaf = 0; leaf < binary.n_leaves(); ++leaf) rules += binary.rule(leaf, language);
    }
    print("probe", name + "rules", rules);
    std::vector<int> leaves(kRows);
    binary.apply(rows, leaves);
    print_values("probe", name + "apply", leaves);
  }
}

void print_searches(const mr::Dataset& rows, const Table& table) {
  const mr::ColumnView y(table.y);
  print("probe", "slices", mr::find_slices(rows, mr::Target::column("late")).to_json());
  print("probe", "slices-numeric", mr::find_slices(rows, mr::Target::values(table.q)).to_json());
  const mr::Predictions given{mr::ColumnView(table.q), mr::ColumnView(table.p), &y};
  const auto compared = mr::compare_predictions(rows, given, {.loss = "squared_error"});
  print("probe", "comparison", compared.to_json() + compared.to_text());
}

// Rows of Values, made in this file under this file's flags: subnormals and NaN must reach the
// tree.
void print_row_by_row(const mr::Dataset& rows, const Table& table) {
  const mr::DecisionTreeProbe probe({.max_depth = 8,
                                     .min_samples_leaf = 1,
                                     .selection = mr::Selection::gain,
                                     .honest = false,
                                     .features = {"x"},
                                     .alpha = 1});
  const mr::Tree tree = probe.fit(rows, mr::Target::values(table.q));
  std::vector<int> leaves;
  for (const double x : table.x) leaves.push_back(tree.apply({mr::Value(x)}));
  print_values("probe", "row-by-row", leaves);
}

void print_evaluations(const mr::Dataset& rows, const Table& table) {
  for (const char* kind :
       {"zero_one", "absolute_error", "squared_error", "log_loss", "over", "under"}) {
    std::vector<double> loss(kRows);
    const mr::RowLoss of = mr::row_loss_from_string(kind);
    mr::row_loss(table.y, of == mr::RowLoss::zero_one ? table.y : table.p, of, loss);
    print_values("evaluate", kind, loss);
  }
  using mr::Metric;
  const Metric metrics[] = {Metric::average_precision,
                            Metric::roc_auc,
                            Metric::log_loss,
                            Metric::brier,
                            Metric::mae,
                            Metric::rmse};
  print("evaluate", "metrics",
        mr::to_json(mr::evaluate(rows, metrics, {}, table.q, {.n_draws = 60})));
}

void make_hostile() {
  std::fesetround(FE_UPWARD);
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040U);  // flush-to-zero, denormals are zero
#elif defined(__aarch64__)
  std::uint64_t fpcr = 0;
  asm volatile("mrs %0, fpcr" : "=r"(fpcr));
  asm volatile("msr fpcr, %0" : : "r"(fpcr | std::uint64_t{1} << 24));
#endif
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--hostile") == 0) make_hostile();
  const Table table(1), other(2);
  const mr::Dataset keyed = table.dataset({.key = "id", .label = "late", .prediction = "p"});
  const mr::Dataset bare = table.dataset({.label = "late", .prediction = "p"});
  print_identity(keyed, "key");
  print_identity(bare, "values");
  print_fingerprints(keyed);
  print_join(keyed, other);
  print_splits(bare);
  print_bins(bare);
  print_probes(bare, table);
  print_searches(bare, table);
  print_row_by_row(bare, table);
  print_evaluations(bare, table);
}
