# SPDX-License-Identifier: Apache-2.0
"""Rooms: no C++ or Python file uses a room that DESIGN.md's table does not give it."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from codebase import ROOT, cpp_files, includes, python_modules

# DESIGN.md section 2: what a room may use besides itself. "all above" is spelled out by order.
ROOMS = {
    "core": set(),
    "fingerprint": {"core"},
    "stats": {"core"},
    "binning": {"core", "stats"},
    "join": {"core", "stats"},
    "feature": {"core", "stats", "join", "fingerprint"},
    "split": {"core", "stats", "fingerprint"},
    "probe": {"core", "stats", "binning", "fingerprint"},
}
ROOMS["interop"] = {"core"}
for _later in ("curate", "check", "monitor", "run", "report", "adapt"):
    ROOMS[_later] = set(ROOMS)

# Python modules that are named by concept: their first word counts (_report_html, _cli_parser).
MODULE_ROOMS = {
    "arrays": "core",
    "build": "core",
    "cells": "core",
    "column": "core",
    "csv": "core",
    "dataset": "core",
    "errors": "core",
    "exact": "core",
    "export": "core",
    "files": "core",
    "frames": "core",
    "load": "core",
    "steps": "core",
    "names": "core",
    "origin": "core",
    "pandas": "core",
    "parts": "core",
    "refused": "core",
    "roles": "core",
    "rows": "core",
    "saved": "core",
    "schema": "core",
    "streams": "core",
    "values": "core",
    "classes": "probe",
    "evaluate": "stats",
    "compare": "probe",
    "slices": "probe",
    "tree": "probe",
    "cli": "adapt",
    "demo": "adapt",
    "interop": "adapt",
    "progress": "adapt",
}
# Sources of the bindings that are named by concept; None: it names every room.
BINDING_ROOMS = {
    "array_view": "core",
    "arrow_capsule": "core",
    "arrow_parts": "core",
    "common": "core",
    "long_call": "core",
    "probe_options": "probe",
    "text_objects": "core",
    "module": None,
}
SEES_EVERYTHING = {"_compose", "__init__", "__main__"}  # and public modules, which only re-export


def room_of_cpp(path: Path) -> str | None:
    """Room of a C++ file; None for those outside the rooms (fwd.hpp, module.cpp, ...)."""
    parts = path.relative_to(ROOT).parts
    if parts[0] == "bindings":
        stem = path.stem.removeprefix("bind_")
        return BINDING_ROOMS.get(stem, MODULE_ROOMS.get(stem, stem))
    start = 2 if parts[0] == "include" else 1
    return parts[start] if len(parts) > start + 1 else None


def rooms_of_architecture() -> dict[str, set[str]]:
    """What ARCHITECTURE.md's table lets each room use; what is no room (std, libraries) left out."""
    rows = re.findall(
        r"^\| (\w+) \| .* \| ([^|]*) \|$", (ROOT / "ARCHITECTURE.md").read_text(), re.M
    )
    order = [room for room, _ in rows if room != "room"]
    return {
        room: set(order[: order.index(room)])
        if may_use == "all above"
        else {word.strip() for word in may_use.split(",")} & set(ROOMS)
        for room, may_use in rows
        if room != "room"
    }


def test_architecture_says_what_is_checked():
    written = rooms_of_architecture()
    assert set(written) >= {"core", "fingerprint", "stats", "binning", "join", "split", "probe"}
    for room, may_use in written.items():
        assert may_use == ROOMS[room] & set(written), room


def layering_faults(room: str, included: list[str]) -> list[str]:
    """Includes that DESIGN.md's table does not allow for a file of `room`."""
    faults = []
    for name in included:
        own = name.removeprefix("mlrepro/") if name.startswith("mlrepro/") else name
        first = own.split("/")[0] if "/" in own else None
        if name == "mlrepro/mlrepro.hpp":
            faults.append(f"{name}: the umbrella is for users")
        elif first in ROOMS and first != room and first not in ROOMS[room]:
            faults.append(f"{name}: room {room} may not use room {first}")
        elif name.startswith("mlrepro/") and first is not None and first not in ROOMS:
            faults.append(f"{name}: {first} is no room")
    return faults


def test_no_cpp_file_includes_a_room_it_may_not_use():
    faults = {}
    for path in cpp_files("include", "src", "bindings"):
        room = room_of_cpp(path)
        if room is None:
            continue
        assert room in ROOMS, f"{path}: {room} is no room of DESIGN.md"
        found = layering_faults(room, includes(path.read_text()))
        if found:
            faults[str(path.relative_to(ROOT))] = found
    assert not faults


def test_the_layering_checker_sees_a_wrong_include():
    good = '#include <span>\n#include <mlrepro/core/value.hpp>\n#include "stats/moments.hpp"\n'
    assert layering_faults("join", includes(good)) == []
    for wrong in (
        '#include "probe/tree.hpp"',
        "#include <mlrepro/split/plan.hpp>",
        "# include <mlrepro/mlrepro.hpp>",
    ):
        assert len(layering_faults("join", includes(good + wrong))) == 1, wrong
    assert layering_faults("core", includes('#include "stats/moments.hpp"'))
    assert layering_faults("join", includes('// #include "probe/tree.hpp"')) == []


def room_of_module(name: str) -> str | None:
    """Room of a Python module, by the first word of its name: `_join` is join, `_report_html` report."""
    word = name.split(".")[0].lstrip("_").split("_")[0]
    return MODULE_ROOMS.get(word, word if word in ROOMS else None)


def own_imports(tree: ast.AST) -> list[str]:
    """Modules of mlrepro that a file imports, inside functions and under TYPE_CHECKING too; without the prefix."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [
                a.name.removeprefix("mlrepro.") for a in node.names if a.name.startswith("mlrepro.")
            ]
        elif isinstance(node, ast.ImportFrom) and node.module == "mlrepro":
            found += [
                a.name for a in node.names if a.name.startswith("_") and not a.name.startswith("__")
            ]
            if any(not a.name.startswith("_") for a in node.names):
                found.append("__init__")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mlrepro."):
            found.append(node.module.removeprefix("mlrepro."))
    return found


def python_faults(module: str, tree: ast.AST) -> list[str]:
    room = room_of_module(module)
    if room is None:
        return [f"module {module} belongs to no room: name it _<room>.py or add it to MODULE_ROOMS"]
    faults = []
    for name in own_imports(tree):
        other = room_of_module(name)
        if name in SEES_EVERYTHING and room != "adapt":
            faults.append(f"imports {name}, which sees every room")
        elif other is not None and other != room and other not in ROOMS[room]:
            faults.append(f"imports {name}: room {room} may not use room {other}")
    return faults


def test_no_python_module_imports_a_room_it_may_not_use():
    faults = {}
    for module, path in python_modules():
        if module in SEES_EVERYTHING or not module.startswith("_"):
            continue
        found = python_faults(module, ast.parse(path.read_text()))
        if found:
            faults[module] = found
    assert not faults


def test_the_layering_checker_sees_a_wrong_import():
    assert python_faults("_join", ast.parse("from mlrepro._stats import wilson")) == []
    for wrong in (
        "from mlrepro._probe import Tree",
        "import mlrepro._split",
        "def f():\n    from mlrepro import _report_html",
        "from mlrepro import Dataset",
    ):
        assert len(python_faults("_join", ast.parse(wrong))) == 1, wrong
    assert python_faults("_dreams", ast.parse(""))
