# SPDX-License-Identifier: Apache-2.0
"""Tests of the code base itself: rooms, public surface, version, and the constructs that break equal bytes."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

import mlrepro
from mlrepro import _core

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include" / "mlrepro"
PYTHON = ROOT / "python" / "mlrepro"

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
for _later in ("curate", "check", "monitor", "run", "report", "adapt"):
    ROOMS[_later] = set(ROOMS)
ROOMS["interop"] = {"core"}

# Python modules that are named by concept: their first word counts (_report_html, _cli_parser).
MODULE_ROOMS = {
    "arrays": "core",
    "cells": "core",
    "column": "core",
    "dataset": "core",
    "errors": "core",
    "export": "core",
    "files": "core",
    "frames": "core",
    "load": "core",
    "names": "core",
    "origin": "core",
    "pandas": "core",
    "parts": "core",
    "roles": "core",
    "saved": "core",
    "schema": "core",
    "values": "core",
    "evaluate": "stats",
    "tree": "probe",
    "cli": "adapt",
    "demo": "adapt",
    "interop": "adapt",
    "progress": "adapt",
}
SEES_EVERYTHING = {"_compose", "__init__", "__main__"}  # and public modules, which only re-export

STD_FORBIDDEN_IN_PUBLIC = {
    "chrono", "functional", "iostream", "map", "memory", "optional", "ostream", "regex", "sstream",
    "thread", "unordered_map", "unordered_set", "variant", "vector",
}  # fmt: skip
LIBM = r"\bstd::(log|log2|log10|log1p|exp|exp2|expm1|pow|erf|erfc|sin|cos|tan|tgamma|lgamma|hypot)\s*\("
BANNED = {
    "a std distribution or engine differs between libraries": r"#\s*include\s*<random>",
    "std::shuffle differs between libraries": r"\bstd::shuffle\b",
    "a float reduction depends on the number of threads": r"\breduction\s*\(",
    "libm differs between machines; use core's exp/log/erfc": LIBM,
    "std::views does not compile with clang 14": r"\bstd::views::",
}


def cpp_files(*folders: str) -> list[Path]:
    found = [
        p
        for f in folders
        for p in sorted((ROOT / f).rglob("*"))
        if p.suffix in {".cpp", ".hpp", ".ipp"}
    ]
    assert found, f"no C++ file below {folders}"
    return found


def without_comments(text: str) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)


def includes(text: str) -> list[str]:
    return re.findall(
        r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', without_comments(text), flags=re.MULTILINE
    )


def room_of_cpp(path: Path) -> str | None:
    """Room of a C++ file; None for those outside the rooms (fwd.hpp, module.cpp, ...)."""
    parts = path.relative_to(ROOT).parts
    if parts[0] == "bindings":
        named = re.fullmatch(r"bind_(\w+)", path.stem)
        return MODULE_ROOMS.get(named.group(1), named.group(1)) if named else None
    start = 2 if parts[0] == "include" else 1
    return parts[start] if len(parts) > start + 1 else None


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


def python_modules() -> list[tuple[str, Path]]:
    return [
        (".".join(p.relative_to(PYTHON).with_suffix("").parts), p)
        for p in sorted(PYTHON.rglob("*.py"))
    ]


def test_no_python_module_imports_a_room_it_may_not_use():
    faults = {}
    for module, path in python_modules():
        if module in SEES_EVERYTHING or not module.startswith("_"):
            continue
        found = python_faults(module, ast.parse(path.read_text()))
        if found:
            faults[module] = found
    assert not faults


def test_public_python_modules_only_re_export():
    for module, path in python_modules():
        if module.startswith("_"):
            continue
        for node in ast.parse(path.read_text()).body:
            documented = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            listed = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            assert documented or listed or isinstance(node, ast.ImportFrom), f"{path}:{node.lineno}"


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


@pytest.mark.parametrize("reason", BANNED)
def test_no_source_uses_what_breaks_equal_bytes(reason):
    hits = [
        str(p.relative_to(ROOT))
        for p in cpp_files("include", "src", "bindings")
        if re.search(BANNED[reason], without_comments(p.read_text()))
    ]
    assert not hits, reason


def test_openmp_pragmas_sit_in_one_header():
    with_pragma = {
        str(p.relative_to(ROOT))
        for p in cpp_files("include", "src", "bindings", "tests/cpp")
        if re.search(r"#\s*pragma\s+omp|_Pragma\s*\(\s*\"omp", without_comments(p.read_text()))
    }
    assert with_pragma <= {"src/core/parallel.hpp", "src/core/parallel.cpp"}


def public_headers() -> list[Path]:
    return [
        p for p in sorted(INCLUDE.rglob("*.hpp")) if "interop" not in p.relative_to(INCLUDE).parts
    ]


def test_public_headers_need_std_and_our_own_only():
    own_or_std = re.compile(r"mlrepro/.*|[a-z_]+|math\.h")
    for path in public_headers():
        for name in includes(path.read_text()):
            assert own_or_std.fullmatch(name), f"{path}: {name} is third-party or private"
            assert name not in STD_FORBIDDEN_IN_PUBLIC, (
                f"{path}: <{name}> stays out of public headers"
            )
            assert name.startswith("mlrepro/") or not (ROOT / "src" / name).exists(), (
                f"{path}: {name} is private"
            )


def test_the_umbrella_header_is_complete():
    umbrella = INCLUDE / "mlrepro.hpp"
    reached, pending = set(), [umbrella]
    while pending:
        path = pending.pop()
        if path in reached:
            continue
        reached.add(path)
        pending += [
            INCLUDE.parent / n for n in includes(path.read_text()) if n.startswith("mlrepro/")
        ]
    wanted = {p for p in public_headers() if "detail" not in p.relative_to(INCLUDE).parts}
    assert not {str(p.relative_to(INCLUDE)) for p in wanted - reached}
    assert not [p for p in reached if "interop" in p.parts], "interop headers are asked for by name"


def test_every_public_type_is_forward_declared():
    declared = set(re.findall(r"\b(?:class|struct)\s+(\w+);", (INCLUDE / "fwd.hpp").read_text()))
    results = {
        "Dataset",
        "Error",
        "Value",
        "Tree",
        "DecisionTreeProbe",
        "Plan",
        "HashSplit",
        "TimeSplit",
        "GroupKFold",
    }
    assert results <= declared


def test_the_version_is_the_same_everywhere():
    text = (INCLUDE / "version.hpp").read_text()
    version = re.search(r'MLREPRO_VERSION_STRING "(.+)"', text).group(1)
    parts = [
        re.search(rf"MLREPRO_VERSION_{p} (\d+)", text).group(1) for p in ("MAJOR", "MINOR", "PATCH")
    ]
    assert ".".join(parts) == version
    assert mlrepro.__version__ == version
    assert json.loads(_core.build_info())["version"] == version
    newest = re.search(
        r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE
    )
    assert newest is not None
    assert newest.group(1) == version
    elsewhere = [
        str(p.relative_to(ROOT))
        for p in [
            *cpp_files("include", "src", "bindings"),
            *sorted(PYTHON.rglob("*.py")),
            ROOT / "pyproject.toml",
        ]
        if p.name != "version.hpp"
        and re.search(rf'"{re.escape(version)}"', without_comments(p.read_text()))
    ]
    assert not elsewhere, "the version is written in version.hpp alone"


@pytest.mark.parametrize("name", ["mlrepro", "mlrepro.split"])
def test_all_lists_every_public_name(name):
    module = __import__(name, fromlist=["__all__"])
    listed = module.__all__
    assert len(set(listed)) == len(listed)
    assert [n for n in listed if not hasattr(module, n)] == []
    public = {
        n
        for n, value in vars(module).items()
        if not n.startswith("_") and not isinstance(value, types.ModuleType) and n != "annotations"
    }
    assert public <= set(listed)


def own_private_names() -> set[str]:
    """Names with one leading underscore that our own Python code or extension defines."""
    names = {n for n in dir(_core) if n.startswith("_")}
    names |= {"_replace", "_asdict", "_fields", "_make"}  # public API of named tuples
    for value in vars(_core).values():
        names |= {n for n in dir(value) if n.startswith("_")} if isinstance(value, type) else set()
    for _, path in python_modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
                names.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)  # __slots__, setattr
    return names


def foreign_private(tree: ast.AST, own: set[str]) -> list[str]:
    """Uses of private names that are not ours: `df._data`, `from sklearn import _x`, `import pandas._libs`."""

    def private(name: str) -> bool:
        return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))

    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and private(node.attr) and node.attr not in own:
            found.append(f"{node.lineno}: .{node.attr}")
        elif isinstance(node, ast.Import):
            found += [
                f"{node.lineno}: import {a.name}"
                for a in node.names
                if not a.name.startswith("mlrepro") and any(private(p) for p in a.name.split("."))
            ]
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("mlrepro"):
            dotted = [*(node.module or "").split("."), *(a.name for a in node.names)]
            if node.module != "__future__" and any(private(p) for p in dotted):
                found.append(f"{node.lineno}: from {node.module}")
    return found


def test_no_private_name_of_a_dependency_is_used():
    own = own_private_names()
    faults = {m: foreign_private(ast.parse(p.read_text()), own) for m, p in python_modules()}
    assert not {m: f for m, f in faults.items() if f}


def test_the_private_name_checker_sees_foreign_names():
    for wrong in (
        "df._mgr_of_pandas",
        "import pandas._libs.lib",
        "from sklearn.utils import _testing_x",
    ):
        assert len(foreign_private(ast.parse(wrong), {"_core"})) == 1, wrong
    assert (
        foreign_private(
            ast.parse("x._core; y.__array__; from __future__ import annotations"), {"_core"}
        )
        == []
    )


def test_every_source_is_listed_for_the_build():
    for folder in [*(ROOT / "src").iterdir(), *(ROOT / "tests/cpp").iterdir(), ROOT / "bindings"]:
        lists = folder / "CMakeLists.txt"
        if folder.name in {"consumer", "compile_fail"} or not lists.is_file():
            continue
        listed = set(re.findall(r"[\w/.-]+\.cpp", lists.read_text()))
        present = {str(p.relative_to(folder)) for p in folder.rglob("*.cpp")}
        assert present == listed, folder


def test_every_source_names_its_licence():
    files = [
        *cpp_files("include", "src", "bindings", "tests/cpp"),
        *sorted(PYTHON.rglob("*.py*")),
        *sorted((ROOT / "tools").glob("*.py")),
        *sorted((ROOT / "tests/python").glob("*.py")),
    ]
    missing = [
        str(p.relative_to(ROOT))
        for p in files
        if p.suffix in {".py", ".pyi", ".cpp", ".hpp", ".ipp"}
        and "SPDX-License-Identifier: Apache-2.0" not in p.read_text()[:200]
    ]
    assert not missing


def test_no_work_is_left_marked():
    marks = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")
    skips = re.compile(r"pytest\.mark\.(skip|xfail)|pytest\.skip\(|unittest\.skip")
    files = [
        *cpp_files("include", "src", "bindings", "tests/cpp"),
        *PYTHON.rglob("*.py"),
        *(ROOT / "tools").glob("*.py"),
    ]
    marked = [str(p) for p in files if marks.search(p.read_text())]
    tests = [p for p in (ROOT / "tests/python").rglob("*.py") if p != Path(__file__).resolve()]
    assert not marked + [
        str(p) for p in tests if marks.search(p.read_text()) or skips.search(p.read_text())
    ]


def stub_names(body: list[ast.stmt]) -> set[str]:
    names = set()
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign):
            names.add(ast.unparse(node.target))
        elif isinstance(node, ast.Assign):
            names |= {ast.unparse(t) for t in node.targets}
    return {n for n in names if not n.startswith("_")}


def test_the_committed_stub_lists_what_the_extension_has():
    stub = ast.parse((PYTHON / "_core.pyi").read_text())
    assert stub_names(stub.body) == {n for n in dir(_core) if not n.startswith("_")}
    for node in stub.body:
        if isinstance(node, ast.ClassDef):
            real = vars(getattr(_core, node.name))
            inherited = {b for c in getattr(_core, node.name).__mro__[1:] for b in vars(c)}
            actual = {n for n in real if not n.startswith("_")}
            assert stub_names(node.body) - inherited == actual - inherited, node.name


def test_mutants_still_apply_to_the_code():
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "tools/mutants.py")
    mutants = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mutants)
    laws = set()
    for mutant in json.loads((ROOT / "tools/mutants.json").read_text()):
        assert set(mutant) == {"law", "file", "old", "new", "test", "why"}
        text = (ROOT / mutant["file"]).read_text()
        assert len(mutants.spans(mutant["old"], text)) == 1, mutant["why"]
        laws.add(mutant["law"])
    assert laws == {1, 2, 3, 4, 5}


def test_import_is_light():
    heavy = [
        "pandas",
        "polars",
        "pyarrow",
        "sklearn",
        "matplotlib",
        "jinja2",
        "narwhals",
        "sqlite3",
        "rich",
    ]
    code = f"import sys, mlrepro; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
