# SPDX-License-Identifier: Apache-2.0
"""Pages and views of every result, and the probes of joins and plans that later rooms lend to earlier ones."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import mlrepro as mr


@pytest.fixture(scope="module")
def trips() -> mr.Dataset:
    n = np.arange(6000)
    table = {
        "id": n,
        "vehicle": np.array([f"v{i % 97}" for i in n]),
        "region": np.array(["north", "south", "east"])[n % 3],
        "speed": np.where(n % 11 == 0, np.nan, (n * 37 % 101).astype(float)),
        "late": (n % 3 == 1) & (n * 37 % 101 > 50),
    }
    return mr.Dataset(table, key="id", label="late")


@pytest.fixture(scope="module")
def joined(trips: mr.Dataset) -> mr.Dataset:
    regions = {"region": np.array(["north", "south"]), "limit": np.array([90, 110])}
    return mr.join(trips, regions, on="region", how="left", validate="m:1")


@pytest.fixture(scope="module")
def results(trips: mr.Dataset, joined: mr.Dataset) -> dict:
    probe = mr.DecisionTreeProbe(max_depth=2).fit(trips, target="late")
    prediction = np.where(trips["region"].to_numpy() == "south", 0.6, 0.1)
    evaluation = mr.evaluate(
        trips["late"].to_numpy(),
        prediction,
        metrics=["roc_auc", "log_loss"],
        compare=1 - prediction,
    )
    plan = mr.split.HashSplit({"train": 0.7, "test": 0.3}, by="vehicle", salt="1").plan(trips)
    return {
        "probe": probe,
        "join": joined.join_report,
        "plan": plan.report,
        "evaluation": evaluation,
    }


@pytest.mark.parametrize("name", ["probe", "join", "plan", "evaluation"])
class TestEveryResult:
    def test_has_a_page_that_needs_nothing_else(self, results, name, tmp_path):
        html = results[name].to_html()
        assert html.startswith("<!DOCTYPE html>")
        assert set(re.findall(r"[a-z]+://[^\"' <)]+", html)) <= {"http://www.w3.org/2000/svg"}
        assert (
            "nan"
            not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
            .lower()
            .split("mlrepro")[0]
        )
        assert results[name].to_html(tmp_path / "x.html") is None
        assert (tmp_path / "x.html").read_text(encoding="utf-8") == html == results[name].to_html()

    def test_shows_itself_in_a_notebook(self, results, name):
        fragment = results[name]._repr_html_()
        assert fragment.startswith('<div class="mlr" id="mlr-')
        assert len(fragment.encode()) < 100_000
        assert "<table" in fragment
        assert fragment == results[name]._repr_html_()

    def test_a_folder_that_is_not_there_is_a_typed_error(self, results, name, tmp_path):
        with pytest.raises(mr.FileError, match="cannot be written"):
            results[name].to_html(tmp_path / "none" / "x.html")


class TestProbe:
    def test_the_picture_has_the_figures_of_the_leaves(self, results):
        probe = results["probe"]
        root = ElementTree.fromstring(probe.to_svg())
        words = " ".join(text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text"))
        for leaf in probe.leaves:
            assert f"leaf {leaf.leaf}" in words
            assert f"{leaf.rows_judged:,} judged" in words

    def test_the_rules_of_the_page_are_the_librarys(self, results):
        html = results["probe"].to_html()
        for rule in results["probe"].rules("text").values():
            escaped = (
                rule.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
            )
            assert escaped in html

    def test_every_condition_of_the_picture_is_in_the_text_too(self, results):
        probe = results["probe"]
        root = ElementTree.fromstring(probe.to_svg())
        inner = [
            g.find("{http://www.w3.org/2000/svg}title").text
            for g in root.iter("{http://www.w3.org/2000/svg}g")
        ]
        rules = {*probe.rules("text").values()}
        questions = [text.removesuffix(" or missing") for text in inner if text not in rules]
        assert questions
        assert all(question in probe.to_text() for question in questions)

    def test_an_unfitted_probe_has_no_page(self):
        with pytest.raises(mr.ArgumentError, match="not fitted"):
            mr.DecisionTreeProbe().to_html()


class TestExplain:
    def test_it_says_which_rows_are_unmatched(self, trips):
        # Every row of vehicle v5 lacks its region; the key itself says nothing about whom.
        region = trips["region"].to_numpy().copy()
        region[trips["vehicle"].to_numpy() == "v5"] = "west"
        table = trips.with_columns(region=region)
        regions = {
            "region": np.array(["north", "south", "east"]),
            "limit": np.array([90, 110, 100]),
        }
        report = mr.join(table, regions, on="region", how="left", validate="m:1").join_report
        probe = report.explain()
        top = probe.leaves[0]
        assert top.rule == "vehicle = v5"
        assert top.mean == 1.0
        assert sum(leaf.rows for leaf in probe.leaves) == len(trips)
        assert {name for name, _ in probe.tree.columns} <= {"vehicle", "speed"}

    def test_a_join_that_kept_no_unmatched_row_cannot_be_explained(self, trips):
        regions = {"region": np.array(["north"]), "limit": np.array([90])}
        report = mr.join(trips, regions, on="region", how="inner", validate="m:1").join_report
        with pytest.raises(mr.ArgumentError, match='how="left"'):
            report.explain()

    def test_a_report_from_a_file_has_no_rows_to_explain(self, joined, tmp_path):
        joined.join_report.save(tmp_path / "r.json")
        report = mr.load(tmp_path / "r.json")
        assert report.to_html() == joined.join_report.to_html()
        with pytest.raises(mr.ArgumentError, match="Join again"):
            report.explain()


class TestIsTestLikeTrain:
    def test_a_split_by_hash_is_alike(self, results):
        probe = results["plan"].representativeness
        assert probe.rules() == {0: "all rows"}
        assert 0.25 < probe.leaves[0].mean < 0.31  # the share of test among the two parts
        assert "Is test like train?" in results["plan"].to_html()

    def test_a_split_by_time_names_what_changed(self):
        n = np.arange(4000)
        table = {
            "t": np.datetime64("2024-01-01") + n.astype("timedelta64[m]"),
            "reader": np.where(n < 3000, "old", "new"),
            "x": (n * 7919 % 1009).astype(float),
        }
        data = mr.Dataset(table, time="t")
        plan = mr.split.TimeSplit(
            test_from=np.datetime64("2024-01-01") + np.timedelta64(3000, "m")
        ).plan(data)
        probe = plan.report.representativeness
        assert "reader" in probe.leaves[0].rule
        assert probe.leaves[0].mean == 1.0
        assert all(name != "t" for name, _ in probe.tree.columns)

    def test_folds_of_equal_rank_are_not_compared(self, trips):
        plan = mr.split.GroupKFold(5, by="vehicle").plan(trips)
        assert plan.report.representativeness is None
        assert "not evaluated: the plan has no rows in train and test" in plan.report.to_html()

    def test_a_table_whose_columns_all_made_the_split_says_so(self):
        table = {"x": np.arange(300), "t": np.arange(300).astype("datetime64[D]")}
        by_time = mr.split.TimeSplit(test_fraction=0.3, time="t").plan({"t": table["t"]})
        for plan in (mr.split.HashSplit({"train": 0.7, "test": 0.3}).plan(table), by_time):
            assert plan.report.representativeness is None
            assert "none is left" in plan.report.representativeness_not_evaluated
            assert "not evaluated: every column made the split" in plan.report.to_html()
