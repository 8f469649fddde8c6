# SPDX-License-Identifier: Apache-2.0
"""Prints the requirements of mlrepro with one of its extras, one a line, for pip.

python tools/extras.py demo

They are read from pyproject.toml, so that packages can be installed before (and apart from) the wheel.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    from pip._vendor import tomli as tomllib

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def requirements(project: dict, extra: str) -> list[str]:
    """Requirements of the package and of `extra`, `mlrepro[a,b]` expanded."""
    found = list(project["dependencies"])
    pending = [extra]
    seen = set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        for line in project["optional-dependencies"][name]:
            own = re.fullmatch(r"mlrepro\[(.+)\]", line)
            if own:
                pending += own.group(1).split(",")
            else:
                found.append(line)
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    for line in requirements(tomllib.loads(PROJECT.read_text())["project"], sys.argv[1]):
        print(line)
