// SPDX-License-Identifier: Apache-2.0
// Which leaf a row falls into: one row by its values, a table by typed loops over chunks of rows.
// Both decide by the same integer keys; the loops only bring the key of a split into the type of
// its column first.
#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "core/parallel.hpp"
#include "core/raise.hpp"
#include "core/table.hpp"
#include "probe/tree_data.hpp"

namespace mlrepro {

namespace {

using detail::core::Column;
using detail::core::ColumnPtr;
using detail::core::OrderKey;
using detail::core::raise;
using detail::probe::FlatNode;
using detail::probe::MissingSide;
using detail::probe::reads_many;
using detail::probe::Side;
using detail::probe::SplitKind;
using detail::probe::TreeData;

Side missing_side(const FlatNode& node) noexcept {
  if (node.kind == SplitKind::is_missing) return Side::left;
  if (node.missing == MissingSide::alone) return Side::alone;
  return node.missing == MissingSide::left ? Side::left : Side::right;
}

bool key_goes_left(const FlatNode& node, const OrderKey& key) noexcept {
  return node.strict ? key < node.cut : key <= node.cut;
}

bool among_levels(const TreeData& tree, const FlatNode& node, const Value& value) noexcept {
  if (node.is_text) {
    const std::string_view* levels = tree.level_texts.data();
    return std::binary_search(levels + node.first, levels + node.last, value.text());
  }
  const OrderKey* levels = tree.level_keys.data();
  return std::binary_search(levels + node.first, levels + node.last,
                            detail::core::order_key(value));
}

int child(const FlatNode& node, Side side) noexcept {
  return side == Side::left ? node.left : side == Side::right ? node.right : node.alone;
}

bool fits(const Field& field, const Value& value) noexcept {
  return value.value_class() == ValueClass::missing || value.value_class() == field.value_class;
}

// Whether `least` of a node's columns are missing: all of a block.
template <class IsMissing>
bool enough_missing(int n_columns, int least, IsMissing is_missing) noexcept {
  int n_present = 0;
  for (int i = 0; i < n_columns; ++i) {
    if (!is_missing(i) && ++n_present > n_columns - least) return false;
  }
  return true;
}

Side block_side(const TreeData& tree, const FlatNode& node, std::span<const Value> row) noexcept {
  const int* columns = tree.block_columns.data() + node.first;
  const bool left = enough_missing(node.last - node.first, node.least, [&](int i) {
    return row[static_cast<std::size_t>(columns[i])].is_missing();
  });
  return left ? Side::left : Side::right;
}

// ---- a table ----

// The last value of T that goes left, found by halving: T's order is the order of its keys.
template <class T>
struct Cut {
  bool any = false;
  T last{};
};

template <class T, class MakeValue>
Cut<T> cut_of(const FlatNode& node, MakeValue make_value) {
  const auto left = [&](T v) {
    return key_goes_left(node, detail::core::order_key(make_value(v)));
  };
  T low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  if (!left(low)) return {};
  while (low < high) {
    const T middle = std::midpoint(high, low);  // rounds towards high
    if (left(middle)) {
      low = middle;
    } else {
      high = static_cast<T>(middle - 1);
    }
  }
  return {true, low};
}

struct Bound {  // an inner node on the columns of one table
  const FlatNode* node = nullptr;
  const Column* column = nullptr;
  std::vector<const Column*> block{};
  std::vector<Side> side_of_code{};  // of a dictionary: its levels are looked up once
};

struct Rows {  // rows of a chunk at one node, and where to write the side of each
  std::int64_t begin;
  std::span<const std::int32_t> offsets;
  Side* sides;
};

template <class IsMissing, class GoesLeft>
void decide(const Rows& rows, Side missing, IsMissing is_missing, GoesLeft goes_left) {
  for (std::size_t i = 0; i < rows.offsets.size(); ++i) {
    const std::int64_t row = rows.begin + rows.offsets[i];
    rows.sides[i] = is_missing(row) ? missing : goes_left(row) ? Side::left : Side::right;
  }
}

template <class T, class MakeValue>
void decide_integers(const Bound& bound, const Rows& rows, MakeValue make_value) {
  const Cut<T> cut = cut_of<T>(*bound.node, make_value);
  const T* values = bound.column->as<T>().data();
  decide(
      rows, missing_side(*bound.node), [&](std::int64_t row) { return bound.column->is_null(row); },
      [&](std::int64_t row) { return cut.any && values[row] <= cut.last; });
}

// By the ordered bits of binary64; `rest` is what the cut lies above that double.
template <class Bits, class Widen>
void decide_floats(const Bound& bound, const Rows& rows, Widen widen) {
  const FlatNode& node = *bound.node;
  const Bits* bits = bound.column->as<Bits>().data();
  const std::uint64_t cut = node.cut.high;
  const bool below_only = node.strict && node.cut.low == 0;
  decide(
      rows, missing_side(node), [&](std::int64_t row) { return bound.column->is_missing(row); },
      [&](std::int64_t row) {
        const std::uint64_t key = detail::core::ordered_bits(widen(bits[row]));
        return below_only ? key < cut : key <= cut;
      });
}

template <class T>
void decide_numbers(const Bound& bound, const Rows& rows) {
  decide_integers<T>(bound, rows, [](T v) { return Value(v); });
}

void decide_times(const Bound& bound, const Rows& rows) {
  const TimeUnit unit = bound.column->type().unit;
  switch (bound.column->value_class()) {
    case ValueClass::timestamp:
      return decide_integers<std::int64_t>(
          bound, rows, [&](std::int64_t v) { return Value::timestamp(v, unit); });
    case ValueClass::local_timestamp:
      return decide_integers<std::int64_t>(
          bound, rows, [&](std::int64_t v) { return Value::local_timestamp(v, unit); });
    default:
      return decide_integers<std::int64_t>(
          bound, rows, [&](std::int64_t v) { return Value::duration(v, unit); });
  }
}

void decide_threshold(const TreeData& tree, const Bound& bound, const Rows& rows) {
  switch (bound.column->kind()) {
    case Type::int8:
      return decide_numbers<std::int8_t>(bound, rows);
    case Type::int16:
      return decide_numbers<std::int16_t>(bound, rows);
    case Type::int32:
      return decide_numbers<std::int32_t>(bound, rows);
    case Type::int64:
      return decide_numbers<std::int64_t>(bound, rows);
    case Type::uint8:
      return decide_numbers<std::uint8_t>(bound, rows);
    case Type::uint16:
      return decide_numbers<std::uint16_t>(bound, rows);
    case Type::uint32:
      return decide_numbers<std::uint32_t>(bound, rows);
    case Type::uint64:
      return decide_numbers<std::uint64_t>(bound, rows);
    case Type::float32:
      return decide_floats<std::uint32_t>(bound, rows, detail::core::widen_bits);
    case Type::float64:
      return decide_floats<std::uint64_t>(bound, rows, [](std::uint64_t bits) { return bits; });
    case Type::date:
      return decide_integers<std::int32_t>(bound, rows,
                                           [](std::int32_t v) { return Value::date(v); });
    case Type::timestamp:
    case Type::duration:
      return decide_times(bound, rows);
    default:
      for (std::size_t i = 0; i < rows.offsets.size(); ++i) {
        rows.sides[i] =
            side_of(tree, *bound.node, bound.column->value(rows.begin + rows.offsets[i]));
      }
  }
}

void decide_node(const TreeData& tree, const Bound& bound, const Rows& rows) {
  const FlatNode& node = *bound.node;
  if (reads_many(node.kind)) {
    const auto enough = [&](std::int64_t row) {
      return enough_missing(static_cast<int>(bound.block.size()), node.least, [&](int i) {
        return bound.block[static_cast<std::size_t>(i)]->is_missing(row);
      });
    };
    return decide(rows, Side::left, enough, [](std::int64_t) { return false; });
  }
  const Column& column = *bound.column;
  if (node.kind == SplitKind::is_missing || column.kind() == Type::null) {
    return decide(
        rows, missing_side(node), [&](std::int64_t row) { return column.is_missing(row); },
        [](std::int64_t) { return false; });
  }
  if (column.kind() == Type::dictionary) {
    return decide(
        rows, missing_side(node), [&](std::int64_t row) { return column.is_missing(row); },
        [&](std::int64_t row) {
          return bound.side_of_code[static_cast<std::size_t>(column.code(row))] == Side::left;
        });
  }
  if (node.kind == SplitKind::threshold) return decide_threshold(tree, bound, rows);
  for (std::size_t i = 0; i < rows.offsets.size(); ++i) {
    rows.sides[i] = side_of(tree, node, column.value(rows.begin + rows.offsets[i]));
  }
}

void check_class(const Field& field, const Column& column) {
  const ValueClass found = column.value_class();
  const bool empty = column.kind() == Type::null || column.n_null() == column.n_rows();
  if (empty || found == field.value_class) return;
  raise<SchemaError>({.message = "column " + detail::core::in_quotes(field.name) +
                                 " holds values of class " + std::string(to_string(found)) +
                                 ", but the tree was fitted on class " +
                                 std::string(to_string(field.value_class)) + ".",
                      .column = std::string(field.name),
                      .next_step = "Cast it to the class that it had when the tree was fitted."});
}

std::vector<Bound> bind(const TreeData& tree, const Dataset& rows) {
  const detail::core::Table& table = detail::core::table_of(rows);
  std::vector<const Column*> columns;
  for (const Field& field : tree.fields) {
    columns.push_back(table.column(field.name).get());
    check_class(field, *columns.back());
  }
  std::vector<Bound> bound(tree.flat.size());
  for (std::size_t i = 0; i < bound.size(); ++i) {
    const FlatNode& node = tree.flat[i];
    bound[i].node = &node;
    if (node.leaf >= 0) continue;
    for (int k = node.first; reads_many(node.kind) && k < node.last; ++k) {
      bound[i].block.push_back(
          columns[static_cast<std::size_t>(tree.block_columns[static_cast<std::size_t>(k)])]);
    }
    if (reads_many(node.kind)) continue;
    bound[i].column = columns[static_cast<std::size_t>(node.column)];
    if (bound[i].column->kind() != Type::dictionary) continue;
    const Column& levels = *bound[i].column->levels();
    for (RowIndex level = 0; level < levels.n_rows(); ++level) {
      bound[i].side_of_code.push_back(side_of(tree, node, levels.value(level)));
    }
  }
  return bound;
}

// Sends the rows of one chunk down, all rows of a node at a time.
class Descent {
 public:
  Descent(const TreeData& tree, std::span<const Bound> bound, std::int64_t begin, std::int64_t end,
          std::span<int> out)
      : tree_(tree),
        bound_(bound),
        begin_(begin),
        out_(out),
        rows_(static_cast<std::size_t>(end - begin)),
        moved_(rows_.size()),
        sides_(rows_.size()) {
    std::iota(rows_.begin(), rows_.end(), 0);
  }
  void run() { descend(0, 0, rows_.size()); }

 private:
  void descend(int at, std::size_t first, std::size_t last) {
    if (first == last) return;
    const Bound& bound = bound_[static_cast<std::size_t>(at)];
    if (bound.node->leaf >= 0) {
      for (std::size_t i = first; i < last; ++i) {
        out_[static_cast<std::size_t>(begin_ + rows_[i])] = bound.node->leaf;
      }
      return;
    }
    decide_node(tree_, bound,
                {begin_, std::span(rows_).subspan(first, last - first), sides_.data() + first});
    const std::array<std::size_t, 4> edges = part(first, last);
    for (std::size_t side = 0; side < 3; ++side) {
      descend(child(*bound.node, static_cast<Side>(side)), edges[side], edges[side + 1]);
    }
  }

  std::array<std::size_t, 4> part(std::size_t first, std::size_t last) {
    std::array<std::size_t, 3> n{};
    for (std::size_t i = first; i < last; ++i) ++n[static_cast<std::size_t>(sides_[i])];
    const std::array<std::size_t, 4> edges{first, first + n[0], first + n[0] + n[1], last};
    std::array<std::size_t, 3> next{edges[0], edges[1], edges[2]};
    for (std::size_t i = first; i < last; ++i)
      moved_[next[static_cast<std::size_t>(sides_[i])]++] = rows_[i];
    std::copy(moved_.begin() + static_cast<std::ptrdiff_t>(first),
              moved_.begin() + static_cast<std::ptrdiff_t>(last),
              rows_.begin() + static_cast<std::ptrdiff_t>(first));
    return edges;
  }

  const TreeData& tree_;
  std::span<const Bound> bound_;
  std::int64_t begin_;
  std::span<int> out_;
  std::vector<std::int32_t> rows_, moved_;
  std::vector<Side> sides_;
};

}  // namespace

namespace detail::probe {

Side side_of(const TreeData& tree, const FlatNode& node, const Value& value) noexcept {
  if (value.is_missing()) return missing_side(node);
  if (node.kind == SplitKind::is_missing) return Side::right;
  const bool left = node.kind == SplitKind::threshold ? key_goes_left(node, core::order_key(value))
                                                      : among_levels(tree, node, value);
  return left ? Side::left : Side::right;
}

}  // namespace detail::probe

int Tree::apply(std::span<const Value> row) const noexcept {
  const TreeData& tree = detail::probe::data_of(*this);
  if (row.size() != tree.fields.size()) return -1;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!fits(tree.fields[i], row[i])) return -1;
  }
  const FlatNode* node = tree.flat.data();
  while (node->leaf < 0) {
    const Side side = reads_many(node->kind)
                          ? block_side(tree, *node, row)
                          : side_of(tree, *node, row[static_cast<std::size_t>(node->column)]);
    node = tree.flat.data() + child(*node, side);
  }
  return node->leaf;
}

void Tree::check_row(std::span<const Value> row) const {
  const TreeData& tree = detail::probe::data_of(*this);
  if (row.size() != tree.fields.size()) {
    std::vector<std::string_view> names;
    for (const Field& field : tree.fields) names.push_back(field.name);
    raise<SchemaError>(
        {.message = "the tree takes " + std::to_string(tree.fields.size()) + " values, not " +
                    std::to_string(row.size()) + ".",
         .next_step = "Give them in the order of columns(): " + detail::core::joined(names) + "."});
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    const Field& field = tree.fields[i];
    if (fits(field, row[i])) continue;
    raise<SchemaError>({.message = "column " + detail::core::in_quotes(field.name) +
                                   " takes values of class " +
                                   std::string(to_string(field.value_class)) + ", not " +
                                   std::string(to_string(row[i].value_class())) + " (" +
                                   detail::core::display(row[i]) + ").",
                        .column = std::string(field.name),
                        .next_step = "Cast the value, or pass mlrepro::missing."});
  }
}

void Tree::apply(const Dataset& rows, std::span<int> leaf_of_row, int threads) const {
  const TreeData& tree = detail::probe::data_of(*this);
  if (static_cast<RowIndex>(leaf_of_row.size()) != rows.n_rows()) {
    raise<ArgumentError>({.message = "leaf_of_row has " + std::to_string(leaf_of_row.size()) +
                                     " elements for " + std::to_string(rows.n_rows()) + " rows.",
                          .next_step = "Give it one element a row."});
  }
  const std::vector<Bound> bound = bind(tree, rows);
  constexpr std::int64_t kChunk = 1 << 14;  // row lists and sides stay in the second-level cache
  detail::core::parallel_for_chunks(rows.n_rows(), kChunk, detail::core::resolve_threads(threads),
                                    [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                                      Descent(tree, bound, begin, end, leaf_of_row).run();
                                    });
}

}  // namespace mlrepro
