# SPDX-License-Identifier: Apache-2.0
"""Calls that are nearly right: each is refused in words that say what was meant, and nothing is coerced in silence."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mlrepro as mr
from mlrepro._names import did_you_mean
from mlrepro.split import GroupKFold, HashSplit, TimeSplit

TABLE = {"k": [1, 2, 3, 4], "x": [0.5, 1.5, 2.5, 3.5], "name": ["a", "b", "a", "c"]}
RIGHT = {"k": [1, 2, 9], "z": [1, 2, 3]}
PARTS = {"train": 0.5, "test": 0.5}


def rows(n: int = 400) -> pd.DataFrame:
    x = np.arange(n)
    return pd.DataFrame({"x": x, "noise": x * 7919 % 101, "target": (x >= n // 2).astype(int)})


def joined() -> mr.Dataset:
    return mr.join(TABLE, RIGHT, on="k", how="left", validate="m:1")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: mr.Dataset(TABLE, lable="x"), r"no option 'lable'.*known_time.*mean 'label'"),
        (
            lambda: mr.join(TABLE, RIGHT, on="k", how="left", validate="m:1", on_violatoin="x"),
            "mean 'on_violation'",
        ),
        (lambda: HashSplit(PARTS, bye="k"), r"HashSplit has no option 'bye'.*mean 'by'"),
        (lambda: TimeSplit(testfrom="2020"), "mean 'test_from'"),
        (lambda: GroupKFold(n_folds=3), "its options are n_splits, by, salt, exact"),
        (lambda: mr.evaluate([1], [1], metric="accuracy"), "mean 'metrics'"),
        (lambda: mr.evaluate([0, 1], [0, 1]), "missing metrics.*there are average_precision"),
        (lambda: mr.row_loss([1], [1]), "missing kind.*there are zero_one"),
        (
            lambda: mr.DecisionTreeProbe(3, 20, "gain", True, None, (), 0.1, 0, 1, 1, 1, True, 9),
            "by pos",
        ),
        (lambda: mr.DecisionTreeProbe().fit(rows(), targt="x"), "mean 'target'"),
        (lambda: mr.Dataset(TABLE, frame=TABLE), "by position and by name"),
        (lambda: HashSplit(), "missing parts"),
        (lambda: mr.load(), "missing path"),
        (lambda: HashSplit(PARTS).plan(rows()).report.to_html(file="x"), "options are path"),
    ],
)
def test_an_unknown_or_missing_option_lists_the_valid_ones(
    call: Callable[[], Any], said: str
) -> None:
    with pytest.raises(mr.ArgumentError, match=said):
        call()


def test_errors_of_the_callee_are_no_errors_of_the_call() -> None:
    class Odd:
        def __array__(self, *_: Any, **__: Any) -> Any:
            raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        mr.row_loss(Odd(), [1.0], "zero_one")


@pytest.mark.parametrize(
    ("wrong", "valid", "meant"),
    [
        ("bye", "by", "by"),
        ("on", "in", "in"),
        ("ab", "ba", "ba"),
        ("LABEL", "label", "label"),
        ("x", "key", None),
        ("how", "who", None),
        ("id", "x", None),
        ("tial", "trial", "trial"),
    ],
)
def test_a_far_name_is_suggested(wrong: str, valid: str, meant: str | None) -> None:
    assert did_you_mean(wrong, [valid]) == (f"Did you mean {meant!r}?" if meant else "")


def test_a_target_that_is_a_column_explains_itself(tmp_path: Path) -> None:
    frame = rows()
    probe = mr.DecisionTreeProbe(max_depth=1).fit(frame, frame["target"])
    assert probe.tree == mr.DecisionTreeProbe(max_depth=1).fit(frame, target="target").tree
    assert {name for name, _ in probe.tree.columns} == {"x"}
    assert any("column 'target' of the table" in w for w in probe.warnings)
    assert "column 'target' of the table" in probe.to_text()
    assert "column &#39;target&#39; of the table" in probe.to_html()
    probe.save(tmp_path / "p.json")
    assert mr.load(tmp_path / "p.json").warnings == probe.warnings


def test_a_derived_series_shadows_the_column_it_was_made_of() -> None:
    frame = rows()
    probe = mr.DecisionTreeProbe(max_depth=1).fit(frame.drop(columns="target"), frame["x"] >= 200)
    assert probe.target_name == "target"
    assert probe.rules()[1] == "x > 199"


def test_a_weight_is_text() -> None:
    with pytest.raises(mr.SchemaError, match="weight column 'name' holds text"):
        mr.Dataset(TABLE, weight="name")
    with pytest.raises(mr.SchemaError, match="holds text"):
        mr.Dataset(TABLE).with_roles(weight="name")


def test_threads_change_the_bytes_of_a_saved_probe(tmp_path: Path) -> None:
    saved = set()
    for threads in (1, 2, 8):
        probe = mr.DecisionTreeProbe(max_depth=1, threads=threads).fit(rows(), target="target")
        probe.save(tmp_path / "p.json")
        saved.add((tmp_path / "p.json").read_bytes())
        assert mr.load(tmp_path / "p.json").threads is None
    assert len(saved) == 1


def test_a_join_report_is_lost_on_the_way() -> None:
    table = joined()
    report = table.join_report
    for same in (
        table.with_columns(y=[1, 2, 3, 4]),
        table.with_roles(label="x"),
        table.rename({"x": "u"}),
        mr.Dataset(table, label="x"),
        copy.deepcopy(table),
    ):
        assert same.join_report is report
    back = pickle.loads(pickle.dumps(table))
    assert back.join_report.to_json() == report.to_json()
    part = HashSplit(PARTS, exact=True).plan(table).train
    for other in (table.head(2), table.filter(table["x"] > 1), part, part.with_roles(label="x")):
        with pytest.raises(mr.ArgumentError, match=r"table that mr\.join returned"):
            other.join_report  # noqa: B018
        assert not hasattr(other, "join_report")
    with pytest.raises(mr.ArgumentError, match="by no join"):
        mr.Dataset(TABLE).join_report  # noqa: B018


def test_text_labels_are_equal_by_value() -> None:
    y, p = ["a", "b", None, "c"], ["a", "c", "b", "c"]
    assert mr.row_loss(y, p, "zero_one")[[0, 1, 3]].tolist() == [0, 1, 0]
    assert np.isnan(mr.row_loss(y, p, "zero_one")[2])
    result = mr.evaluate(
        y, pd.Series(p, dtype="category"), metrics="accuracy", compare=[*y[:2], "b", "c"]
    )
    assert result["accuracy"].value == pytest.approx(2 / 3)
    assert result["accuracy"].compare.value == 1  # type: ignore[union-attr]
    turned = mr.evaluate(y[::-1], p[::-1], metrics="accuracy")
    assert turned["accuracy"] == mr.evaluate(y, p, metrics="accuracy")["accuracy"]
    table = mr.Dataset({"y": y, "p": p}, label="y", prediction="p")
    assert mr.evaluate(table, metrics="accuracy")["accuracy"].value == pytest.approx(2 / 3)
    assert mr.evaluate(table, p, metrics=["accuracy"])["accuracy"].value == pytest.approx(2 / 3)
    with pytest.raises(mr.InputTypeError, match="y holds text, and prediction holds number"):
        mr.row_loss(["1"], [1], "zero_one")


def test_names_that_c_would_cut() -> None:
    frame = pd.DataFrame({"a\0b": [1]})
    for table in (frame, pl.DataFrame(frame), {"a\0b": [1]}):
        with pytest.raises(mr.SchemaError, match="NUL"):
            mr.Dataset(table)
    for call in (
        lambda: mr.Dataset(TABLE).rename({"x": "\0"}),
        lambda: mr.Dataset(TABLE).with_columns({"\0": [1, 2, 3, 4]}),
    ):
        with pytest.raises(mr.SchemaError, match="NUL"):
            call()


def test_pandas_labels_that_are_no_names() -> None:
    with pytest.raises(mr.SchemaError, match=r"columns 0 and 1 have the names 1 and '1'"):
        mr.Dataset(pd.DataFrame([[1, 2]], columns=[1, "1"]))
    for nameless in (None, float("nan")):
        with pytest.raises(mr.SchemaError, match="column 1 has no name"):
            mr.Dataset(pd.DataFrame([[1, 2]], columns=pd.Index(["a", nameless], dtype=object)))


def test_silent_coercions() -> None:
    table = mr.Dataset(TABLE)
    for n in (1.5, True, "x", None):
        with pytest.raises(mr.InputTypeError, match="whole number"):
            table.head(n)
    assert table.head(-1)["k"].to_list() == [1, 2, 3]
    assert len(table.head(-9)) == 0
    assert len(table.head(np.int64(2))) == 2
    with pytest.raises(mr.ArgumentError, match="exact is 'no'"):
        HashSplit(PARTS, exact="no").plan(TABLE)  # type: ignore[arg-type]
    with pytest.raises(mr.ArgumentError, match="copy is 'x'"):
        mr.Dataset(TABLE, copy="x")  # type: ignore[arg-type]
    with pytest.raises(mr.ArgumentError, match="indicator= is empty"):
        mr.join(TABLE, RIGHT, on="k", how="left", validate="m:1", indicator="")


def test_columns_and_tables_as_python_values() -> None:
    table = mr.Dataset({**TABLE, "flag": [True, False, True, True]}, key="k")
    with pytest.raises(mr.ArgumentError, match=r"\.any\(\)"):
        bool(table["x"])
    for same in (pickle.loads(pickle.dumps(table["x"])), copy.deepcopy(table["x"])):
        assert same.to_list() == TABLE["x"]
        assert same.name == "x"
    numbers = np.asarray(table.drop("name"))
    assert numbers.tolist() == [[x, f] for x, f in zip(TABLE["x"], [1, 0, 1, 1], strict=True)]
    with pytest.raises(mr.InputTypeError, match=r"column 'name' holds text.*ds\.X.*to_numpy"):
        np.asarray(table)


@pytest.mark.parametrize(
    "call",
    [
        lambda: mr.DecisionTreeProbe(selection=None).fit(rows(), target="target"),  # type: ignore[arg-type]
        lambda: mr.DecisionTreeProbe().fit(rows(), target="target").rules(None),  # type: ignore[arg-type]
        lambda: mr.DecisionTreeProbe().fit(rows(), target="target").rule(0, "sql", dialect=3),  # type: ignore[arg-type]
        lambda: HashSplit(PARTS).plan(TABLE).indices(0),  # type: ignore[arg-type]
        lambda: HashSplit(PARTS).plan(TABLE)[0],  # type: ignore[index]
        lambda: HashSplit(PARTS, by=3).plan(TABLE),  # type: ignore[arg-type]
        lambda: mr.join(TABLE, RIGHT, on=3, how="left", validate="m:1"),  # type: ignore[arg-type]
        lambda: mr.DecisionTreeProbe().fit(rows(), target="target").to_svg(max_depth="x"),
        lambda: TimeSplit("2020", time=3).plan(TABLE),
        lambda: TimeSplit("2020", zone=3).plan(TABLE),
        lambda: mr.Dataset(TABLE).select(3),  # type: ignore[arg-type]
        lambda: mr.Dataset(TABLE).drop([3]),  # type: ignore[list-item]
        lambda: mr.Dataset(TABLE).rename({"x": 3}),  # type: ignore[dict-item]
        lambda: mr.Dataset(TABLE).rename("x"),  # type: ignore[arg-type]
        lambda: mr.Dataset(TABLE)["x"].is_in(2007),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_type_is_a_typed_error(call: Callable[[], Any]) -> None:
    with pytest.raises(mr.Error) as caught:
        call()
    assert caught.value.next_step


@pytest.mark.parametrize("share", [0, 1, 2, float("nan"), -0.5])
def test_a_share_that_is_none(share: float) -> None:
    with pytest.raises(mr.ArgumentError, match=r"test_fraction is .*, not between 0 and 1"):
        TimeSplit(test_fraction=share, time="t").plan({"t": np.arange(9).astype("datetime64[D]")})


def test_files_that_are_not_ours(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("x\n1\n")
    (tmp_path / "x.bin").write_bytes(b"\xff\xfe\x80")
    with pytest.raises(mr.FileError, match=r"Did you mean 'table\.csv'"):
        mr.Dataset(tmp_path / "tabel.csv")
    for name in ("table.csv", "x.bin"):
        with pytest.raises(mr.FormatError, match=r"\.save\(\)"):
            mr.load(tmp_path / name)


def test_text_is_asked_of_a_plan_by_time() -> None:
    table = {"t": np.arange("2023-04-01", "2023-06-01", dtype="datetime64[D]")}
    plan = TimeSplit("2023-05-01", time="t").plan(table)
    with pytest.raises(mr.SchemaError, match=r"'2023-05-01'.*datetime\.date\(2023, 5, 1\)"):
        plan.assign("2023-05-01")
    assert plan.assign(np.datetime64("2023-05-01")) == "test"


def test_masks_say_how_to_fill_them() -> None:
    table = mr.Dataset(TABLE)
    with pytest.raises(mr.ArgumentError, match=r"missing in 1 row,.*fill_null"):
        table.filter(pl.Series([True, None, True, False]))


def test_figures_that_need_a_word() -> None:
    text = HashSplit(PARTS, by="k").plan({"k": np.arange(100)}).report.to_text()
    assert "±: the share is this near to what was asked for all but 1 of 10^9 salts" in text
    assert repr(mr.Dataset({"x": [1]})).startswith("Dataset: 1 row, 1 column\n")


def test_lines_on_the_label_name_one_value_each() -> None:
    n = 2000
    k = np.arange(n) % 100
    label = np.where(k > 80, np.arange(n) % 10 > 0, np.arange(n) % 10 == 0)
    left = mr.Dataset({"k": np.where(k < 5, np.nan, k), "bad": label}, label="bad")
    right = {"k": np.arange(80.0)}
    report = mr.join(left, right, on="k", how="left", validate="m:1").join_report
    lines = report.to_text().splitlines()
    start = next(i for i, line in enumerate(lines) if "does being unmatched" in line)
    said = [line for line in lines[start + 1 :] if " lift " in line]
    assert len(said) == len(report.classes_on_label) == 2
    assert all(" bad " in line for line in said)
    page = report.to_html()
    assert "bad = true" in page
    assert "bad = false" not in page
    assert ("  note" in "".join(said)) == any(line.startswith("  note: ") for line in lines)


def test_stdout_that_is_closed_or_full(tmp_path: Path) -> None:
    rows().to_csv(tmp_path / "a.csv", index=False)
    command = f'"{sys.executable}" -m mlrepro probe a.csv --target target'
    for to in (">&-", *(["> /dev/full"] if Path("/dev/full").exists() else [])):
        done = subprocess.run(
            f"{command} {to}", shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1].startswith("FileError: ")
        assert "Traceback" not in done.stderr
