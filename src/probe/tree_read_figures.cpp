// SPDX-License-Identifier: Apache-2.0
#include "probe/tree_read_figures.hpp"

#include <algorithm>
#include <functional>

#include "probe/cells.hpp"

namespace mlrepro::detail::probe {

using core::Json;

std::vector<std::string> classes_of(const Json& json, bool binary) {
  std::vector<std::string> classes;
  for (const Json& name : kRead.list(json, "classes")) {
    const OwnedValue value = core::value_from_json(name, kFormat);
    if (value.get().value_class() != ValueClass::text) kRead.damaged("a class that is no text");
    classes.emplace_back(value.get().text());
  }
  const bool ascend =
      std::adjacent_find(classes.begin(), classes.end(), std::greater_equal<>()) == classes.end();
  if (binary || classes.size() < 2 || classes.size() > kMostClasses || !ascend)
    kRead.damaged("classes that are not 2 to " + std::to_string(kMostClasses) + " in order");
  return classes;
}

std::vector<RowIndex> counts_of(const Json& json, const char* name, std::size_t count, RowIndex n) {
  std::vector<RowIndex> counts;
  RowIndex left = n;
  for (const Json& held : kRead.list(json, name)) {
    counts.push_back(kRead.count_in(held, name));
    if (counts.back() > left) break;
    left -= counts.back();
  }
  if (counts.size() != count || left != 0)
    kRead.damaged(std::string(name) + " that do not count the rows");
  return counts;
}

int class_of(const Json& json, const char* name, const TreeData& tree, int least) {
  const int k = kRead.small(json, name, least);
  if (k >= static_cast<int>(tree.classes.size()))
    kRead.damaged(std::string(name) + " is no class of the target");
  return k;
}

Figures figures_of(const Json& in, const char* name, const TreeData& tree, int k) {
  const Json& json = kRead.field(in, name);
  Figures f{.n = kRead.count(json, "n"),
            .positives = tree.binary ? kRead.count(json, "positives") : 0,
            .sum = kRead.real(json, "sum"),
            .mean = kRead.real(json, "mean"),
            .sd = kRead.real(json, "sd")};
  if (tree.classes.empty()) {
    if (json.contains("classes")) kRead.damaged("counts of classes that it does not name");
    return f;
  }
  f.classes = counts_of(json, "classes", tree.classes.size(), f.n);
  f.positives = f.classes[static_cast<std::size_t>(k)];
  return f;
}

}  // namespace mlrepro::detail::probe
