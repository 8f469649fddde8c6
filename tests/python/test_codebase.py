# SPDX-License-Identifier: Apache-2.0
"""Tests of the code base itself: public surface, version, and the constructs that break equal bytes."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import types
from pathlib import Path

import pytest

import mlrepro
from mlrepro import _core

sys.path.insert(0, str(Path(__file__).parent))
from codebase import INCLUDE, PYTHON, ROOT, cpp_files, includes, python_modules, without_comments

STD_FORBIDDEN_IN_PUBLIC = {
    "chrono", "functional", "iostream", "map", "memory", "optional", "ostream", "regex", "sstream",
    "thread", "unordered_map", "unordered_set", "variant", "vector",
}  # fmt: skip
_LIBM = (
    "log|log2|log10|log1p|exp|exp2|expm1|pow|cbrt|erf|erfc|sin|cos|tan|asin|acos|atan|atan2|"
    "sinh|cosh|tanh|asinh|acosh|atanh|tgamma|lgamma|hypot"
)
LIBM = (
    rf"(?:\bstd\s*::\s*|(?<![\w:>])::\s*)(?:{_LIBM})[fl]?\b"  # std::log, using std::log, &::log
    rf"|(?<![\w.:>])(?:{_LIBM})[fl]\s*\("  # logf(x)
    rf"|\b__builtin_(?:{_LIBM})[fl]?\b"
)
BANNED = {
    "a std distribution or engine differs between libraries": r"#\s*include\s*<random>",
    "std::shuffle differs between libraries": r"\bstd::shuffle\b",
    "a float reduction depends on the number of threads": r"\breduction\s*\(",
    "libm differs between machines; use core's exp/log/erfc": LIBM,
    "std::views does not compile with clang 14": r"\bstd::views::",
}


def test_public_python_modules_only_re_export():
    for module, path in python_modules():
        if module.startswith("_"):
            continue
        for node in ast.parse(path.read_text()).body:
            documented = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            listed = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            assert documented or listed or isinstance(node, ast.ImportFrom), f"{path}:{node.lineno}"


@pytest.mark.parametrize("reason", BANNED)
def test_no_source_uses_what_breaks_equal_bytes(reason):
    hits = [
        str(p.relative_to(ROOT))
        for p in cpp_files("include", "src", "bindings")
        if re.search(BANNED[reason], without_comments(p.read_text()))
    ]
    assert not hits, reason


@pytest.mark.parametrize(
    "text",
    [
        "std::log(x)",
        "x = ::log(y);",
        "using std::log1p;",
        "logf(x)",
        "std::powf(x, y)",
        "return expl(x);",
        "f(&std::exp)",
        "__builtin_log(x)",
    ],
)
def test_the_libm_checker_sees_every_way_to_call_it(text):
    assert re.search(LIBM, text)


@pytest.mark.parametrize(
    "text", ["core::log(x)", "detail::core::expm1(x)", "log_p", "std::exponent", "catalogf(x)"]
)
def test_the_libm_checker_lets_our_own_functions_pass(text):
    assert not re.search(LIBM, text)


# Files that hand std::sort an order of their own, and why no two elements tie in it. Where ties can matter, use
# std::stable_sort.
TOTAL_ORDERS = {
    "src/binning/binned_stream.cpp": "columns have names of their own",
    "src/binning/binned_dataset.cpp": "names of columns are distinct",
    "src/binning/levels.cpp": "levels are distinct values",
    "src/core/cancellable_sort.hpp": "its callers are checked",
    "src/core/dataset.cpp": "columns of one name are one column",
    "src/core/json.cpp": "keys of an object are distinct",
    "src/core/table.cpp": "names of columns are distinct",
    "src/fingerprint/row_diff.cpp": "pairs end with the row",
    "src/fingerprint/fingerprint.cpp": "names are distinct; levels end with their hash",
    "src/join/slices.cpp": "levels are distinct values; slices end with the column's name",
    "src/probe/compare_text.cpp": "pairs end with the leaf's number",
    "src/probe/ranks.cpp": "ends with the row",
    "src/probe/slice_search.cpp": "offers end with candidate, condition and member; slices keep that order",
    "src/split/group_kfold.cpp": "ends with the key's hash, which is distinct, or is the whole pair",
    "src/split/hash_split.cpp": "hashes of groups are distinct",
    "src/split/report.cpp": "values of groups are distinct",
    "src/split/report_balance.cpp": "hashes of groups and names of columns are distinct",
    "src/split/report_leaks.cpp": "names of columns are distinct",
    "src/stats/bootstrap.cpp": "rows that tie are equal in all values",
    "src/stats/ranked.cpp": "ends with the row",
}


def own_orders(text: str) -> int:
    """Count the calls of std::sort with more than two arguments."""
    found = 0
    for call in re.finditer(r"\b(?:std::(?:ranges::)?|cancellable_)sort\s*\(", text):
        depth, commas = 1, 0
        for letter in text[call.end() :]:
            depth += (letter in "([{") - (letter in ")]}")
            commas += letter == "," and depth == 1
            if depth == 0:
                break
        found += commas >= 2
    return found


def test_std_sort_is_given_total_orders_only():
    sorting = {
        str(p.relative_to(ROOT))
        for p in cpp_files("include", "src", "bindings")
        if own_orders(without_comments(p.read_text()))
    }
    assert sorting <= set(TOTAL_ORDERS), "say in TOTAL_ORDERS why nothing ties"


def test_the_sort_checker_sees_an_order():
    assert own_orders("std::sort(a.begin(), f(a, b)); std::stable_sort(a, b, c);") == 0
    assert own_orders("std::sort(a.begin(), a.end(), [](int x, int y) { return x > y; });") == 1


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
        assert selects_a_test(mutant["test"]), mutant["test"]
        laws.add(mutant["law"])
    assert laws == {1, 2, 3, 4, 5}


def selects_a_test(command):
    """Whether there is a test of the name or tag that a mutant gives; a file or program alone always has some."""
    program, *arguments = shlex.split(command)
    if program == "pytest":
        path, *selected = arguments
        tests = (ROOT / path).read_text()
        return not selected or re.search(rf"def test_\w*{selected[-1]}", tests)
    room = ROOT / "tests/cpp" / program.removeprefix("test_")
    tests = "".join(path.read_text() for path in room.glob("*.cpp"))
    tests = re.sub(r'TEST_CASE\(\s*"', 'TEST_CASE("', tests)
    return all(f'TEST_CASE("{a[:-1]}' in tests or a in tests for a in arguments)


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
    unmeasured = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=unmeasured
    )
    assert done.stdout.strip() == "[]"


def test_what_cmake_would_fetch_is_pinned_to_its_content():
    pins = 0
    for path in [p for p in ROOT.rglob("*.cmake") if "build" not in p.parts] + [
        p for p in ROOT.rglob("CMakeLists.txt") if "build" not in p.parts
    ]:
        text = path.read_text()
        for tag in re.findall(r"\bGIT_TAG\s+(\S+)", text):
            assert re.fullmatch(r"[0-9a-f]{40}", tag), f"{path}: {tag} can be moved"
            pins += 1
        urls = len(re.findall(r"^\s*URL\s", text, re.MULTILINE))
        assert urls == len(re.findall(r"URL_HASH SHA256=[0-9a-f]{64}\b", text)), path
        pins += urls
    assert pins >= 3


def test_every_cell_of_the_matrix_has_a_mistake_that_turns_it_red(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import matrix
    import mutants

    broken = {m.cell for m in matrix.MUTATIONS}
    assert broken == {cell.name for cell in matrix.CELLS}
    for mutation in matrix.MUTATIONS:
        for edit in mutation.edits:
            found = mutants.spans(edit.old, (ROOT / edit.file).read_text())
            assert len(found) == 1, f"{mutation.name}: {edit.file}"
