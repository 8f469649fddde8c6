// SPDX-License-Identifier: Apache-2.0
// A comparison in words: what changed in all, then a table of leaves for each kind of change.
#include <algorithm>

#include "core/raise.hpp"
#include "probe/compare_data.hpp"
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
  const bool rate = data.loss.empty();
  if (!data.has_y) {
    return "Predictions changed on " + share_text(e.changed, e.rows) + " of " +
           with_commas(e.rows) + " rows.";
  }
  std::string text = "Of " + with_commas(e.rows) + " rows with a label " +
                     share_text(e.better, e.rows) + " got better and " +
                     share_text(e.worse, e.rows) + " worse";
  if (rate) text += "; " + share_text(e.both_wrong, e.rows) + " are wrong before and now";
  text += ". Net " + net_text(e, rate) + (rate ? "" : " of " + data.loss) + ", " +
          p_text(e.p_value) + ".";
  if (data.n_without_y > 0)
    text += " " + with_commas(data.n_without_y) + " rows without a label are left out.";
  return text;
}

struct Row {
  std::string leaf, judged, worse, better, net, p;
};

void print_rows(const std::vector<Row>& rows, const std::vector<std::string>& rules, bool has_y,
                std::string& out) {
  const auto width = [&](std::string Row::*cell) {
    std::size_t widest = 0;
    for (const Row& row : rows) widest = std::max(widest, display_width(row.*cell));
    return widest;
  };
  std::vector<std::string Row::*> cells{&Row::leaf, &Row::judged, &Row::worse};
  if (has_y) cells.insert(cells.end(), {&Row::better, &Row::net, &Row::p});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line;
    for (std::string Row::*cell : cells)
      line += (line.empty() ? "" : "  ") + flush_right(rows[i].*cell, width(cell));
    out += without_trailing_spaces(line) + "\n";
    if (i > 0) out += wrapped(rules[i], "      ", "        ");
  }
}

std::string title(Change change) {
  switch (change) {
    case Change::changed:
      return "Where predictions changed";
    case Change::worse:
      return "Where it got worse";
    case Change::better:
      return "Where it got better";
  }
  return {};
}

std::string tree_text(const ComparisonData& data, const ChangeTree& t) {
  const bool rate = data.loss.empty();
  std::string out = "\n" + title(t.change) + " (" + with_commas(t.judged.rows) +
                    " judged rows, most affected leaf first):\n";
  std::vector<std::pair<double, int>> order;
  for (const Effect& e : t.leaves) order.emplace_back(-t.tree.leaf(e.leaf).mean, e.leaf);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    if (is_nan(a.first) || is_nan(b.first)) {
      return is_nan(a.first) == is_nan(b.first) ? a.second < b.second : is_nan(b.first);
    }
    return a < b;
  });
  std::vector<Row> rows{
      {"leaf", "judged", data.has_y ? "worse" : "changed", "better", "net [95%]", "p"}};
  std::vector<std::string> rules{""};
  for (const auto& [mean, leaf] : order) {
    const Effect& e = t.leaves[static_cast<std::size_t>(leaf)];
    rows.push_back({std::to_string(leaf), with_commas(e.rows),
                    share_text(data.has_y ? e.worse : e.changed, e.rows),
                    share_text(e.better, e.rows), net_text(e, rate), number_text(e.p_value)});
    rules.push_back(
        t.tree.rule(leaf, "text") +
        (t.tree.leaf(leaf).replicated || t.tree.n_leaves() == 1 ? "" : "  (did not replicate)"));
  }
  print_rows(rows, rules, data.has_y, out);
  return out;
}

}  // namespace

std::string comparison_text(const ComparisonData& data) {
  std::string out = wrapped(overall_text(data), "", "  ");
  for (const ChangeTree& t : data.trees) out += tree_text(data, t);
  if (data.has_y && !data.trees.empty()) {
    out +=
        "\n" + wrapped("net: " +
                           std::string(data.loss.empty() ? "share of rows better less share worse"
                                                         : "mean fall of " + data.loss) +
                           "; p: sign test of better against worse, over the leaves after Holm.",
                       "", "  ");
  }
  return out;
}

}  // namespace mlrepro::detail::probe
