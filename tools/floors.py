# SPDX-License-Identifier: Apache-2.0
"""The Python tests beside the oldest versions that pyproject.toml allows of everything mlrepro reads.

python tools/floors.py [pytest argument ...]     environment in build/floors; exit code of pytest
"""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "build" / "floors"
# What these old versions cannot do: test and reason.
KNOWN = {
    "test_frames.py::test_one_table_through_every_library[dict of polars]": "a polars Series of times exports another type",
    "test_frames.py::test_pandas_without_pyarrow_gives_the_same_rows": "pandas 2.2 asks a hidden pyarrow for its types",
    "test_rules.py::test_a_polars_rule_takes_nan_along": "polars finds no column by a name like ^when$",
    "test_rules.py::test_a_tree_without_types_has_other_rules": "polars finds no column by a name like ^when$",
    "test_estimator_checks.py": "scikit-learn has such a list of results from 1.6 on",
    "test_codebase.py": "about the sources",
    "test_readme.py": "README's outputs are those of the newest versions",
    "test_demo.py": "minutes long with this scikit-learn",
    "test_flights.py": "minutes long with this scikit-learn",
}
FLOORED = ("numpy", "pyarrow", "pandas", "polars", "scikit-learn")


def floors() -> list[str]:
    """Return name==version of each floor that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    found = dict(m.groups() for r in asked if (m := re.fullmatch(r"([\w-]+)>=([\d.]+)", r)))
    absent = set(FLOORED) - set(found)
    if absent:
        sys.exit(f"floors: pyproject.toml names no oldest version of {', '.join(sorted(absent))}")
    return [f"{name}=={'.'.join([*found[name].split('.'), '0'][:2])}.*" for name in FLOORED]


def others() -> list[str]:
    """Return what the tests need besides, in any version."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    needed = [*extras["test"], *extras["demo"]]
    names = [re.split(r"[>=\[]", r)[0] for r in needed]
    return sorted(set(names) - {"mlrepro", *FLOORED})


def main() -> int:
    python = VENV / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    print("floors:", " ".join(floors()), flush=True)
    subprocess.run([*pip, *floors(), *others()], check=True)
    wheel = (ROOT / "build" / "stamps" / "wheel").read_text().strip()
    subprocess.run([*pip, "--no-deps", "--force-reinstall", ROOT / wheel], check=True)
    left_out = [f"--deselect=tests/python/{test}" for test in KNOWN]
    for test, reason in KNOWN.items():
        print(f"left out: {test}: {reason}")
    command = [python, "-m", "pytest", "-q", *left_out, *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
