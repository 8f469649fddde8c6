# SPDX-License-Identifier: Apache-2.0
"""The command line: exit codes, one JSON document, files that are whole, suggestions, interrupt, closed pipes."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import mlrepro as mr
from mlrepro._cli import main
from mlrepro._progress import Progress


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    n = np.arange(4000)
    table = pd.DataFrame(
        {
            "id": n,
            "vehicle": [f"v{i % 83}" for i in n],
            "t": pd.to_datetime("2024-01-01") + pd.to_timedelta(n, unit="min"),
            "speed": (n * 37 % 101).astype(float),
            "fuel": np.where(n % 2 == 0, "gas", "diesel"),
            "late": (n % 2 == 0) & (n * 37 % 101 > 60),
        }
    )
    table.loc[table["id"] % 9 == 0, "speed"] = np.nan
    table.to_parquet("trips.parquet")
    table.to_csv("trips.csv", index=False)
    return tmp_path


def _run(*arguments: str, **more) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "mlrepro", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **more,
    )


class TestProbe:
    def test_it_prints_the_tree_and_writes_what_is_asked_for(self, folder, capsys):
        code = main(
            [
                "probe",
                "trips.parquet",
                "--target",
                "late",
                "--key",
                "id",
                "--html",
                "p.html",
                "--svg",
                "p.svg",
                "-o",
                "p.json",
            ]
        )
        out, err = capsys.readouterr()
        assert code == 0
        assert "fuel" in out
        assert "wrote p.json, p.html, p.svg" in err
        assert (folder / "p.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
        assert (folder / "p.svg").read_text(encoding="utf-8").startswith("<svg")
        saved = mr.load("p.json")
        table = pd.read_parquet("trips.parquet")
        fitted = mr.DecisionTreeProbe().fit(mr.Dataset(table, key="id"), target="late")
        assert np.array_equal(saved.apply(table), fitted.apply(table))

    def test_json_is_one_document_that_load_reads(self, folder, capsys):
        assert main(["probe", "trips.parquet", "--target", "late", "--key", "id", "--json"]) == 0
        out, _ = capsys.readouterr()
        assert json.loads(out)["format"] == "mlrepro.tree"
        (folder / "q.json").write_text(out, encoding="utf-8")
        assert mr.load("q.json").tree is not None

    def test_csv_and_parquet_give_the_same_tree(self, folder, capsys):
        trees = []
        for name in ("trips.parquet", "trips.csv"):
            assert (
                main(["probe", name, "--target", "late", "--key", "id", "--exclude", "t", "--json"])
                == 0
            )
            trees.append(json.loads(capsys.readouterr().out))
        assert trees[0] == trees[1]

    @pytest.mark.parametrize("language", ["text", "sql", "pandas", "polars", "cpp"])
    def test_rules_are_one_line_a_leaf(self, folder, capsys, language):
        assert (
            main(["probe", "trips.parquet", "--target", "late", "--key", "id", "--rules", language])
            == 0
        )
        lines = capsys.readouterr().out.strip().split("\n")
        assert [line.split("\t")[0] for line in lines] == [str(i) for i in range(len(lines))]
        assert len(lines) >= 3
        assert (
            main(
                [
                    "probe",
                    "trips.parquet",
                    "--target",
                    "late",
                    "--key",
                    "id",
                    "--rules",
                    language,
                    "--json",
                ]
            )
            == 0
        )
        document = json.loads(capsys.readouterr().out)
        assert document["language"] == language
        assert sorted(document["rules"]) == sorted(line.split("\t")[0] for line in lines)

    def test_in_sample_is_marked(self, folder, capsys):
        assert (
            main(["probe", "trips.parquet", "--target", "late", "--key", "id", "--no-honest"]) == 0
        )
        assert "in-sample" in capsys.readouterr().out

    def test_settings_reach_the_probe(self, folder, capsys):
        options = [
            "--max-depth",
            "1",
            "--features",
            "speed",
            "--min-samples-leaf",
            "50",
            "--selection",
            "gain",
            "--alpha",
            "0.01",
        ]
        assert (
            main(
                [
                    "probe",
                    "trips.parquet",
                    "--target",
                    "late",
                    "--key",
                    "id",
                    *options,
                    "--seed",
                    "7",
                    "--threads",
                    "1",
                    "--json",
                ]
            )
            == 0
        )
        tree = json.loads(capsys.readouterr().out)
        assert (tree["max_depth"], tree["features"], tree["min_samples_leaf"]) == (1, ["speed"], 50)
        assert (tree["selection"], tree["seed"]) == ("gain", 7)
        assert {column["name"] for column in tree["columns"]} == {"speed"}


class TestSplit:
    def test_a_hash_plan_is_saved_and_gives_the_same_parts(self, folder, capsys):
        arguments = [
            "split",
            "trips.parquet",
            "--by",
            "vehicle",
            "--fractions",
            "train=.8,test=.2",
            "--salt",
            "2026",
        ]
        assert main([*arguments, "--label", "late", "-o", "plan.json", "--html", "plan.html"]) == 0
        out, err = capsys.readouterr()
        assert "train" in out
        assert "test" in out
        assert "wrote plan.json, plan.html" in err
        split = mr.split.HashSplit({"train": 0.8, "test": 0.2}, by="vehicle", salt="2026")
        assert mr.load("plan.json").assign("v7") == split.assign("v7")
        assert "late" in (folder / "plan.html").read_text(encoding="utf-8")

    def test_a_plan_that_is_not_saved_is_said_not_to_be(self, folder, capsys):
        assert (
            main(["split", "trips.parquet", "--by", "vehicle", "--fractions", "train=.8,test=.2"])
            == 0
        )
        assert "not saved: pass -o" in capsys.readouterr().err

    def test_a_time_plan_cuts_at_the_instant(self, folder, capsys):
        assert (
            main(
                [
                    "split",
                    "trips.parquet",
                    "--time",
                    "t",
                    "--key",
                    "id",
                    "--test-from",
                    "2024-01-03",
                    "-o",
                    "plan.json",
                    "--json",
                ]
            )
            == 0
        )
        report = json.loads(capsys.readouterr().out)
        parts = {part["name"]: part["rows"] for part in report["parts"]}
        assert (parts["train"], parts["test"]) == (2880, 1120)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ([], "--fractions train=.8,test=.2"),
            (["--test-from", "2024-01-03"], "--time"),
            (
                ["--test-from", "2024-01-03", "--fractions", "train=.8,test=.2"],
                "do not go together",
            ),
            (["--fractions", "train=.8;test"], "'.8;test' is no number"),
            (["--fractions", "train"], "train=.8,test=.2"),
            (["--fractions", "train=.8,train=.2"], "names part 'train' twice"),
            (["--fractions", "train=80%,test=20%"], "a percentage: write train=0.8"),
            (["--fractions", "train=.8,test=.2", "-o", "none/p.json"], "folder 'none' of -o"),
            (["--by", "vehicle", "--fractions", "train=.8,test=.3"], "1.1"),
        ],
    )
    def test_what_does_not_go_together_is_refused(self, folder, capsys, arguments, said):
        assert main(["split", "trips.parquet", *arguments]) == 2
        assert said in capsys.readouterr().err


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ([], "COMMAND"),
            (["prob"], "Did you mean probe?"),
            (["probe", "trips.parquet", "--tagret", "late"], "Did you mean --target?"),
            (["split", "trips.parquet", "--fraction=train=1"], "Did you mean --fractions?"),
            (["probe", "trips.parquet"], "--target"),
            (
                ["probe", "trips.parquet", "--target", "late", "--max-depth", "three"],
                "'three' is not a whole number",
            ),
            (["probe", "trips.parquet", "--target", "late", "--selection", "best"], "unbiased"),
            (
                ["probe", "trips.parquet", "--target", "late", "--exclude", "a,,b"],
                "not a list of names",
            ),
            (["probe", "trips.parquet", "extra", "--target", "late"], "extra"),
        ],
    )
    def test_usage_is_exit_code_2_and_says_what_to_type(self, folder, capsys, arguments, said):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert said in err
        assert out == ""

    @pytest.mark.parametrize(
        ("arguments", "name"),
        [
            (["probe", "none.parquet", "--target", "late"], "FileError"),
            (["probe", "broken.parquet", "--target", "late"], "FileError"),
            (["probe", "trips.parquet", "--target", "lat"], "ColumnNotFoundError"),
            (
                ["probe", "trips.parquet", "--target", "late", "--exclude", "sped"],
                "ColumnNotFoundError",
            ),
            (["probe", "trips.parquet", "--target", "late", "--max-depth", "99"], "ArgumentError"),
            (["probe", "trips.parquet", "--target", "late", "--key", "fuel"], "SchemaError"),
            (
                ["probe", "trips.parquet", "--target", "late", "--html", "none/x.html"],
                "ArgumentError",
            ),
        ],
    )
    def test_unreadable_input_is_exit_code_2_with_the_errors_own_text(
        self, folder, capsys, arguments, name
    ):
        (folder / "broken.parquet").write_bytes((folder / "trips.parquet").read_bytes()[:500])
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert err.startswith(f"{name}: ")
        assert "Traceback" not in err
        assert main([*arguments, "--json"]) == 2
        document = json.loads(capsys.readouterr().out)
        assert document["format"] == "mlrepro.error"
        assert document["error"]["name"] == name
        assert document["error"]["message"] in err
        assert document["error"]["next_step"]
        assert out == ""

    def test_a_usage_error_is_one_json_document_too(self, folder, capsys):
        assert main(["probe", "x", "--tagret", "y", "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["name"] == "UsageError"

    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (OSError(28, "No space left on device", "x"), "x: No space left on device"),
            (OSError("the pipe broke"), "FileError: the pipe broke"),
            (OSError(), "FileError: OSError"),
        ],
    )
    def test_an_operating_system_error_says_what_it_knows(
        self, folder, capsys, monkeypatch, error, said
    ):
        def fails(options):
            raise error

        monkeypatch.setattr("mlrepro._cli._probe", fails)
        assert main(["probe", "trips.parquet", "--target", "late"]) == 2
        err = capsys.readouterr().err
        assert said in err
        assert "None" not in err

    def test_nothing_is_written_when_it_fails(self, folder):
        before = sorted(os.listdir())
        assert (
            main(["probe", "trips.parquet", "--target", "lat", "--html", "x.html", "-o", "x.json"])
            == 2
        )
        assert sorted(os.listdir()) == before


class TestProcess:
    def test_help_and_version(self):
        for arguments in (["--help"], ["probe", "--help"], ["split", "--help"], ["demo", "--help"]):
            done = _run(*arguments)
            assert done.returncode == 0
            assert "mlrepro" in done.stdout
            if len(arguments) > 1:
                assert "examples:" in done.stdout
        assert _run("--version").stdout.strip() == f"mlrepro {mr.__version__}"

    def test_it_runs_without_a_terminal_a_locale_or_a_home(self, folder):
        bare = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "LC_ALL": "C",
            "PYTHONUTF8": "0",
        }
        done = _run(
            "probe",
            "trips.parquet",
            "--target",
            "late",
            "--key",
            "id",
            env=bare,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout
        assert max(map(len, done.stdout.split("\n"))) <= 100

    def test_a_reader_that_goes_away_is_no_error(self, folder):
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "mlrepro",
                "probe",
                "trips.parquet",
                "--target",
                "late",
                "--key",
                "id",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        process.stdout.close()
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0
        assert b"Traceback" not in err

    @pytest.mark.usefixtures("sigint_is_heard")
    def test_ctrl_c_is_130_and_leaves_no_half_file(self, folder):
        code = (
            "import os, signal, sys, mlrepro._cli as cli\n"
            "def hang(options):\n"
            "    print('started', flush=True)\n"
            "    signal.pause()\n"
            "cli._probe = hang\n"
            "sys.exit(cli.main(['probe', 'trips.parquet', '--target', 'late']))\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "started\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert err.strip() == "mlrepro: interrupted"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class TestProgress:
    def test_short_work_is_silent(self):
        stream = _Terminal()
        with Progress(stream) as progress:
            progress(0, 2, "reading")
        assert stream.getvalue() == ""

    def test_long_work_is_one_line_that_goes_away(self):
        stream = _Terminal()
        with Progress(stream, silent=0.0, redraw=0.02) as progress:
            progress(1, 2, "probing 10 rows")
            time.sleep(0.3)
        shown = stream.getvalue()
        assert "[1/2] probing 10 rows" in shown
        assert "\n" not in shown
        assert shown.endswith("\r")

    def test_a_log_gets_one_line_a_phase(self):
        stream = io.StringIO()
        with Progress(stream, silent=0.0, redraw=0.02) as progress:
            for i, phase in enumerate(("reading", "probing")):
                progress(i, 2, phase)
                time.sleep(0.2)
        lines = stream.getvalue().strip().split("\n")
        assert [line.split(" (")[0] for line in lines] == ["[0/2] reading", "[1/2] probing"]


def test_types_of_csv_columns_are_given_on_the_command_line(tmp_path, capsys) -> None:
    """A column may be in one of two files only."""
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_text("id,x\n1,2\n")
    b.write_text("id,x,zip\n1,2,01234\n")
    assert main(["fingerprint", str(a), str(b)]) == 2
    assert "schema={'zip': 'string'}" in capsys.readouterr().err
    assert main(["fingerprint", str(a), str(b), "--schema", "zip=string", "--rows"]) == 1
    assert "column added: zip" in capsys.readouterr().out
    assert main(["fingerprint", str(b), "--schema", "zip=string"]) == 0
    assert main(["fingerprint", str(a), str(b), "--schema", "zap=string"]) == 2
    assert "zap" in capsys.readouterr().err
    for wrong in ("zip", "zip=", "=string", "zip=string,zip=int64"):
        assert main(["fingerprint", str(b), "--schema", wrong]) == 2
    b.write_text("id,zip\n" + "".join(f"{i},0{i}\n" for i in range(100)))
    command = ["split", str(b), "--by", "zip", "--salt", "s", "--fractions", "a=.5,b=.5"]
    assert main(command) == 2
    assert main([*command, "--schema", "zip=string"]) == 0
