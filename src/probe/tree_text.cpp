// SPDX-License-Identifier: Apache-2.0
// The tree as lines of at most 100 columns: one line a node, figures in aligned columns, and under
// it what else is known. A pure function of the tree.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/fp_guard.hpp"
#include "core/raise.hpp"
#include "probe/rules.hpp"
#include "probe/rules_format.hpp"
#include "probe/text_layout.hpp"
#include "probe/tree_lines.hpp"
#include "probe/tree_text_classes.hpp"

namespace mlrepro {

namespace detail::probe {

namespace {

using core::with_commas;

constexpr int kMostBlocks = 5;

std::string figure(double value, bool rate) {
  return rate ? percent_text(value, 2) : number_text(value);
}

std::string interval(double low, double high, bool rate) {
  if (is_nan(low) || is_nan(high)) return "-";
  const auto end = [&](double v) {
    std::string text = figure(v, rate);
    if (rate && text.ends_with('%')) text.pop_back();
    return text;
  };
  return "[" + end(low) + ", " + end(high) + "]";
}

std::string names_text(const std::vector<std::string>& names, std::size_t most) {
  std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(most, names.size())));
  std::string out = joined_by(shown, ", ");
  if (names.size() > most) out += " and " + std::to_string(names.size() - most) + " more";
  return out;
}

// What the branch to a child says, with the side of missing values.
std::string branch_condition(const TreeData& tree, const Split& split, Side side) {
  if (split.kind == SplitKind::block) {
    std::vector<std::string> names;
    for (int column : split.block)
      names.push_back(tree.columns[static_cast<std::size_t>(column)].name);
    if (side == Side::left)
      return names_text(names, 4) + (names.size() > 1 ? " missing together" : " is missing");
    return "not all of " + names_text(names, 4) + " missing";
  }
  Condition step = condition_of_step(split, side);
  if (split.kind == SplitKind::n_missing) return text_rule(tree, step, kShownLevels);
  Demand& demand = step.demands.front();
  const bool takes_missing = demand.missing && demand.present;
  if (takes_missing) demand.missing = false;
  std::string text = text_rule(tree, step, kShownLevels);
  if (takes_missing) text += split.missing_seen ? " or missing" : " or missing (none seen)";
  return text;
}

std::string runner_up_note(const TreeData& tree, const Node& node) {
  const double n = static_cast<double>(node.growing.n);
  const double smaller =
      static_cast<double>(std::min(tree.nodes[static_cast<std::size_t>(node.left)].growing.n,
                                   tree.nodes[static_cast<std::size_t>(node.right)].growing.n));
  const double q = n > 0 ? smaller / n : 0;
  for (const RunnerUp& up : node.runner_ups) {
    const double lambda = q > 0 ? (q - (1 - up.agreement)) / q : 0;
    const std::string agrees = percent_text(up.agreement, 1) + " of " +
                               (tree.in_sample ? "the rows" : "the growing rows") +
                               " go the same way";
    if (up.tied)
      return "tied with " + up.rule +
             ": same score, settled by fewer missing rows, then by name; " + agrees;
    if (lambda >= 0.9) return "says the same: " + up.rule + "; " + agrees;
    if (node.split.gain <= 0 || up.gain < 0.9 * node.split.gain) continue;
    const std::string share = percent_text(up.gain / node.split.gain, 1) + " of the gain";
    return up.gain > node.split.gain
               ? "cuts deeper, on weaker evidence: " + up.rule + "; " + share + ", " + agrees
               : "nearly as good: " + up.rule + "; " + share + ", " + agrees;
  }
  return "";
}

bool is_not_replicated(const TreeData& tree, const Node& node) noexcept {
  return node.leaf >= 0 && tree.nodes.size() > 1 && !tree.in_sample && !node.replicated;
}

// class_width: columns that the name of a class gets at most.
Line line_of(const TreeData& tree, const Node& node, std::string pipes, std::string condition,
             std::string below, std::size_t class_width) {
  Line line{std::move(pipes), std::move(condition)};
  line.below = std::move(below);
  line.cells = {node.leaf >= 0 ? "leaf " + std::to_string(node.leaf) : "",
                figure(node.judged.mean, tree.is_rate()),
                interval(node.low, node.high, tree.is_rate()), with_commas(node.judged.n),
                percent_text(node.share, 1)};
  if (node.judged.n == 0) line.cells[1] = "-";
  if (!tree.classes.empty()) {
    line.cells[1] = most_common_text(tree, node, class_width);
    line.cells[4] = is_not_replicated(tree, node) ? "did not replicate"
                                                  : stands_out_text(tree, node, class_width);
  }
  if (tree.classes.empty() && is_not_replicated(tree, node)) line.remark = "did not replicate";
  if (node.leaf < 0) {
    if (std::string note = runner_up_note(tree, node); !note.empty())
      line.notes.push_back(std::move(note));
  }
  return line;
}

void collect(const TreeData& tree, int at, const std::string& pipes, std::size_t class_width,
             std::vector<Line>& lines) {
  const Node& node = tree.nodes[static_cast<std::size_t>(at)];
  const std::array<std::pair<int, Side>, 3> children{
      {{node.left, Side::left}, {node.right, Side::right}, {node.alone, Side::alone}}};
  const int last = node.alone >= 0 ? node.alone : node.right;
  for (const auto& [child, side] : children) {
    if (child < 0) continue;
    const Node& below = tree.nodes[static_cast<std::size_t>(child)];
    const std::string inner = pipes + (child == last ? "   " : "│  ");
    lines.push_back(line_of(tree, below, pipes + (child == last ? "└─ " : "├─ "),
                            branch_condition(tree, node.split, side),
                            inner + (below.leaf < 0 ? "│  " : "   "), class_width));
    collect(tree, child, inner, class_width, lines);
  }
}

std::string heading(const TreeData& tree) {
  const Node& root = tree.nodes.front();
  const std::string what =
      plain_text(tree.target) + ": " +
      (!tree.classes.empty()
           ? shares_text(tree, tree.judged)
           : (tree.binary ? "rate " : "mean ") + figure(tree.judged.mean, tree.binary) + " " +
                 interval(root.low, root.high, tree.binary));
  std::string out;
  if (tree.in_sample) {
    out = what + ", in-sample: the same " + with_commas(tree.judged.n) +
          " rows chose the splits, so differences look larger than they are.";
  } else {
    out = what + " of " + with_commas(tree.judged.n) +
          " judged rows. All figures are theirs; the other " + with_commas(tree.growing.n) +
          " rows chose the splits.";
  }
  if (tree.n_target_missing > 0)
    out += " Left out: " + with_commas(tree.n_target_missing) + " rows without a target.";
  return wrapped(out, "", "");
}

std::string nothing_found(const TreeData& tree) {
  const std::string& ended = tree.nodes.front().ended;
  std::string why = "No split";
  if (ended == "not_significant") why += ": no column separates the rows by more than chance";
  if (ended == "min_samples_leaf")
    why += ": too few rows for two leaves of " + with_commas(tree.min_samples_leaf);
  if (ended == "pure") why += ": the target is constant on the rows that choose";
  if (ended == "no_candidate") why += ": there is no column to split on";
  if (ended == "too_few_events")
    why +=
        ": the rows that choose hold too few events for a test (selection \"gain\" does not ask "
        "for "
        "one)";
  if (ended == "max_depth") why += ": max_depth is 0";
  if (ended == "time_limit") why += ": the time limit was reached";
  why += ".";
  if (ended == "not_significant" && tree.visible_effect > 0) {
    why += " A difference of at least " +
           (tree.is_rate() ? percent_text(tree.visible_effect, 2)
                                     .substr(0, percent_text(tree.visible_effect, 2).size() - 1) +
                                 " percentage points"
                           : number_text(tree.visible_effect)) +
           " in a group of 1% of the rows would have been seen (power 80%).";
  }
  return wrapped(why, "", "");
}

std::string blocks_text(const TreeData& tree) {
  std::string out;
  int shown = 0;
  for (const MissingBlock& block : tree.blocks) {
    if (++shown > kMostBlocks) break;
    std::string text = names_text(block.columns, 8) + ": " + with_commas(block.n_missing) +
                       " rows; " +
                       (!tree.classes.empty() ? class_text(tree, block.stands_out) + " "
                        : tree.binary         ? "rate "
                                              : "mean ") +
                       figure(block.inside.mean, tree.is_rate()) + " " +
                       interval(block.low, block.high, tree.is_rate()) + " there, " +
                       figure(block.outside.mean, tree.is_rate()) + " elsewhere (" +
                       with_commas(block.inside.n) + " and " + with_commas(block.outside.n) +
                       (tree.in_sample ? " rows, in-sample)" : " judged rows)");
    if (!block.who.empty()) text += "; where " + block.who;
    if (!block.also_missing.empty())
      text += "; also missing there: " + names_text(block.also_missing, 6);
    out += wrapped(text, "  ", "    ");
  }
  if (out.empty()) return "";
  const auto more = static_cast<int>(tree.blocks.size()) - kMostBlocks;
  if (more > 0) out += "  " + std::to_string(more) + " more\n";
  return "missing together:\n" + out;
}

std::string legend(const TreeData& tree) {
  const bool failed = std::any_of(tree.nodes.begin(), tree.nodes.end(),
                                  [&](const Node& node) { return is_not_replicated(tree, node); });
  if (!tree.classes.empty()) return wrapped(class_legend(tree, failed), "", "");
  std::string out = "95% interval: " + tree.interval + ". share: of the target's sum over " +
                    (tree.in_sample ? "the rows." : "the judged rows.");
  if (failed) {
    out += " Did not replicate: p >= " + number_text(tree.alpha) +
           " after Holm's adjustment, or on the other side of the overall " +
           (tree.binary ? "rate" : "mean") + " than in the rows that chose.";
  }
  return wrapped(out, "", "");
}

std::string tree_text(const TreeData& tree) {
  Line header;
  const bool has_classes = !tree.classes.empty();
  header.cells = {"",
                  has_classes   ? "class"
                  : tree.binary ? "rate"
                                : "mean",
                  "95%", tree.in_sample ? "in-sample" : "judged",
                  has_classes ? "stands out" : "share"};
  std::vector<Line> lines;
  for (const std::size_t width : kClassWidths) {
    lines = {header, line_of(tree, tree.nodes.front(), "", "all rows",
                             tree.nodes.size() > 1 ? "│  " : "", width)};
    lines.back().cells[0].clear();
    collect(tree, 0, "", width, lines);
    if (!has_classes || lines_fit(lines)) break;
  }
  std::string out = heading(tree) + "\n" + drawn(lines);
  if (tree.nodes.size() == 1) out += "\n" + nothing_found(tree);
  out += "\n" + legend(tree);
  if (const std::string blocks = blocks_text(tree); !blocks.empty()) out += "\n" + blocks;
  if (!tree.warnings.empty()) out += "\n";
  for (const std::string& warning : tree.warnings) out += wrapped(warning, "warning: ", "  ");
  if (!tree.constant_columns.empty()) {
    out += wrapped(names_text(tree.constant_columns, 10), "constant, not searched: ", "  ");
  }
  if (!tree.duplicate_columns.empty()) {
    out += wrapped(names_text(tree.duplicate_columns, 10), "say the same, searched once: ", "  ");
  }
  return out;
}

}  // namespace

}  // namespace detail::probe

std::string Tree::to_text() const {
  const detail::core::FpGuard guard;
  return detail::probe::tree_text(detail::probe::data_of(*this));
}

}  // namespace mlrepro
