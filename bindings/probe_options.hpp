// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <mlrepro/probe/probe.hpp>

#include <optional>
#include <string>

#include "common.hpp"

namespace mlrepro::bindings {

ProbeOptions to_probe_options(const py::dict& given);

// A target as the facade gives it: the name of a column or role, or a one-column Dataset whose rows
// go with those of the table by position, and its name.
class GivenTarget {
 public:
  GivenTarget(const py::object& given, const Text& name, const Dataset& rows)
      : by_name_(py::isinstance<py::str>(given)),
        name_(by_name_ ? std::string(utf8(given)) : std::string(name)),
        values_(by_name_ ? rows : given.cast<Dataset>()) {}
  // of_class: of text, this class against the rest.
  Target target(
      const std::optional<std::string>& of_class = {}) const {  // touches no Python object
    const Target all = by_name_ ? Target::column(name_) : Target::values(values_.column(0), name_);
    return of_class ? all.against_rest(*of_class) : all;
  }

 private:
  bool by_name_;
  std::string name_;
  Dataset values_;
};

}  // namespace mlrepro::bindings
