# SPDX-License-Identifier: Apache-2.0
"""What is read back: saved files that were edited, damaged or never ours are refused by name, and none crashes."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import mlrepro as mr
from mlrepro._cli import main


def saved() -> dict[str, str]:
    """JSON of every result that holds measured numbers."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=4000)
    wrong = (x > 1) & (rng.random(4000) < 0.7)
    y, p = rng.integers(0, 2, 4000), rng.random(4000)
    table = {"x": x, "wrong": wrong}
    return {
        "tree": mr.DecisionTreeProbe(max_depth=1).fit(table, target="wrong").to_json(),
        "slices": mr.find_slices({"x": x}, wrong).to_json(),
        "comparison": mr.compare_predictions(
            {"x": x}, y=y, before=p, after=np.where(x > 1, 1 - p, p), loss="log_loss"
        ).to_json(),
        "evaluation": mr.evaluate(y, p, metrics="log_loss", n_draws=50).to_json(),
    }


@pytest.mark.parametrize("number", [2.0**60, 1e20, 2.0**53 + 2, -1e300, 0.1, 5e-324])
def test_large_numbers_are_read_as_what_was_written(number: float) -> None:
    """Canonical JSON has no point in 576460752303423500, and shortest digits are not the integer."""
    made = mr.evaluate(np.zeros(1), np.array([number]), metrics="mae", n_draws=0)
    assert made["mae"].value == abs(number)
    assert mr.Evaluation.from_json(made.to_json()) == made


def test_a_number_that_contradicts_its_bits_is_refused(tmp_path: Path) -> None:
    for name, text in saved().items():
        path = tmp_path / f"{name}.json"
        path.write_text(text)
        assert mr.load(path) is not None
        numbers = list(re.finditer(r'"v":\s*-?\d[-+.e\d]*', text))
        for at in (numbers[0], numbers[-1]):
            path.write_text(text[: at.start()] + '"v":12345.5' + text[at.end() :])
            with pytest.raises(mr.FormatError, match=r"says 12345\.5"):
                mr.load(path)


def test_sha256_tells_what_xxh3_does_not_and_its_edits_are_told() -> None:
    table = pa.table({"x": [1, 2], "y": [3, 4]})
    made, plain = mr.fingerprint(table, secure=True), mr.fingerprint(table)
    forged = json.loads(made.to_json())
    leaf = hashlib.sha256(b"a table with equal XXH3").digest()
    secure = forged["secure"]
    secure["columns"]["x"]["leaves"] = [leaf.hex()]
    with pytest.raises(mr.FormatError, match="SHA-256"):
        mr.Fingerprint.from_json(json.dumps(forged))
    root = hashlib.sha256(b"root\0" + (2).to_bytes(8, "little") + leaf)
    secure["columns"]["x"]["root"] = root.hexdigest()
    names = [hashlib.sha256(b"name\0" + name).digest() for name in (b"x", b"y")]
    schema = hashlib.sha256(b"schema\0" + made._core_fingerprint.schema_json().encode()).digest()
    roots = [root.digest(), bytes.fromhex(secure["columns"]["y"]["root"])]
    parts = [schema, names[0], roots[0], names[1], roots[1]]
    secure["table"] = hashlib.sha256(b"table\0" + b"".join(parts)).hexdigest()
    other = mr.Fingerprint.from_json(json.dumps(forged))
    found = made.verdict(other)
    assert (found.kind, found.columns["changed"]) == ("changed", ["x"])
    assert "SHA-256" in found.text
    assert made.verdict(mr.fingerprint(table, secure=True)).text == "identical"
    assert plain.verdict(made).text == "identical; SHA-256 of one only, so not compared"
    assert plain.verdict(made).same
    for broken in ({}, [], 5, {**secure, "algorithm": "md5"}, {**secure, "columns": {}}):
        with pytest.raises(mr.FormatError):
            mr.Fingerprint.from_json(json.dumps({**forged, "secure": broken}))


def test_an_edited_sum_is_no_identical_table() -> None:
    table = {"x": [1, 2], "y": [3, 4]}
    made = mr.fingerprint(table)
    edited = json.loads(made.to_json())
    edited["columns"][0]["sum"] = "0" * 32
    found = made.verdict(mr.Fingerprint.from_json(json.dumps(edited)))
    assert (found.kind, found.columns["changed"]) == ("changed", ["x"])


def test_a_verdict_is_read_with_care() -> None:
    text = mr.fingerprint({"x": [1]}).verdict(mr.fingerprint({"x": [2]})).to_json()
    assert mr.Verdict.from_json(text).to_json() == text
    held = json.loads(text)
    wrong: list[dict[str, Any]] = [
        {"version": 99},
        {"kind": "fine"},
        {"kind": "identical"},
        {"same": True},
        {"text": "identical"},
        {"rows": []},
        {"more": 1},
    ]
    for edit in wrong:
        with pytest.raises(mr.FormatError):
            mr.Verdict.from_json(json.dumps({**held, **edit}))


@pytest.mark.parametrize("given", [None, 5, b"{}", {}])
def test_what_is_no_text_or_bytes_is_refused(given: Any) -> None:
    for read in (
        mr.Fingerprint.from_json,
        mr.split.Plan.from_json,
        mr.Slices.from_json,
        mr.PredictionComparison.from_json,
        mr.split.PlanReport.from_json,
    ):
        with pytest.raises(mr.InputTypeError):
            read(given)
    if not isinstance(given, bytes):
        with pytest.raises(mr.InputTypeError):
            mr.FingerprintState.from_bytes(given)


def test_numbers_of_thousands_of_digits_and_odd_paths_are_typed_errors(tmp_path: Any) -> None:
    (tmp_path / "f.json").write_text('{"format": ' + "1" * 5000 + "}")
    with pytest.raises(mr.FormatError, match="digits"):
        mr.load(tmp_path / "f.json")
    made = mr.fingerprint({"x": [1]})
    for path in ("/", "\ud800.json", str(tmp_path / ("n" * 300))):
        with pytest.raises(mr.FileError):
            made.save(path)
        with pytest.raises(mr.FileError):
            mr.load(path)


def test_a_damaged_file_or_a_fault_of_ours_is_not_the_answer_different(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    mr.fingerprint({"x": [1]}, secure=True).save(path)
    path.write_text(path.read_text().replace('"algorithm":"sha256"', '"algorithm":7'))
    assert main(["fingerprint", str(path), str(path), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["name"] == "FormatError"

    def broken(*_: Any, **__: Any) -> None:
        raise AttributeError("a fault")

    monkeypatch.setattr("mlrepro.load", broken)
    assert main(["fingerprint", str(path), str(path), "--json"]) == 70
    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["name"] == "InternalError"
    assert "a fault" in said.err


def class_tree() -> mr.DecisionTreeProbe:
    x = np.arange(3000) % 50
    y = np.array(["a", "b", "c"])[np.where(x > 40, 2, x % 2)]
    return mr.DecisionTreeProbe(max_depth=2).fit({"x": x}, target=y)


@pytest.mark.parametrize("half", ["growing", "judged"])
def test_counts_of_a_saved_tree_that_contradict_each_other_are_believed(half: str) -> None:
    document = json.loads(class_tree().to_json())
    assert document["nodes"][0]["leaf"] < 0

    def refused(edit: Any, match: str) -> None:
        edited = json.loads(json.dumps(document))
        edit(edited)
        with pytest.raises(mr.FormatError, match=match):
            mr.DecisionTreeProbe._from_json(json.dumps(edited))

    def move_a_row(figures: Any) -> None:
        figures["classes"] = [
            figures["classes"][0] + 1,
            figures["classes"][1] - 1,
            *figures["classes"][2:],
        ]

    refused(lambda d: move_a_row(d["nodes"][1][half]), "rows of node '' are not those")
    refused(lambda d: move_a_row(d[half]), "root without all rows")
    refused(lambda d: d.pop("classes"), "classes that it does not name")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("seed", value) for value in ("x", None, -1, str(2**64))),
        *(("exclude", value) for value in (None, "x")),
        *(("features", value) for value in (5, [])),
        *(("time_limit", -1), ("memory_limit", []), ("warnings", [5]), ("honest", 1)),
        *(("max_depth", "deep"), ("alpha", None), ("selection", "best")),
    ],
)
def test_a_damaged_setting_of_a_saved_tree_is_a_crash(
    name: str, value: Any, tmp_path: Path
) -> None:
    path = tmp_path / "tree.json"
    class_tree().save(path)
    document = json.loads(path.read_text())
    document["probe"]["settings"][name] = value
    path.write_text(json.dumps(document))
    with pytest.raises(mr.FormatError, match=f"tree's file is damaged.*{name}"):
        mr.load(path)
    document["probe"]["settings"] = value
    path.write_text(json.dumps(document))
    with pytest.raises(mr.FormatError, match="tree's file is damaged: settings"):
        mr.load(path)
