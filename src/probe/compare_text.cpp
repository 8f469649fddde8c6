// SPDX-License-Identifier: Apache-2.0
// A comparison in words: what changed in all, then a table of leaves for each kind of change.
#include <algorithm>

#include "core/raise.hpp"
#include "probe/compare_data.hpp"
#include "probe/rules.hpp"
#include "probe/text_layout.hpp"

namespace mlrepro::detail::probe {
namespace {

using core::with_commas;

std::string share_text(RowIndex n, RowIndex rows) {
  if (rows == 0) return "0";
  return with_commas(n) + " (" +
         percent_text(static_cast<double>(n) / static_cast<double>(rows), 1) + ")";
}

std::string signed_text(double value, bool rate) {
  if (is_nan(value)) return "-";
  const std::string text =
      rate ? percent_text(value < 0 ? -value : value, 2) : number_text(value < 0 ? -value : value);
  return (value < 0 ? "-" : value > 0 ? "+" : "") + text;
}

std::string net_text(const Effect& e, bool rate) {
  if (is_nan(e.net)) return "-";
  std::string text = signed_text(e.net, rate);
  if (!is_nan(e.low))
    text += " [" + signed_text(e.low, rate) + ", " + signed_text(e.high, rate) + "]";
  return text;
}

std::string p_text(double p) {
  return p < 1e-300 ? "p < 1e-300" : "p " + number_text(p);
}

std::string overall_text(const ComparisonData& data) {
  const Effect& e = data.overall;
  const bool rate = !data.numbers;
  if (!data.has_y) {
    return "Predictions changed on " + share_text(e.changed, e.rows) + " of " +
           with_commas(e.rows) + (e.rows == 1 ? " row" : " rows") +
           (rate || is_nan(e.net) ? "" : "; on average by " + net_text(e, false)) + ".";
  }
  std::string text = "Of " + with_commas(e.rows) + (e.rows == 1 ? " row" : " rows") +
                     " with a label " + share_text(e.better, e.rows) + " got better and " +
                     share_text(e.worse, e.rows) + " worse";
  if (rate) text += "; " + share_text(e.both_wrong, e.rows) + " are wrong before and now";
  text += ". Net " + net_text(e, rate) + (rate ? "" : " of " + data.loss) + ", " +
          p_text(e.p_value) + ".";
  if (data.n_without_y > 0)
    text += " " + with_commas(data.n_without_y) + " rows without a label are left out.";
  return text;
}

struct Row {
  std::string leaf, judged, worse, amount, better, net, p;
};

void print_rows(const std::vector<Row>& rows, const std::vector<std::string>& rules,
                const ComparisonData& data, std::string& out) {
  const auto width = [&](std::string Row::*cell) {
    std::size_t widest = 0;
    for (const Row& row : rows) widest = std::max(widest, display_width(row.*cell));
    return widest;
  };
  std::vector<std::string Row::*> cells{&Row::leaf, &Row::judged, &Row::worse};
  if (data.numbers) cells.push_back(&Row::amount);
  if (data.has_y) cells.push_back(&Row::better);
  if (data.has_y || data.numbers) cells.push_back(&Row::net);
  if (data.has_y) cells.push_back(&Row::p);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line;
    for (std::string Row::*cell : cells)
      line += (line.empty() ? "" : "  ") + flush_right(rows[i].*cell, width(cell));
    out += without_trailing_spaces(line) + "\n";
    if (i > 0) out += wrapped(rules[i], "      ", "        ");
  }
}

struct Words {
  std::string_view title, amount;  // what the tree explains of numbers: how much
};

Words words_of(Change change) {
  switch (change) {
    case Change::changed:
      return {"Where predictions changed", "mean |change|"};
    case Change::worse:
      return {"Where it got worse", "mean rise"};
    case Change::better:
      return {"Where it got better", "mean fall"};
  }
  return {};
}

std::vector<int> most_affected_first(const ChangeTree& t) {
  std::vector<int> order;
  for (const Effect& e : t.leaves) order.push_back(e.leaf);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    const double x = t.tree.leaf(a).mean, y = t.tree.leaf(b).mean;
    return is_nan(x) || is_nan(y) ? !is_nan(x) && is_nan(y) : x > y;
  });
  return order;
}

std::string tree_text(const ComparisonData& data, const ChangeTree& t) {
  const auto [title, amount] = words_of(t.change);
  std::string out = "\n" + std::string(title) + " (" + with_commas(t.judged.rows) +
                    " judged rows, most affected leaf first):\n";
  std::vector<Row> rows{{"leaf", "judged", data.has_y ? "worse" : "changed", std::string(amount),
                         "better", "net [95%]", "p"}};
  std::vector<std::string> rules{""};
  for (const int leaf : most_affected_first(t)) {
    const Effect& e = t.leaves[static_cast<std::size_t>(leaf)];
    rows.push_back({std::to_string(leaf), with_commas(e.rows),
                    share_text(data.has_y ? e.worse : e.changed, e.rows),
                    number_text(t.tree.leaf(leaf).mean), share_text(e.better, e.rows),
                    net_text(e, !data.numbers), number_text(e.p_value)});
    rules.push_back(
        short_rule(t.tree, leaf) +
        (t.tree.leaf(leaf).replicated || t.tree.n_leaves() == 1 ? "" : "  (did not replicate)"));
  }
  print_rows(rows, rules, data, out);
  return out;
}

std::string legend(const ComparisonData& data) {
  if (!data.has_y) return "net: mean of after - before.";
  return "net: " +
         (data.numbers ? "mean fall of " + data.loss : "share of rows better less share worse") +
         "; p: sign test of better against worse, over the leaves after Holm.";
}

}  // namespace

std::string comparison_text(const ComparisonData& data) {
  std::string out = wrapped(overall_text(data), "", "  ");
  for (const ChangeTree& t : data.trees) out += tree_text(data, t);
  if ((data.has_y || data.numbers) && !data.trees.empty())
    out += "\n" + wrapped(legend(data), "", "  ");
  return out;
}

}  // namespace mlrepro::detail::probe
