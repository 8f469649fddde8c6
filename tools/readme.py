# SPDX-License-Identifier: Apache-2.0
"""Runs the demo and puts what it prints into README.md, and the tree on the predictions into docs/tree.svg."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mlrepro._demo import run_demo
from mlrepro._demo_data import load_tables
from mlrepro._report_svg import tree_svg
from mlrepro._report_tree import picture_of

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    result = run_demo(*load_tables())
    picture = picture_of(result.trees["prediction"])
    (ROOT / "docs").mkdir(exist_ok=True)
    svg = tree_svg(picture, standalone=True)
    (ROOT / "docs" / "tree.svg").write_text(svg + "\n", encoding="utf-8")
    readme = ROOT / "README.md"
    printed = result.to_text(100)
    text = readme.read_text(encoding="utf-8")
    text, n = re.subn(
        r"```text\n.*?```", lambda _: f"```text\n{printed}\n```", text, count=1, flags=re.DOTALL
    )
    readme.write_text(text, encoding="utf-8")
    return 0 if n == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
