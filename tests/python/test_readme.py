# SPDX-License-Identifier: Apache-2.0
"""The README's examples run, and its picture is one that the library makes."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import mlrepro as mr
from mlrepro._cli_parser import parse

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    found = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    assert found, f"no {language} block in README.md"
    return found


def test_the_python_blocks_run_as_they_stand(tmp_path):
    script = tmp_path / "readme.py"
    script.write_text("\n".join(_blocks("python")), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "label in disguise" in done.stdout.lower()
    assert "null key" in done.stdout


def test_the_command_lines_are_understood():
    lines = [
        line for block in _blocks("sh") for line in block.split("\n") if line.startswith("mlrepro ")
    ]
    assert len(lines) >= 3
    for line in lines:
        assert parse(shlex.split(line, comments=True)[1:]).command in {
            "config",
            "demo",
            "fingerprint",
            "probe",
            "split",
        }


def test_the_cpp_block_compiles_and_gives_pythons_answer(tmp_path):
    compiler = shutil.which("g++") or shutil.which("clang++")
    library = _library()
    if compiler is None or library is None:
        pytest.fail("a compiler and libmlrepro are needed: make test installs both")
    source = tmp_path / "quick.cpp"
    source.write_text(_blocks("cpp")[0], encoding="utf-8")
    include = Path(mr.__file__).parent / "include"
    command = [
        compiler,
        "-std=c++20",
        str(source),
        "-I",
        str(include if include.is_dir() else ROOT / "include"),
    ]
    command += [str(library), f"-Wl,-rpath,{library.parent}", "-o", str(tmp_path / "quick")]
    subprocess.run(command, check=True)
    printed = subprocess.run(
        [tmp_path / "quick"], check=True, capture_output=True, text=True
    ).stdout.strip()
    split = mr.split.HashSplit({"train": 0.8, "test": 0.2}, by="tailnum", salt="2026")
    table = {"tailnum": ["N14228", "N2", "N3"]}
    assert printed == split.plan(table).assign("N14228")


def _library() -> Path | None:
    """Return the shared library that _core itself has loaded."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    found = re.search(r"(/\S*libmlrepro\S*\.so\S*)", maps)
    return Path(found.group(1)) if found else None


def test_the_picture_is_valid_and_made_by_the_library():
    root = ElementTree.fromstring((ROOT / "docs" / "tree.svg").read_text(encoding="utf-8"))
    assert root.get("class") == "mlr-tree"
    assert "docs/tree.svg" in README


def test_every_relative_link_leads_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
