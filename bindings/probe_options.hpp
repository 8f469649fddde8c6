// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <mlrepro/probe/probe.hpp>

#include "common.hpp"

namespace mlrepro::bindings {

ProbeOptions to_probe_options(const py::dict& given);

}  // namespace mlrepro::bindings
