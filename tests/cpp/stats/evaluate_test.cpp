// SPDX-License-Identifier: Apache-2.0
#include <mlrepro/core/errors.hpp>
#include <mlrepro/core/random.hpp>
#include <mlrepro/stats/evaluate.hpp>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "catch_compat.hpp"
#include "stats/bootstrap.hpp"
#include "stats/loss_sums.hpp"

using namespace mlrepro;
namespace stats = mlrepro::detail::stats;
using mlrepro_test::Approx;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr Metric kBinary[] = {Metric::average_precision, Metric::roc_auc, Metric::log_loss,
                              Metric::brier};

struct Rows {
  std::vector<double> y, p, q, w;
  std::size_t size() const { return y.size(); }
  EvaluateInput input() const { return {.y = y, .prediction = p, .compare = q, .weight = w}; }
};

double uniform(const RandomStream& stream, std::uint64_t i) {
  return static_cast<double>(stream.bits(i) >> 11) * 0x1p-53;
}

// Coarse scores, so that many rows tie.
Rows make_rows(std::size_t n, std::uint64_t seed) {
  const RandomStream stream(seed, "evaluate_test");
  Rows rows;
  for (std::uint64_t i = 0; i < n; ++i) {
    rows.p.push_back(std::floor(uniform(stream, 4 * i) * 20) / 20);
    rows.q.push_back(std::floor((rows.p.back() + uniform(stream, 4 * i + 1)) * 10) / 20);
    rows.y.push_back(uniform(stream, 4 * i + 2) < 0.1 + 0.5 * rows.p.back() ? 1 : 0);
    rows.w.push_back(std::floor(uniform(stream, 4 * i + 3) * 4));
  }
  return rows;
}

Rows reordered(const Rows& rows, const std::vector<std::int64_t>& order) {
  Rows out;
  for (const std::int64_t r : order) {
    const auto i = static_cast<std::size_t>(r);
    out.y.push_back(rows.y[i]);
    out.p.push_back(rows.p[i]);
    if (!rows.q.empty()) out.q.push_back(rows.q[i]);
    if (!rows.w.empty()) out.w.push_back(rows.w[i]);
  }
  return out;
}

double brute_force_auc(const Rows& rows) {
  double wins = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows.size(); ++j) {
      if (rows.y[i] != 1 || rows.y[j] != 0) continue;
      pairs += rows.w[i] * rows.w[j];
      wins += rows.w[i] * rows.w[j] *
              (rows.p[i] > rows.p[j]    ? 1
               : rows.p[i] == rows.p[j] ? 0.5
                                        : 0);
    }
  }
  return wins / pairs;
}

double brute_force_average_precision(
    const Rows& rows) {  // each positive: precision among rows scored no lower
  double sum = 0;
  double positives = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.y[i] != 1) continue;
    double above = 0;
    double hits = 0;
    for (std::size_t j = 0; j < rows.size(); ++j) {
      if (rows.p[j] < rows.p[i]) continue;
      above += rows.w[j];
      hits += rows.w[j] * rows.y[j];
    }
    if (rows.w[i] > 0) sum += rows.w[i] * hits / above;
    positives += rows.w[i];
  }
  return sum / positives;
}

std::string error_of(const EvaluateInput& input, Metric metric,
                     const EvaluateOptions& options = {}) {
  try {
    evaluate(input, {metric}, options);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("tied scores and weights give the metric's definition, not an order of rows") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Rows rows = make_rows(60, seed);
    const Evaluation e =
        evaluate(rows.input(), {Metric::average_precision, Metric::roc_auc}, {.n_draws = 0});
    REQUIRE(e.results()[0].prediction.value ==
            Approx(brute_force_average_precision(rows)).epsilon(1e-13));
    REQUIRE(e.results()[1].prediction.value == Approx(brute_force_auc(rows)).epsilon(1e-13));
  }
}

TEST_CASE("losses have their textbook values") {
  const std::vector<double> y{1, 0, 1, 0};
  const std::vector<double> p{0.9, 0.2, 0, 0};
  const Evaluation e =
      evaluate({.y = y, .prediction = p},
               {Metric::log_loss, Metric::brier, Metric::mae, Metric::rmse}, {.n_draws = 0});
  const double worst = -std::log(std::ldexp(1, -52));
  REQUIRE(e.results()[0].prediction.value ==
          Approx((-std::log(0.9) - std::log(0.8) + worst) / 4).epsilon(1e-14));
  REQUIRE(e.results()[1].prediction.value == Approx((0.01 + 0.04 + 1) / 4).epsilon(1e-14));
  REQUIRE(e.results()[2].prediction.value == Approx(1.3 / 4).epsilon(1e-14));
  REQUIRE(e.results()[3].prediction.value == Approx(std::sqrt(1.05 / 4)).epsilon(1e-14));
  const std::vector<double> labels{1, 0, 0, 7};
  REQUIRE(
      evaluate({.y = y, .prediction = labels}, {Metric::accuracy}).metrics[0].prediction.value ==
      0.5);
  const EvaluateOptions cut{.n_draws = 0, .has_threshold = true, .threshold = 0.2};
  REQUIRE(
      evaluate({.y = y, .prediction = p}, {Metric::accuracy}, cut).metrics[0].prediction.value ==
      0.5);
}

TEST_CASE("row order, threads and the caller's rounding mode change no byte", "[rounding]") {
  Rows rows = make_rows(700, 3);
  const std::string expected =
      to_json(evaluate(rows.input(), kBinary, {.n_draws = 60, .threads = 1}));
  std::vector<std::int64_t> order(rows.size());
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    permutation(order, RandomStream(seed, "order"));
    const Rows shuffled = reordered(rows, order);
    for (const int threads : {1, 2, 8}) {
      REQUIRE(to_json(evaluate(shuffled.input(), kBinary, {.n_draws = 60, .threads = threads})) ==
              expected);
    }
  }
  std::fesetround(FE_UPWARD);
  const std::string upward =
      to_json(evaluate(rows.input(), kBinary, {.n_draws = 60, .threads = 2}));
  std::fesetround(FE_TONEAREST);
  REQUIRE(upward == expected);
  REQUIRE(to_json(evaluate(rows.input(), kBinary, {.seed = 1, .n_draws = 60})) != expected);
}

TEST_CASE("a second model does not move the interval of the first") {
  Rows rows = make_rows(400, 4);
  rows.w.clear();
  const Evaluation both = evaluate(rows.input(), kBinary, {.n_draws = 80});
  rows.q.clear();
  const Evaluation alone = evaluate(rows.input(), kBinary, {.n_draws = 80});
  for (std::size_t m = 0; m < 4; ++m) {
    REQUIRE(both.metrics[m].prediction.low == alone.metrics[m].prediction.low);
    REQUIRE(both.metrics[m].prediction.high == alone.metrics[m].prediction.high);
  }
}

TEST_CASE("a whole weight is that many rows, and weight 0 is none") {
  const Rows rows = make_rows(150, 5);
  Rows repeated;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (double k = 0; k < rows.w[i]; ++k) {
      repeated.y.push_back(rows.y[i]);
      repeated.p.push_back(rows.p[i]);
    }
  }
  const Evaluation weighted = evaluate(rows.input(), kBinary, {.n_draws = 0});
  const Evaluation plain = evaluate(repeated.input(), kBinary, {.n_draws = 0});
  Rows scaled = rows;
  for (double& w : scaled.w) w *= 0.1;  // no longer whole: rounded at a power of two
  const Evaluation fractional = evaluate(scaled.input(), kBinary, {.n_draws = 0});
  for (std::size_t m = 0; m < 4; ++m) {
    REQUIRE(weighted.metrics[m].prediction.value == plain.metrics[m].prediction.value);
    REQUIRE(fractional.metrics[m].prediction.value ==
            Approx(plain.metrics[m].prediction.value).epsilon(1e-13));
  }
}

TEST_CASE("rows without a label are counted and leave no trace") {
  Rows rows = make_rows(200, 6);
  const Evaluation clean = evaluate(rows.input(), kBinary, {.n_draws = 60});
  for (int i = 0; i < 30; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(7 * i);
    rows.y.insert(rows.y.begin() + at, kNan);
    rows.p.insert(rows.p.begin() + at,
                  i % 2 == 0 ? kNan : 3.0);  // nobody asks for what was predicted there
    rows.q.insert(rows.q.begin() + at, 0.5);
    rows.w.insert(rows.w.begin() + at, 2);
  }
  const Evaluation gaps = evaluate(rows.input(), kBinary, {.n_draws = 60});
  REQUIRE(gaps.n_rows == 230);
  REQUIRE(gaps.n_without_label == 30);
  REQUIRE(gaps.n_positive == clean.n_positive);
  for (std::size_t m = 0; m < 4; ++m) {
    REQUIRE(gaps.metrics[m].difference.low == clean.metrics[m].difference.low);
    REQUIRE(gaps.metrics[m].prediction.high == clean.metrics[m].prediction.high);
  }
}

TEST_CASE("equal rows of a bare table still move apart, rows of one key move together") {
  const std::vector<double> y(1000, 1);
  const std::vector<double> p(1000, 0.5);
  const stats::RowValues values{y, p, {}, {}};
  const RandomStream stream(0, "evaluate");
  const auto spread = [&](std::span<const RowId> ids, bool shared) {
    std::vector<stats::Repeats> repeats(1000);
    stats::draw_repeats(stream, 0, stats::bootstrap_units(ids, values, shared), repeats);
    return std::any_of(repeats.begin(), repeats.end(),
                       [&](const stats::Repeats& r) { return r != repeats[0]; });
  };
  const std::vector<RowId> one_key(1000, RowId{1, 2});
  REQUIRE(spread({}, false));
  REQUIRE(spread(one_key, false));
  REQUIRE_FALSE(spread(one_key, true));
}

TEST_CASE("a row counts Poisson(1) times") {
  std::vector<std::uint64_t> units(20000);
  const RandomStream stream(9, "units");
  for (std::size_t i = 0; i < units.size(); ++i) units[i] = stream.bits(i);
  std::vector<stats::Repeats> repeats(units.size());
  std::array<double, 13> seen{};
  for (std::uint64_t block = 0; block < 3; ++block) {
    stats::draw_repeats(stream, block, units, repeats);
    for (const stats::Repeats& r : repeats) {
      for (const std::uint8_t n : r) ++seen.at(n);
    }
  }
  double x2 = 0;
  double expected = 240000 * std::exp(-1.0);
  for (std::size_t k = 0; k <= 6; ++k) {
    x2 += (seen[k] - expected) * (seen[k] - expected) / expected;
    expected /= static_cast<double>(k + 1);
  }
  REQUIRE(x2 < 30);  // 7 cells
  REQUIRE(seen[6] > 0);
}

TEST_CASE(
    "two equal models differ by nothing, and a paired difference is sharper than two intervals") {
  Rows rows = make_rows(1500, 7);
  rows.w.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) rows.q[i] = i % 50 == 0 ? 1 - rows.p[i] : rows.p[i];
  const MetricResult paired = evaluate(rows.input(), {Metric::brier}, {.n_draws = 200}).metrics[0];
  const double own = paired.prediction.high - paired.prediction.low;
  REQUIRE(paired.difference.high - paired.difference.low < 0.6 * own);
  REQUIRE(paired.difference.value == Approx(paired.prediction.value - paired.compare.value));
  rows.q = rows.p;
  const MetricResult same = evaluate(rows.input(), {Metric::roc_auc}, {.n_draws = 200}).metrics[0];
  REQUIRE(same.difference.value == 0);
  REQUIRE(same.difference.low == 0);
  REQUIRE(same.difference.high == 0);
}

TEST_CASE("intervals of 95% hold the truth about 95% of the time") {
  int held = 0;
  constexpr int tries = 300;
  for (std::uint64_t t = 0; t < tries; ++t) {
    const RandomStream stream(t, "coverage");
    std::vector<double> y;
    std::vector<double> p;
    for (std::uint64_t i = 0; i < 200; ++i) {
      y.push_back(uniform(stream, i));  // the expected absolute error is 1/2
      p.push_back(0);
    }
    const Estimate mae =
        evaluate({.y = y, .prediction = p}, {Metric::mae}, {.n_draws = 120}).metrics[0].prediction;
    held += mae.low <= 0.5 && 0.5 <= mae.high ? 1 : 0;
  }
  REQUIRE(held >= tries * 0.90);
  REQUIRE(held <= tries * 0.99);
}

TEST_CASE("draws that lack a class are counted, not averaged in") {
  const std::vector<double> y{1, 0, 0, 0, 0, 0};
  const std::vector<double> p{0.9, 0.8, 0.3, 0.2, 0.1, 0.95};
  const MetricResult r =
      evaluate({.y = y, .prediction = p}, {Metric::average_precision}).metrics[0];
  REQUIRE(r.n_draws > 200);
  REQUIRE(r.n_draws < 300);  // Pr(the positive is drawn) = 0.632
  REQUIRE(r.prediction.low > 0);
}

TEST_CASE("sums by exponent equal exact sums for losses of all magnitudes") {
  const RandomStream stream(11, "losses");
  std::vector<double> losses{0, 0x1p-1074, 1, 1e300};
  for (std::uint64_t i = 0; i < 500; ++i)
    losses.push_back(std::ldexp(uniform(stream, i), static_cast<int>(i) - 250));
  std::vector<stats::Repeats> repeats;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const auto n = static_cast<std::uint8_t>(i % 13);
    repeats.push_back({n, 1, static_cast<std::uint8_t>(12 - n), 0});
  }
  const stats::LossSums sums(losses);
  REQUIRE(sums.fits());
  const auto got = sums.sums(repeats);
  for (std::size_t lane = 0; lane < stats::kLanes; ++lane) {
    detail::core::ExactSum expected;
    for (std::size_t i = 0; i < losses.size(); ++i) expected.add(losses[i], repeats[i][lane]);
    REQUIRE(got[lane] == expected);
  }
  REQUIRE_FALSE(
      stats::LossSums(std::vector<double>{std::numeric_limits<double>::infinity()}).fits());
}

TEST_CASE("what cannot be judged is an error with a row and a next step") {
  const std::vector<double> y{0, 1, 1};
  const std::vector<double> p{0.1, 0.2, 0.3};
  const std::vector<double> gap{0.1, kNan, kNan};
  const std::vector<double> ones{1, 1, 1};
  const std::vector<double> three{0, 3, 1};
  const std::vector<double> wild{0.1, 1.5, std::numeric_limits<double>::infinity()};
  REQUIRE(holds(error_of({.y = y, .prediction = std::span(p).first(2)}, Metric::mae),
                "2 rows, y has 3"));
  REQUIRE(holds(error_of({.y = y, .prediction = gap}, Metric::mae),
                "missing on 2 of 3 rows (first: row 1)"));
  REQUIRE(holds(error_of({.y = y, .prediction = p, .compare = gap}, Metric::mae),
                "compare is missing"));
  REQUIRE(holds(error_of({.y = ones, .prediction = p}, Metric::roc_auc), "both classes"));
  REQUIRE(holds(error_of({.y = three, .prediction = p}, Metric::average_precision), "row 1: 3"));
  REQUIRE(holds(error_of({.y = y, .prediction = wild}, Metric::log_loss),
                "outside [0, 1] on 2 of 3 rows"));
  REQUIRE(holds(error_of({.y = y, .prediction = wild}, Metric::rmse), "row 2"));
  REQUIRE(holds(error_of({.y = y, .prediction = p}, Metric::accuracy), "compares labels"));
  REQUIRE(holds(error_of({}, Metric::mae), "no rows"));
  REQUIRE(holds(
      error_of({.y = std::span(gap).last(1), .prediction = std::span(p).first(1)}, Metric::mae),
      "has a label"));
  REQUIRE(holds(error_of({.y = y, .prediction = p, .weight = gap}, Metric::mae),
                "weight is missing in row 1"));
  REQUIRE(holds(error_of({.y = y, .prediction = p}, Metric::mae, {.n_draws = 7}), "39 or more"));
  REQUIRE_THROWS_AS(metric_from_string("auc"), ArgumentError);
  REQUIRE_THROWS_AS(evaluate({.y = y, .prediction = p}, {Metric::mae, Metric::mae}), ArgumentError);
  REQUIRE(metric_from_string("roc_auc") == Metric::roc_auc);
}

TEST_CASE("a Dataset is judged by its roles and its key, in any order of rows") {
  Rows rows = make_rows(300, 12);
  std::vector<std::int64_t> id(rows.size());
  std::vector<std::string_view> text(rows.size(), "yes");
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::int64_t>(i);
  const auto dataset = [&](const Rows& r, const std::vector<std::int64_t>& key) {
    return Dataset::from_columns(
        {{"id", key}, {"label", r.y}, {"p", r.p}, {"w", r.w}, {"text", text}},
        {.key = "id", .label = "label", .prediction = "p", .weight = "w"});
  };
  const std::string expected =
      to_json(evaluate(dataset(rows, id), kBinary, {}, rows.q, {.n_draws = 60}));
  std::vector<std::int64_t> order(rows.size());
  permutation(order, RandomStream(1, "order"));
  const Rows shuffled = reordered(rows, order);
  REQUIRE(to_json(evaluate(dataset(shuffled, order), kBinary, {}, shuffled.q, {.n_draws = 60})) ==
          expected);
  const Dataset bare = Dataset::from_columns({{"id", id}, {"label", rows.y}}, {.label = "label"});
  REQUIRE_THROWS_AS(evaluate(bare, kBinary), SchemaError);
  REQUIRE_NOTHROW(evaluate(bare, kBinary, rows.p));
  Roles roles{};
  roles.label = "text";
  REQUIRE_THROWS_AS(evaluate(dataset(rows, id).with_roles(roles), kBinary, rows.p), InputTypeError);
}
