// SPDX-License-Identifier: Apache-2.0
// Saved plans: what is read is written again as it was, and gives every key a part or a reason.
#include <mlrepro/core/errors.hpp>
#include <mlrepro/split/plan.hpp>

#include <string>

#include "fuzz.hpp"

using namespace mlrepro;
using namespace mlrepro_test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const split::Plan plan = split::Plan::from_json(as_text(data, size));
    const std::string text = plan.to_json();
    require(split::Plan::from_json(text).to_json() == text, "a plan changed when it was saved");
    const Value values[] = {Value(17),
                            Value(0.5),
                            Value("N14228"),
                            Value(true),
                            missing,
                            Value::date(15000),
                            Value::timestamp(1'380'000'000, TimeUnit::second)};
    const std::size_t width = plan.key().size();
    for (const Value& v : values) {
      const std::vector<Value> key(width, v);
      const int part = plan.try_assign(key);
      require(part >= -1 && part < static_cast<int>(plan.parts().size()), "a part that is none");
    }
  } catch (const Error&) {
  }
  return 0;
}
