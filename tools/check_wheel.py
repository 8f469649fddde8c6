# SPDX-License-Identifier: Apache-2.0
"""A release wheel in an empty environment without a compiler: README's quick start, friends in every order, C++ beside it.

python tools/check_wheel.py build/wheels/<name>.whl [--python /usr/bin/python3.11]
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRIENDS = ("pandas", "sklearn.ensemble", "lightgbm", "polars")
HEAVY = ("pandas", "pyarrow", "sklearn", "narwhals", "jinja2", "matplotlib", "polars", "scipy")
WORK = """
import numpy as np
x = np.arange(40_000.0).reshape(-1, 4)
if "sklearn" in sys.modules:
    sys.modules["sklearn.ensemble"].HistGradientBoostingRegressor(max_iter=2).fit(x, x[:, 0])
if "lightgbm" in sys.modules:
    lgb = sys.modules["lightgbm"]
    lgb.train({"verbosity": -1, "num_threads": 2}, lgb.Dataset(x, x[:, 0]), 2)
probe = mlrepro.DecisionTreeProbe(max_depth=1, threads=2).fit({"a": x[:, 0], "b": x[:, 1] % 7}, x[:, 0] > 20_000)
assert "a >" in probe.rules()[1], probe.rules()
"""


def run(command: list[str | Path], **options: object) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        sys.exit(f"check_wheel: {' '.join(map(str, command))[:400]}\n{done.stdout}{done.stderr}")
    return str(done.stdout)


def check_contents(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        r"mlrepro/lib/libmlrepro\.so$", r"mlrepro/include/mlrepro/mlrepro\.hpp$", r"mlreproConfig\.cmake$",
        r"mlrepro\.pc$", r"licenses/LICENSE$", r"licenses/.*libgomp\.txt$", r"licenses/.*xxhash\.txt$",
        r"libs/libgomp-.*\.so", r"py\.typed$",
    ):  # fmt: skip
        if not any(re.search(wanted, name) for name in names):
            sys.exit(f"check_wheel: nothing like {wanted} in {wheel.name}")
    print(f"contents: {len(names)} files, libgomp and licences inside")


def check_quick_start(python: Path, folder: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    for block in blocks:
        run([python, "-c", block], cwd=folder, env={"PATH": "/nowhere"})
    code = f"import sys, mlrepro; print([m for m in {HEAVY} if m in sys.modules])"
    loaded = run([python, "-c", code], cwd=folder).strip()
    if loaded != "[]":
        sys.exit(f"check_wheel: import mlrepro loads {loaded}")
    print(
        f"quick start: {len(blocks)} blocks of README ran without a compiler; the import loads nothing heavy"
    )


def check_friends(python: Path, folder: Path) -> None:
    run(
        [
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "pandas",
            "scikit-learn",
            "lightgbm",
            "polars",
            "pyarrow",
        ]
    )
    orders = list(itertools.permutations(("mlrepro", *FRIENDS)))
    for order in orders:
        run([python, "-c", f"import sys\nimport {', '.join(order)}\n{WORK}"], cwd=folder)
    print(
        f"friends: {len(orders)} orders of import with {', '.join(FRIENDS)}, a parallel call of each"
    )


def check_cpp(python: Path, folder: Path) -> None:
    if shutil.which("cmake") is None or shutil.which("c++") is None:
        print("C++: not run here: there is no compiler")
        return
    config = run([python.parent / "mlrepro", "config", "--cmake"]).strip()
    build = folder / "service"
    run(["cmake", "-S", ROOT / "examples/service", "-B", build, f"-Dmlrepro_DIR={config}"])
    run(["cmake", "--build", build])
    run(["ldd", build / "service"])
    if not (build / "service").exists():
        sys.exit("check_wheel: no service")
    print("C++: examples/service builds and links against the wheel")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--python", default=sys.executable, help="makes the empty environment")
    given = parser.parse_args()
    wheel = given.wheel.resolve()
    os.environ.pop("PYTHONPATH", None)
    check_contents(wheel)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run([given.python, "-m", "venv", folder / "venv"])
        python = folder / "venv/bin/python"
        run([python, "-m", "pip", "install", "-q", wheel])
        check_quick_start(python, folder)
        check_cpp(python, folder)
        check_friends(python, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
