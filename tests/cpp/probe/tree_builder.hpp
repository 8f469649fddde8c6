// SPDX-License-Identifier: Apache-2.0
// Trees made by hand: splits by path, then links, leaf numbers and finish() as the search gives
// them.
#pragma once
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <mlrepro/core/errors.hpp>

#include "probe/tree_data.hpp"

namespace mlrepro_test {

using namespace mlrepro;
using namespace mlrepro::detail::probe;

inline TreeColumn column(std::string name, Type type, ValueClass value_class,
                         TimeUnit unit = TimeUnit::second, std::string zone = "") {
  TreeColumn out;
  out.name = std::move(name);
  out.type.type = type;
  out.type.unit = unit;
  out.type.zone = std::move(zone);
  out.value_class = value_class;
  return out;
}

inline Split threshold(int column, const Value& value, MissingSide missing = MissingSide::right,
                       bool strict = false) {
  Split s;
  s.kind = SplitKind::threshold;
  s.column = column;
  s.threshold = OwnedValue::of(value);
  s.missing = missing;
  s.strict = strict;
  s.gain = 10;
  return s;
}
inline Split levels(int column, std::vector<Value> values,
                    MissingSide missing = MissingSide::right) {
  Split s;
  s.kind = SplitKind::levels;
  s.column = column;
  for (const Value& v : values) s.levels.push_back(OwnedValue::of(v));
  s.missing = missing;
  s.gain = 10;
  return s;
}
inline Split is_missing(int column) {
  Split s;
  s.kind = SplitKind::is_missing;
  s.column = column;
  s.gain = 10;
  return s;
}
inline Split block(std::vector<int> columns) {
  Split s;
  s.kind = SplitKind::block;
  s.block = std::move(columns);
  s.gain = 10;
  return s;
}

inline Split n_missing(int least, std::vector<int> columns) {
  Split s = block(std::move(columns));
  s.kind = SplitKind::n_missing;
  s.least = least;
  return s;
}

class TreeBuilder {
 public:
  explicit TreeBuilder(std::vector<TreeColumn> columns) { data->columns = std::move(columns); }
  TreeBuilder& split(const std::string& path, Split s) {
    splits[path] = std::move(s);
    return *this;
  }

  Tree make() {
    std::vector<std::string> paths{""};  // breadth first
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (const auto at = splits.find(paths[i]); at != splits.end()) {
        for (char step : steps(at->second)) paths.push_back(paths[i] + step);
      }
    }
    for (const std::string& path : paths) add(path, paths);
    int next_leaf = 0;
    number(0, next_leaf);
    return make_tree(std::move(data));
  }

  std::unique_ptr<TreeData> data = std::make_unique<TreeData>();
  std::map<std::string, Split> splits;

 private:
  static std::string steps(const Split& s) {
    const bool can = s.kind == SplitKind::threshold || s.kind == SplitKind::levels;
    return can && s.missing == MissingSide::alone ? "LRM" : "LR";
  }
  static int index(const std::vector<std::string>& paths, const std::string& path) {
    const auto at = std::find(paths.begin(), paths.end(), path);
    return at == paths.end() ? -1 : static_cast<int>(at - paths.begin());
  }
  void add(const std::string& path, const std::vector<std::string>& paths) {
    Node node;
    node.path = path;
    node.depth = static_cast<int>(path.size());
    node.parent = path.empty() ? -1 : index(paths, path.substr(0, path.size() - 1));
    if (const auto at = splits.find(path); at != splits.end()) {
      node.split = at->second;
      node.left = index(paths, path + "L");
      node.right = index(paths, path + "R");
      node.alone = index(paths, path + "M");
    } else {
      node.ended = "max_depth";
    }
    data->nodes.push_back(std::move(node));
  }
  void number(int at, int& next_leaf) {
    Node& node = data->nodes[static_cast<std::size_t>(at)];
    if (node.left < 0) {
      node.leaf = next_leaf++;
      return;
    }
    for (int child : {node.left, node.right, node.alone}) {
      if (child >= 0) number(child, next_leaf);
    }
  }
};

}  // namespace mlrepro_test
