// SPDX-License-Identifier: Apache-2.0
// Uses that would dangle or change their meaning in silence, one for each value of MISUSE; each
// must be refused by the compiler. MISUSE=0 is the control: the right forms of all of them, which
// must compile.
#include <mlrepro/mlrepro.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mr = mlrepro;

std::string make_text();
std::vector<double> make_values();
mr::Dataset make_dataset();
mr::split::Plan make_plan();

void use(const mr::split::Plan& plan, const mr::Dataset& table, int* pointer) {
  const std::string text = make_text();
  const std::vector<double> values = make_values();
  const std::vector<bool> flags(3);
#if MISUSE == 0
  std::string_view part = plan.assign("N14228");
  part = plan.assign(text);
  part = plan.assign(17);
  part = plan.assign(3.0);
  part = plan.assign({"AA", 17});
  const mr::Value of_text(text);
  const mr::ColumnView column = table["p"];
  const mr::ColumnView view(values);
#elif MISUSE == 1  // the part's name lives in the plan
  std::string_view part = make_plan().assign("N14228");
#elif MISUSE == 2
  std::string_view part = make_plan().assign({"AA", 17});
#elif MISUSE == 3  // a Value borrows its text
  const mr::Value value(make_text());
#elif MISUSE == 4  // would be the number 55
  std::string_view part = plan.assign('7');
#elif MISUSE == 5
  std::string_view part = plan.assign(nullptr);
#elif MISUSE == 6
  std::string_view part = plan.assign(3.0L);
#elif MISUSE == 7  // a view of a table that is gone
  const mr::ColumnView column = make_dataset()["p"];
#elif MISUSE == 8
  const mr::ColumnView view(make_values());
#elif MISUSE == 9   // packed bits are not an array of bool
  const mr::ColumnView view(flags);
#elif MISUSE == 10  // a column of characters is never meant
  const mr::ColumnView view(text);
#elif MISUSE == 11  // would be true
  const mr::Value value(pointer);
#elif MISUSE == 12  // parts of a plan that is gone before the loop begins
  const auto parts = make_plan().parts();
#else
#error "no such misuse"
#endif
}
