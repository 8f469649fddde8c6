# SPDX-License-Identifier: Apache-2.0
"""How numbers and sentences look in every report: counts with commas, rates in percent, intervals in brackets.

Pure functions without locale, clock or terminal, so equal results print equal bytes.
"""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

__all__ = [
    "count",
    "figure",
    "fit_text",
    "interval",
    "joined",
    "number",
    "p_value",
    "paragraph",
    "percent",
    "plural",
    "text_width",
    "times",
]


def count(n: int) -> str:
    """Return `n` with thousands separated: 336,776."""
    return f"{n:,}"


def plural(n: int, noun: str, many: str = "") -> str:
    """Return a counted noun: `1 row`, `2,512 rows`."""
    return f"{n:,} {noun if n == 1 else many or noun + 's'}"


def percent(fraction: float, digits: int = 2) -> str:
    """Return a fraction as percent, `2.45%`; `-` where it is not a number.

    All and nothing are the only fractions that print as 100% and 0%.
    """
    if math.isnan(fraction):
        return "-"
    text = f"{100 * fraction:.{digits}f}"
    if float(text) in (0.0, 100.0):
        if fraction in (0.0, 1.0):
            return f"{100 * fraction:.0f}%"
        edge = 10.0**-digits
        return f"<{edge:.{digits}f}%" if fraction < 0.5 else f">{100 - edge:.{digits}f}%"
    return f"{text}%"


def number(value: float) -> str:
    """Return a number with four significant digits, integers as they are; `-` for NaN."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 1e-4:
        digits = max(0, 3 - math.floor(math.log10(abs(value))))
        return f"{value:.{digits}f}"
    return f"{value:.2e}"


def figure(value: float, *, rate: bool) -> str:
    """Return a mean as its target reads: percent for a rate, else a number."""
    return percent(value) if rate else number(value)


def interval(low: float, high: float, *, rate: bool) -> str:
    """Return `[1.4, 1.6]` (percent where `rate`), empty if there is none."""
    if math.isnan(low) or math.isnan(high):
        return ""
    if not rate:
        return f"[{number(low)}, {number(high)}]"
    return f"[{_bound(low)}, {_bound(high)}]"


def _bound(fraction: float) -> str:
    return percent(fraction).rstrip("%")


def p_value(p: float) -> str:
    """Return a p value with three decimals; very small ones as `<0.001`."""
    return "-" if math.isnan(p) else ("<0.001" if p < 0.001 else f"{p:.3f}")


def times(lift: float) -> str:
    """Return a lift as a factor: `x40`, `x0.61`; `-` where there is none."""
    if math.isnan(lift):
        return "-"
    return f"×{lift:.0f}" if lift >= 10 else f"×{lift:.2g}"


def joined(words: Iterable[str], last: str = "and") -> str:
    """Return `a, b and c`."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def paragraph(lines: Sequence[str], *, first: str, width: int) -> str:
    """Return lines wrapped to `width`, the first one led by `first`, the rest indented as far.

    A line that starts with two spaces is a picture and stays as it is.
    """
    indent = " " * len(first)
    out: list[str] = []
    for line in lines:
        lead = indent if out else first
        if line.startswith("  "):
            out.append((indent[:2] + line).rstrip())
            continue
        out += textwrap.wrap(
            line,
            width,
            initial_indent=lead,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [lead.rstrip()]
    return "\n".join(out)


def text_width(text: str, size: float) -> float:
    """Return about how wide text is in pixels, letters of `size` pixels; no font is asked."""
    total = 0.0
    for char in text:
        if unicodedata.east_asian_width(char) in "WF":
            total += 1.05
        elif char in "iljtf.,:;|!()[]{}' ":
            total += 0.34
        elif char.isupper() or char in "mw_<>=@%&":
            total += 0.78
        else:
            total += 0.60
    return total * size


def fit_text(text: str, width: float, size: float) -> str:
    """Return text that is no wider than `width` pixels, its end cut if it must be."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"
