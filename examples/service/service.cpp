// SPDX-License-Identifier: Apache-2.0
// Answers for each request in which part of a saved split its key belongs, and in which leaf of a
// saved tree it falls:
//     service plan.json tree.json < requests.tsv
// requests.tsv: a header of column names, then one request a line, tab-separated; an empty cell is
// missing. Numbers as they are, booleans true/false, dates as days, times as nanoseconds since
// 1970. Prints "part<TAB>leaf" a line. What was prepared once (plan, tree) answers each request
// without allocation or lock.
#include <mlrepro/mlrepro.hpp>

#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace mr = mlrepro;

namespace {

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::ios_base::failure(std::string("cannot read ") + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const std::size_t tab = line.find('\t');
    cells.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return cells;
    line.remove_prefix(tab + 1);
  }
}

template <class T>
bool parse(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

mr::Value number(std::string_view text) {
  std::int64_t integer = 0;
  if (parse(text, integer)) return mr::Value(integer);
  double real = 0;
  if (parse(text, real)) return mr::Value(real);
  return mr::Value(text);  // of the wrong class: refused below, with the column's name
}

// A cell as the class of value that its column takes.
mr::Value to_value(std::string_view text, mr::ValueClass value_class) {
  if (text.empty()) return mr::missing;
  std::int64_t ticks = 0;
  switch (value_class) {
    case mr::ValueClass::number:
      return number(text);
    case mr::ValueClass::boolean:
      return text == "true" || text == "false" ? mr::Value(text == "true") : mr::Value(text);
    case mr::ValueClass::date:
      return parse(text, ticks) ? mr::Value::date(static_cast<std::int32_t>(ticks))
                                : mr::Value(text);
    case mr::ValueClass::timestamp:
      return parse(text, ticks) ? mr::Value::timestamp(ticks, mr::TimeUnit::nano) : mr::Value(text);
    case mr::ValueClass::local_timestamp:
      return parse(text, ticks) ? mr::Value::local_timestamp(ticks, mr::TimeUnit::nano)
                                : mr::Value(text);
    case mr::ValueClass::duration:
      return parse(text, ticks) ? mr::Value::duration(ticks, mr::TimeUnit::nano) : mr::Value(text);
    default:
      return mr::Value(text);
  }
}

// Where the fields' values stand in a request; a request may bring more columns than are needed, in
// any order.
class Row {
 public:
  Row(std::span<const mr::Field> fields, const std::vector<std::string_view>& header)
      : fields_(fields), values_(fields.size()) {
    for (const mr::Field& field : fields) {
      std::size_t i = 0;
      while (i < header.size() && header[i] != field.name) ++i;
      if (i == header.size())
        throw std::ios_base::failure("requests have no column '" + std::string(field.name) + "'");
      position_.push_back(i);
    }
  }
  std::span<const mr::Value> read(const std::vector<std::string_view>& cells) {
    for (std::size_t i = 0; i < position_.size(); ++i) {
      const std::string_view cell =
          position_[i] < cells.size() ? cells[position_[i]] : std::string_view();
      values_[i] = to_value(cell, fields_[i].value_class);
    }
    return values_;
  }

 private:
  std::span<const mr::Field> fields_;
  std::vector<std::size_t> position_;
  std::vector<mr::Value> values_;
};

void serve(const mr::split::Plan& plan, const mr::Tree& tree) {
  std::string line;
  if (!std::getline(std::cin, line)) return;
  const std::string header = line;
  Row key(plan.key(), cells_of(header));
  Row features(tree.columns(), cells_of(header));
  while (std::getline(std::cin, line)) {
    const std::vector<std::string_view> cells = cells_of(line);
    const std::span<const mr::Value> row = features.read(cells);
    const int part = plan.try_assign(key.read(cells));
    const int leaf = tree.apply(row);
    if (part < 0) std::cerr << plan.assign(key.read(cells)) << '\n';  // throws the reason
    if (leaf < 0) tree.check_row(row);                                // throws the reason
    std::cout << plan.parts()[static_cast<std::size_t>(part)].name << '\t' << leaf << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: service plan.json tree.json < requests.tsv\n";
    return 2;
  }
  try {
    serve(mr::split::Plan::from_json(read_file(argv[1])), mr::Tree::from_json(read_file(argv[2])));
  } catch (const mr::Error& error) {
    std::cerr << error.name() << ": " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
