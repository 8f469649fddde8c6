# SPDX-License-Identifier: Apache-2.0
"""`mlrepro config`: where the C++ side of this installation lies, for build systems; and how it was built."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from mlrepro._build_info import build_info
from mlrepro._errors import FileError

__all__ = ["add_config", "run_config"]

_CMAKE_FILE, _PKGCONFIG_FILE, _HEADER = "mlreproConfig.cmake", "mlrepro.pc", "mlrepro/mlrepro.hpp"


def add_config(commands: Any) -> Any:
    """Add the sub-command to argparse's commands and return its parser."""
    config = commands.add_parser(
        "config",
        help="say where the C++ headers, the library and the CMake config are",
        description="Prints one folder for a build system, or all of them and how the library was built.",
        epilog="examples:\n"
        '  cmake -S service -B build -Dmlrepro_DIR="$(mlrepro config --cmake)"\n'
        '  PKG_CONFIG_PATH="$(mlrepro config --pkgconfig)" pkg-config --cflags --libs mlrepro\n'
        "  mlrepro config --json",
    )
    one = config.add_mutually_exclusive_group()
    for name, what in (
        ("cmake", "the folder of mlreproConfig.cmake"),
        ("pkgconfig", "the folder of mlrepro.pc"),
        ("include", "the folder of the headers"),
    ):
        one.add_argument(f"--{name}", action="store_true", help=f"print {what}")
    config.options += ["--cmake", "--pkgconfig", "--include"]
    return config


def run_config(options: Namespace) -> None:
    """Print what was asked for."""
    package = Path(__file__).absolute().parent  # not resolved: a build tree links the sources
    build = package.parents[1]
    sources = Path(__file__).resolve().parents[2]
    finders = {
        "cmake": lambda: _folder(_CMAKE_FILE, package / "lib/cmake/mlrepro", build),
        "pkgconfig": lambda: _folder(_PKGCONFIG_FILE, package / "lib/pkgconfig"),
        "include": lambda: _folder(_HEADER, package / "include", sources / "include"),
    }
    asked = [name for name in finders if getattr(options, name)]
    is_build_tree = (build / "CMakeCache.txt").exists()  # pkg-config needs what is installed
    listed = [name for name in finders if name != "pkgconfig" or not is_build_tree]
    found = {name: finders[name]() for name in asked or listed}
    if options.json:
        print(json.dumps({**found, **({} if asked else {"build": build_info()})}, indent=2))
    elif asked:
        print(found[asked[0]])
    else:
        lines = {**found, **{k: v for k, v in build_info().items() if k != "simd"}}
        lines["simd"] = build_info()["simd"]["in_use"]
        width = max(map(len, lines))
        print("\n".join(f"{name:<{width}}  {value}" for name, value in lines.items()))


def _folder(file: str, *candidates: Path) -> str:
    for folder in candidates:
        if (folder / file).exists():
            return str(folder)
    raise FileError(
        f"this installation has no {file}: it is not in {' nor in '.join(map(str, candidates))}.",
        next_step="Reinstall mlrepro from its wheel, which carries headers, library and CMake config; of a build tree "
        "take --cmake, or run cmake --install.",
    )
