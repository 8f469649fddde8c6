# SPDX-License-Identifier: Apache-2.0
"""The C++ side that comes with the package: a service built against it gives the notebook's answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import mlrepro as mr
from mlrepro import _cli_config
from mlrepro._cli import main


def cmake_config() -> str:
    """What `mlrepro config --cmake` prints: a folder inside the package, or the build tree that the package runs from."""
    done = subprocess.run(
        [sys.executable, "-m", "mlrepro", "config", "--cmake"],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(Path(mr.__path__[0]).parent)},
    )  # fmt: skip
    return done.stdout.strip()


def cmake(*arguments: str | Path) -> None:
    done = subprocess.run(["cmake", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def service(tmp_path_factory, root) -> Path:
    build = tmp_path_factory.mktemp("service")
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    cmake(
        "-S", root / "examples/service", "-B", build, f"-Dmlrepro_DIR={cmake_config()}", *generator
    )
    cmake("--build", build)
    return build / "service"


@pytest.fixture(scope="module")
def flights() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(5)
    n = 3000
    distance = draw.integers(80, 3000, n).astype(np.float64)
    distance[draw.random(n) < 0.1] = np.nan
    carrier = draw.choice(np.array(["AA", "MQ", "Ünïted", "9E"]), n)
    late = (np.isnan(distance) & (carrier == "AA")) | (draw.random(n) < 0.1)
    return {
        "tail": np.array([f"N{i % 1700}" for i in range(n)]),
        "number": draw.integers(-5, 9000, n),
        "carrier": carrier,
        "distance": distance,
        "late": late,
    }


def request_lines(rows: dict[str, np.ndarray]) -> str:
    names = [name for name in rows if name != "late"]
    lines = ["\t".join(names)]
    for cells in zip(*(rows[name].tolist() for name in names), strict=True):
        lines.append("\t".join("" if cell != cell else str(cell) for cell in cells))
    return "\n".join(lines) + "\n"


def answers(service: Path, plan: Path, tree: Path, requests: str) -> list[tuple[str, int]]:
    done = subprocess.run([service, plan, tree], input=requests, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    split = [line.split("\t") for line in done.stdout.splitlines()]
    return [(part, int(leaf)) for part, leaf in split]


def test_a_service_never_answers_otherwise_than_the_notebook(service, flights, tmp_path):
    table = mr.Dataset(flights, label="late")
    fractions = {"train": 0.6, "valid": 0.2, "test": 0.2}
    plan = mr.split.HashSplit(fractions, by=["tail", "number"], salt="2026").plan(table)
    plan.save(tmp_path / "plan.json")
    probe = mr.DecisionTreeProbe(max_depth=4, exclude=["tail"]).fit(table, target="late")
    probe.save(tmp_path / "tree.json")

    got = answers(service, tmp_path / "plan.json", tmp_path / "tree.json", request_lines(flights))

    part_of = np.empty(len(table), dtype=object)
    for part in fractions:
        part_of[plan.indices(part)] = part
    assert [part for part, _ in got] == part_of.tolist()
    assert [leaf for _, leaf in got] == probe.apply(table).tolist()
    assert len({leaf for _, leaf in got}) > 1


def test_a_service_says_why_it_refuses_a_row(service, flights, tmp_path):
    table = mr.Dataset(flights, label="late")
    plan = mr.split.HashSplit({"train": 0.5, "test": 0.5}, by="number", salt="x").plan(table)
    plan.save(tmp_path / "plan.json")
    mr.DecisionTreeProbe().fit(table, target="late").save(tmp_path / "tree.json")
    requests = request_lines({name: flights[name][:1] for name in flights})
    header, row = requests.splitlines()
    broken = f"{header}\n" + row.replace(str(flights["number"][0]), "seventeen") + "\n"
    done = subprocess.run(
        [service, tmp_path / "plan.json", tmp_path / "tree.json"],
        input=broken,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "SchemaError" in done.stderr
    assert "number" in done.stderr
    assert done.stdout == ""


# A build tree has nothing for pkg-config: its mlrepro.pc speaks of the prefix it will be installed to.
FOLDERS = {"--cmake": "mlreproConfig.cmake", "--include": "mlrepro/mlrepro.hpp"}
if (Path(mr.__file__).parent / "lib").exists():
    FOLDERS["--pkgconfig"] = "mlrepro.pc"


class TestConfig:
    def test_each_folder_holds_what_a_build_system_looks_for(self, capsys):
        for option, file in FOLDERS.items():
            assert main(["config", option]) == 0
            assert (Path(capsys.readouterr().out.strip()) / file).exists()

    def test_all_of_it(self, capsys):
        assert main(["config", "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["build"]["version"] == mr.__version__
        assert set(document) == {"build", *(option[2:] for option in FOLDERS)}
        assert main(["config"]) == 0
        assert f"version       {mr.__version__}" in capsys.readouterr().out

    def test_two_folders_at_once_are_a_usage_error(self, capsys):
        assert main(["config", "--cmake", "--include"]) == 2
        assert "not allowed with" in capsys.readouterr().err

    def test_a_build_tree_has_no_folder_for_pkg_config(self, tmp_path, monkeypatch, capsys) -> None:
        """Its mlrepro.pc speaks of the prefix that it will be installed to, where nothing is yet."""
        for file in (
            "CMakeCache.txt",
            "mlrepro.pc",
            "mlreproConfig.cmake",
            "include/mlrepro/mlrepro.hpp",
        ):
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).touch()
        monkeypatch.setattr(
            _cli_config, "__file__", str(tmp_path / "python/mlrepro/_cli_config.py")
        )
        assert main(["config", "--pkgconfig"]) == 2
        assert "--cmake" in capsys.readouterr().err
        assert main(["config", "--json"]) == 0
        assert set(json.loads(capsys.readouterr().out)) == {"cmake", "include", "build"}


WITH_ARROW = """cmake_minimum_required(VERSION 3.25)
project(with_arrow LANGUAGES CXX)
find_package(mlrepro CONFIG REQUIRED)
add_library(arrow SHARED IMPORTED)
set_target_properties(arrow PROPERTIES
  IMPORTED_LOCATION "{library}" INTERFACE_INCLUDE_DIRECTORIES "{include}")
add_executable(with_arrow "{example}")
target_compile_options(with_arrow PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Werror -O0)
target_link_libraries(with_arrow PRIVATE mlrepro::mlrepro arrow)
"""


def test_arrow_tables_of_cpp_go_in_and_come_out(tmp_path: Path, root: Path) -> None:
    """Against the Arrow C++ that comes with pyarrow."""
    library = next(Path(pa.get_library_dirs()[0]).glob("libarrow.so.*"))
    project = WITH_ARROW.format(
        library=library,
        include=pa.get_include(),
        example=root / "examples/interop/with_arrow.cpp",
    )
    (tmp_path / "CMakeLists.txt").write_text(project)
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    cmake(
        "-S", tmp_path, "-B", tmp_path / "build", f"-Dmlrepro_DIR={cmake_config()}", *generator
    )  # fmt: skip
    cmake("--build", tmp_path / "build")
    done = subprocess.run([tmp_path / "build/with_arrow"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "trip is missing" in done.stdout
    assert done.stdout.endswith("same table: 1\n")
