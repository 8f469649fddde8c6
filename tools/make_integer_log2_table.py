# SPDX-License-Identifier: Apache-2.0
"""Writes src/core/integer_log2_table.hpp: reciprocals and their logarithms, from 60-digit decimals.

Run it from the top of the repository: python tools/make_integer_log2_table.py
"""

from decimal import ROUND_HALF_EVEN, Decimal, getcontext
from pathlib import Path

getcontext().prec = 60
LN2 = Decimal(2).ln()
N_FIRST, N_SECOND = 256, 130


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def log2_q64(value: Decimal) -> int:
    scaled = value.ln() / LN2 * Decimal(2**64)
    return int(scaled.to_integral_value(ROUND_HALF_EVEN))


def rows(reciprocals: list[int], one: int) -> str:
    lines = []
    for r in reciprocals:
        lines.append(f"    {{{r}U, {log2_q64(Decimal(one) / Decimal(r))}U}},")
    return "\n".join(lines)


first = [ceil_div(2**16 * N_FIRST, N_FIRST + i) for i in range(N_FIRST)]
second = [ceil_div(2**31 * 2**15, 2**15 + j) for j in range(N_SECOND)]

text = f"""// SPDX-License-Identifier: Apache-2.0
// Written by tools/make_integer_log2_table.py; do not edit. Table of integer_log2.cpp: a reciprocal
// (Q16, then Q31) and minus its log2 (Q64).
#pragma once
#include <cstdint>

namespace mlrepro::detail::core {{

struct ReciprocalLog {{
  std::uint32_t reciprocal;
  std::uint64_t log2_q64;
}};

inline constexpr ReciprocalLog kFirstReciprocals[{N_FIRST}] = {{
{rows(first, 2**16)}
}};

inline constexpr ReciprocalLog kSecondReciprocals[{N_SECOND}] = {{
{rows(second, 2**31)}
}};

}}  // namespace mlrepro::detail::core
"""
Path("src/core/integer_log2_table.hpp").write_text(text, encoding="utf-8")
