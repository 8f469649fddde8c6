# SPDX-License-Identifier: Apache-2.0
"""Fingerprints and verdicts: equal for equal tables of every library, and every planted cause named right."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrepro as mr
from mlrepro._cli import main

LEAF = 65_536
ARROW = {
    "int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(),
    "uint8": pa.uint8(), "uint16": pa.uint16(), "uint32": pa.uint32(), "uint64": pa.uint64(),
    "bool": pa.bool_(), "utf8": pa.string(),
}  # fmt: skip


def golden_array(column: dict[str, Any]) -> pa.Array:
    kind, cells = column["type"], column["cells"]
    if kind in ("float32", "float64"):
        bits = np.array([int(c or "0", 16) for c in cells], f"u{int(kind[5:]) // 8}")
        return pa.array(bits.view(kind), mask=np.array([c is None for c in cells]))
    if kind == "dictionary":
        levels = column["levels"]
        codes = pa.array([None if c is None else levels.index(c) for c in cells], pa.int32())
        return pa.DictionaryArray.from_arrays(codes, pa.array(levels), ordered=column["ordered"])
    if kind == "date":
        return pa.array([None if c is None else int(c) for c in cells], pa.int32()).cast(
            pa.date32()
        )
    if kind in ("timestamp", "duration"):
        zone = column.get("zone") or None
        unit = column["unit"]
        arrow = pa.timestamp(unit, zone) if kind == "timestamp" else pa.duration(unit)
        return pa.array([None if c is None else int(c) for c in cells], pa.int64()).cast(arrow)
    values = cells if kind in ("bool", "utf8") else [None if c is None else int(c) for c in cells]
    return pa.array(values, ARROW[kind])


def check(made: mr.Fingerprint, expected: dict[str, Any]) -> None:
    found = made.to_dict()
    assert {k: found[k] for k in expected if k != "columns"} == {
        k: v for k, v in expected.items() if k != "columns"
    }
    for column, wanted in zip(found["columns"], expected["columns"], strict=True):
        flat = column | {"name": column["schema"]["name"], "leaves": column["leaves"]["digest"]}
        assert {k: flat[k] for k in wanted} == wanted


def test_digests_are_the_frozen_ones(vectors: Callable[[str], Any]) -> None:
    golden = vectors("fingerprint")
    assert golden["canon"] == 1
    for table in golden["tables"]:
        names = [c["name"] for c in table["columns"]]
        arrow = pa.table([golden_array(c) for c in table["columns"]], names=names)
        check(mr.fingerprint(arrow), table["digests"])
        padded = pa.concat_tables([arrow.slice(0, 1), arrow.slice(1)])
        check(mr.fingerprint(padded), table["digests"])


def formula(n_rows: int) -> pa.Table:
    row = np.arange(n_rows)
    return pa.table({"n": pa.array(row * 7919 % 1009 - 500, mask=row % 11 == 3)})


def test_three_leaves_are_the_frozen_ones_from_a_table_a_stream_and_files(
    vectors: Callable[[str], Any], tmp_path: Any
) -> None:
    golden = vectors("fingerprint")["formula"]
    table = formula(golden["n_rows"])
    check(mr.fingerprint(table), golden["digests"])
    check(mr.fingerprint(table.to_reader(10_007)), golden["digests"])
    check(mr.fingerprint(iter([table.slice(0, 5), table.slice(5)])), golden["digests"])
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=50_000)
    check(mr.fingerprint(tmp_path / "t.parquet"), golden["digests"])
    for name, new in (("t.arrow", ipc.new_file), ("t.arrows", ipc.new_stream)):
        with new(tmp_path / name, table.schema) as writer:
            writer.write_table(table, max_chunksize=30_001)
        check(mr.fingerprint(str(tmp_path / name)), golden["digests"])
    pq.write_table(table.slice(0, 70_001), tmp_path / "part1.parquet")
    pq.write_table(table.slice(70_001), tmp_path / "part2.parquet")
    check(
        mr.fingerprint([tmp_path / "part1.parquet", tmp_path / "part2.parquet"]), golden["digests"]
    )


def mixed(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    when = pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 10**6, n), unit="s")
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "delay": rng.normal(size=n).round(3),
            "carrier": pd.Categorical(rng.choice(["AA", "MQ", "UA"], n)),
            "tail": [f"N{i:04d}" for i in rng.integers(0, 99, n)],
            "late": rng.random(n) < 0.3,
            "when": when.as_unit("us"),
        }
    )


def wide() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {f"f{i}": rng.integers(0, 50, 200) for i in range(12)} | {"delay": rng.normal(size=200)}
    )


def gappy() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {"id": np.arange(150.0), "delay": rng.random(150), "text": ["é", "", "b"] * 50}
    )
    return frame.assign(delay=frame["delay"].mask(rng.random(150) < 0.2))


TABLES = pytest.mark.parametrize("make", [mixed, wide, gappy])


@TABLES
def test_every_library_and_chunking_gives_the_same_bytes(make: Callable[[], pd.DataFrame]) -> None:
    frame = make()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    reference = mr.fingerprint(table)
    assert reference.verdict(mr.fingerprint(pl.from_arrow(table))).kind in (
        "identical",
        "same_values",
    )
    assert mr.fingerprint(pa.concat_tables([table.slice(0, 40), table.slice(40)])) == reference
    assert mr.fingerprint(mr.Dataset(table), threads=2) == reference
    plain = table.select([n for n in table.column_names if n != "carrier"])
    expected = mr.fingerprint(plain)
    assert mr.fingerprint(pl.from_arrow(plain)) == expected
    relation = duckdb.connect().from_arrow(plain)
    assert mr.fingerprint(relation) == expected
    from_pandas = mr.fingerprint(plain.to_pandas()).verdict(expected)
    assert from_pandas.kind == "identical" or {n["what"] for n in from_pandas.notes} == {
        "null form"
    }


COLUMNS = {
    "i": st.none() | st.integers(-(2**63), 2**63 - 1),
    "f": st.none() | st.floats() | st.just(-0.0),
    "t": st.none() | st.text(max_size=12),
    "b": st.none() | st.booleans(),
}
TYPES = {"i": pa.int64(), "f": pa.float64(), "t": pa.string(), "b": pa.bool_()}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_identical_data_is_never_called_different(data: Any) -> None:
    n = data.draw(st.integers(0, 15))
    cells = {k: data.draw(st.lists(s, min_size=n, max_size=n)) for k, s in COLUMNS.items()}
    table = pa.table({k: pa.array(v, TYPES[k]) for k, v in cells.items()})
    cut = data.draw(st.integers(0, n))
    batches = pa.concat_tables([table.slice(cut), table.slice(0, 0), table.slice(0, cut)])
    rotated = mr.fingerprint(batches)
    a = mr.fingerprint(table)
    assert a.content_id == rotated.content_id
    assert a.verdict(rotated).kind in ("identical", "row_order")
    assert a.verdict(mr.fingerprint(pl.from_arrow(table))).same
    parts = [
        mr.FingerprintState().update(table.slice(0, cut)),
        mr.FingerprintState(first_row=cut).update(table.slice(cut)),
    ]
    forward, backward = mr.FingerprintState(), mr.FingerprintState()
    for part in parts:
        forward.merge(mr.FingerprintState.from_bytes(part.to_bytes()))
    for part in reversed(parts):
        backward.merge(part)
    assert forward.to_bytes() == backward.to_bytes()
    assert forward.finalize() == a


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 299), st.sampled_from(["id", "delay", "tail", "late", "when", "carrier"]))
def test_any_changed_cell_is_felt_and_named(row: int, column: str) -> None:
    frame = mixed()
    changed = frame.copy()
    others = changed.loc[changed[column] != changed.loc[row, column], column]
    changed.loc[row, column] = others.iloc[0]
    verdict = mr.fingerprint(frame).verdict(mr.fingerprint(changed))
    assert repr(verdict) == f"1 row changed in {column}"
    assert verdict.rows["changed"]["examples"] == [
        {"row_a": row, "row_b": row, "columns": [column]}
    ]


def judged(a: Any, b: Any, **sides: Any) -> mr.Verdict:
    return mr.fingerprint(a).verdict(mr.fingerprint(b), **sides)


def from_digests(a: Any, b: Any) -> mr.Verdict:
    return mr.fingerprint(a).without_table().verdict(mr.fingerprint(b).without_table())


PLANTED: dict[str, tuple[Callable[[pd.DataFrame], Any], str]] = {
    "identical": (lambda f: f.copy(), "identical"),
    "row order": (lambda f: f.sample(frac=1, random_state=1), "only row order"),
    "column order": (lambda f: f[f.columns[::-1]], "only column order"),
    "renamed": (
        lambda f: f.rename(columns={"delay": "late_by"}),
        "column renamed: delay -> late_by",
    ),
    "dropped": (lambda f: f.drop(columns="delay"), "column removed: delay"),
    "added": (lambda f: f.assign(extra=1.5), "column added: extra"),
    "rolled": (
        lambda f: f.assign(delay=np.roll(f["delay"], 1)),
        "columns re-paired: delay moved against the others",
    ),
    "stacked": (
        lambda f: pd.concat([f, f, f]),
        "stacked: the second table holds each row of the first 3 times",
    ),
    "changed": (
        lambda f: f.assign(delay=f["delay"].where(np.arange(len(f)) != 9, 77.5)),
        "changed in delay",
    ),
    "removed": (
        lambda f: f.iloc[5:],
        "rows {n} -> {fewer}, other values in {all}; whether rows changed too needs both tables",
    ),
}


@TABLES
@pytest.mark.parametrize("cause", PLANTED)
def test_each_planted_cause_is_named_from_digests(
    cause: str, make: Callable[[], pd.DataFrame]
) -> None:
    frame = make()
    plant, words = PLANTED[cause]
    names = list(frame.columns)
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    expected = words.format(n=len(frame), fewer=len(frame) - 5, all=shown)
    verdict = from_digests(frame, plant(frame))
    assert verdict.text == expected
    assert mr.Verdict.from_json(verdict.to_json()) == verdict


@TABLES
def test_rows_and_columns_are_named_with_both_tables(make: Callable[[], pd.DataFrame]) -> None:
    frame = make()
    changed = frame.copy()
    changed.loc[[1, 7, 9], "delay"] = [90.25, 91.25, 92.25]
    assert repr(judged(frame, changed)) == "3 rows changed in delay"
    assert repr(judged(frame, frame.iloc[:-4])) == "the last 4 rows removed"
    assert repr(judged(frame.iloc[:-4], frame)) == "4 rows appended"
    assert repr(judged(frame, frame.drop(index=[3, 8]))) == "2 rows removed"
    inserted = pd.concat([changed.iloc[[1]], frame])
    verdict = judged(frame, inserted)
    assert verdict.text.startswith("1 row added")
    assert verdict.rows["added"] == {"count": 1, "examples": [{"row_b": 0}]}


def test_a_key_pairs_rows_in_any_order_and_the_answer_repeats() -> None:
    frame = mixed()
    later = frame.sample(frac=1, random_state=2).reset_index(drop=True)
    later.loc[later["id"] == 40, "delay"] = 5.5
    later = later[later["id"] != 41]
    a, b = mr.Dataset(frame, key="id"), mr.Dataset(later, key="id")
    verdicts = {judged(a, b).to_json() for _ in range(3)}
    assert len(verdicts) == 1
    verdict = judged(a, b)
    assert repr(verdict) == "1 row changed in delay; 1 row removed"
    assert verdict.to_pandas()["key"].tolist() == ["40", "41"]
    plain = mr.fingerprint(frame).verdict(mr.fingerprint(later))
    assert repr(plain).endswith("no key declared: a changed row counts as removed and added")


def test_added_and_renamed_columns_hide_no_rows() -> None:
    n = 300
    old = pd.DataFrame({"id": np.arange(n), "qty": np.arange(n) % 7, "price": np.arange(n) / 8})
    new = old.rename(columns={"qty": "quantity"}).assign(vip=1)
    new.loc[[3, 200], "price"] = -1.0
    more = pd.concat([new, new.tail(2).assign(id=[1000, 1001])]).sample(frac=1, random_state=0)

    def said(b: pd.DataFrame, **roles: Any) -> mr.Verdict:
        return mr.fingerprint(mr.Dataset(old, **roles)).verdict(
            mr.fingerprint(mr.Dataset(b, **roles))
        )

    found = said(more, key="id")
    assert found.kind == "columns"
    assert found.text.endswith("in the columns of both: 2 rows changed in price; 2 rows added")
    assert found.columns["changed"] == ["price"]
    named = found.to_pandas()
    assert sorted(named.loc[named["what"] == "changed", "row_a"]) == [3, 200]
    assert mr.Verdict.from_json(found.to_json()) == found
    assert said(old.assign(vip=1)).text == "column added: vip"
    assert said(old.assign(vip=1).iloc[::-1]).text.endswith("of both: only row order")
    assert said(new, key="id").columns["renamed"] == [["qty", "quantity"]]
    assert said(pd.DataFrame({"other": [1]})).columns["changed"] == []


def test_a_renamed_column_that_moved_is_said() -> None:
    old = {"x": [1.0, 2.0, 5.0], "y": [1, 2, 3]}
    found = judged(old, {"x": [1.0, 2.0, 5.0], "yy": [2, 1, 3]})
    assert found.text.startswith(
        "column renamed: y -> yy; in the columns of both: columns re-paired"
    )
    assert found.rows["changed"]["count"] == 2
    a, b = mr.fingerprint(old), mr.fingerprint({**old, "z": [1, 1, 1]})
    with pytest.raises(mr.ArgumentError, match="the left table is not the one"):
        a.verdict(b, left={"x": [9.0, 9.0, 9.0], "y": [1, 2, 3]}, right={**old, "z": [1, 1, 1]})


def test_appended_rows_are_listed() -> None:
    table = pd.DataFrame({"x": np.arange(500)})
    found = judged(table.head(350), table)
    assert found.text == "150 rows appended"
    assert found.rows["added"]["count"] == 150
    assert found.to_pandas()["row_b"].tolist() == list(range(350, 450))  # the first hundred
    assert judged(table, table.head(499)).to_pandas()["row_a"].tolist() == [499]


def test_schema_differences_are_notes_and_no_changes() -> None:
    frame = mixed()
    as_float = frame.assign(id=frame["id"].astype(float))
    assert repr(judged(frame, as_float)) == "dtype only: int64 -> float64 (id)"
    plain = frame.assign(carrier=frame["carrier"].astype(str))
    assert repr(judged(frame, plain)) == "dtype only: dictionary -> utf8 (carrier)"
    levels = frame.assign(carrier=frame["carrier"].cat.reorder_categories(["UA", "MQ", "AA"]))
    assert repr(judged(frame, levels)) == "only category order (carrier)"
    unused = frame.assign(carrier=frame["carrier"].cat.add_categories(["B6"]))
    assert repr(judged(frame, unused)) == "only unused categories: 0 -> 1 (carrier)"
    unit = frame.assign(when=frame["when"].astype("M8[ms]").astype("M8[s]"))
    assert repr(judged(frame, unit)) == "only unit: us -> s (when)"
    aware = frame.assign(when=frame["when"].dt.tz_localize("UTC"))
    assert repr(judged(frame, aware)) == "only time zone: none -> UTC (when)"
    both = as_float.assign(when=unit["when"])
    assert (
        repr(judged(frame, both))
        == "same values; dtype: int64 -> float64 (id); unit: us -> s (when)"
    )
    shuffled = as_float.sample(frac=1, random_state=4)
    assert repr(judged(frame, shuffled)) == "only row order; dtype: int64 -> float64 (id)"


def test_null_form_and_negative_zero_are_counted_apart() -> None:
    nan = pa.table({"x": [1.5, float("nan"), float("nan")]})
    null = pa.table({"x": [1.5, None, None]})
    assert repr(judged(nan, null)) == "only null form: 2 NaN -> 2 null (x)"
    zero, negative = {"x": np.array([0.0, 1.0])}, {"x": np.array([-0.0, 1.0])}
    assert repr(judged(zero, negative)) == "only -0.0: 0 -> 1 (x)"
    garbage = pa.Array.from_buffers(
        pa.int64(), 3, [pa.py_buffer(b"\x05"), pa.py_buffer(np.array([1, 99, 3]).tobytes())]
    )
    assert mr.fingerprint({"x": garbage}) == mr.fingerprint(pa.table({"x": [1, None, 3]}))


def test_text_is_bytes_and_one_is_not_text() -> None:
    ids = [mr.fingerprint({"x": v}).content_id for v in ([1], ["1"], [1.5], [True])]
    assert len(set(ids)) == 4
    composed, decomposed = {"x": ["\u00e9"]}, {"x": ["e\u0301"]}
    assert mr.fingerprint(composed) != mr.fingerprint(decomposed)
    assert mr.fingerprint({"x": ["a\r\n"]}) != mr.fingerprint({"x": ["a\n"]})
    assert repr(judged({"x": ["A", "A"]}, {"x": ["B", "B"]})) == "2 rows changed in x"


def test_far_rows_are_named_by_range_without_the_tables() -> None:
    table = formula(2 * LEAF + 100).to_pandas()
    changed = table.copy()
    changed.loc[LEAF + 5, "n"] = 77_777
    verdict = from_digests(table, changed)
    assert repr(verdict) == "changed in n; within rows 65,536 to 131,071"
    assert verdict.rows["ranges"] == [[LEAF, 2 * LEAF]]
    appended = pd.concat([table.iloc[:LEAF], table])
    assert repr(from_digests(table.iloc[:LEAF], appended)) == f"{2 * LEAF + 100:,} rows appended"


def test_merging_fingerprints_of_parts() -> None:
    table = formula(LEAF + 50)
    whole = mr.fingerprint(table)
    assert mr.fingerprint(table.slice(0, LEAF)).merge(mr.fingerprint(table.slice(LEAF))) == whole
    shifted = mr.fingerprint(table.slice(0, 10)).merge(mr.fingerprint(table.slice(10)))
    assert (shifted.content_id, shifted.table_id) == (whole.content_id, None)
    assert repr(whole.verdict(shifted)) == "same rows; their order is unknown"
    with pytest.raises(mr.SchemaError, match="column 0"):
        whole.merge(mr.fingerprint({"m": [1]}))


def test_a_table_written_to_after_its_fingerprint_is_not_trusted() -> None:
    x = np.arange(5.0)
    before, after = mr.fingerprint({"x": x}), mr.fingerprint({"x": np.arange(5.0) + 1})
    x[0] = 50.0
    assert repr(before.verdict(after)) == "changed in x"
    with pytest.raises(mr.ArgumentError, match="left table is not the one"):
        before.verdict(after, left={"x": x}, right={"x": np.arange(5.0) + 1})
    with pytest.raises(mr.ArgumentError, match="right="):
        before.verdict(after.without_table(), left={"x": np.arange(5.0)})
    with pytest.raises(mr.ArgumentError, match="Fingerprint"):
        before.verdict({"x": x})  # type: ignore[arg-type]


def test_results_save_load_pickle_and_print(tmp_path: Any) -> None:
    made = mr.fingerprint(gappy())
    made.save(tmp_path / "f.json")
    assert (
        mr.load(tmp_path / "f.json")
        == made
        == pickle.loads(pickle.dumps(made))
        == copy.deepcopy(made)
    )
    assert hash(made) == hash(mr.load(tmp_path / "f.json"))
    assert made.table_id in repr(made)
    assert "delay" in made.to_text()
    assert "NaN" in made.to_text()
    assert made.to_pandas()["name"].tolist() == made.columns == ["id", "delay", "text"]
    assert (made.n_rows, made.secure) == (150, None)
    verdict = judged(gappy(), gappy().iloc[1:])
    verdict.save(tmp_path / "v.json")
    assert mr.load(tmp_path / "v.json") == verdict
    edited = made.to_json().replace('"dtype":"float64"', '"dtype":"float32"')
    with pytest.raises(mr.FormatError, match="schema_digest"):
        mr.Fingerprint.from_json(edited)
    with pytest.raises(mr.FileError, match="cannot be written"):
        made.save(tmp_path / "no" / "f.json")


def test_secure_hashes_the_canonical_leaves_with_sha256(tmp_path: Any) -> None:
    made = mr.fingerprint(pa.table({"x": [1, None]}), secure=True)
    element = b"\2" + (1).to_bytes(8, "little") + b"\0"
    leaf = hashlib.sha256(b"leaf\0" + (2).to_bytes(8, "little") + element).digest()
    root = hashlib.sha256(b"root\0" + (2).to_bytes(8, "little") + leaf).hexdigest()
    assert made.secure is not None
    assert made.secure["columns"]["x"] == {"leaves": [leaf.hex()], "root": root}
    assert "not tamper-evident" in made.to_text()
    table = formula(2 * LEAF + 9)
    whole, streamed = (
        mr.fingerprint(table, secure=True),
        mr.fingerprint(table.to_reader(999), secure=True),
    )
    assert whole == streamed
    assert whole.secure is not None
    assert len(whole.secure["columns"]["n"]["leaves"]) == 3
    whole.save(tmp_path / "s.json")
    assert mr.load(tmp_path / "s.json") == whole
    assert whole.content_id == mr.fingerprint(table).content_id


def test_a_hash_key_hides_and_only_equal_keys_compare() -> None:
    table = {"x": [1, 2]}
    a, b = mr.fingerprint(table, hash_key="one"), mr.fingerprint(table, hash_key="two")
    assert a.content_id != mr.fingerprint(table).content_id
    assert a.without_table().verdict(b).kind == "not_comparable"
    assert a.verdict(b).same  # both tables are at hand
    assert mr.Fingerprint.from_json(a.to_json(), hash_key="one").merge(a).n_rows == 4
    with pytest.raises(mr.ArgumentError, match="hash key"):
        mr.FingerprintState(hash_key="one").merge(mr.FingerprintState())


def test_batches_of_different_types_are_refused_by_name() -> None:
    state = mr.FingerprintState().update({"x": np.array([1, 2])})
    with pytest.raises(mr.SchemaError, match="'x' is int64 in one part and float64"):
        state.update({"x": np.array([0.5])})
    with pytest.raises(mr.ArgumentError, match="first_row"):
        mr.FingerprintState(first_row=-1)
    with pytest.raises(mr.FormatError, match="checksum"):
        mr.FingerprintState.from_bytes(state.to_bytes()[:-3])


def test_an_empty_stream_has_its_columns() -> None:
    reader = formula(0).to_reader()
    assert mr.fingerprint(reader).columns == ["n"]
    assert mr.fingerprint(formula(0)) == mr.fingerprint(formula(0).to_reader())


def test_command_line(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    frame = mixed()
    a, b, saved = (str(tmp_path / name) for name in ("a.parquet", "b.parquet", "a.json"))
    frame.to_parquet(a)
    changed = frame.copy()
    changed.loc[3, "delay"] = 44.5
    changed.to_parquet(b)
    assert main(["fingerprint", a, "-o", saved]) == 0
    assert mr.fingerprint(a).content_id in capsys.readouterr().out
    assert main(["fingerprint", saved, a]) == 0
    assert capsys.readouterr().out == "identical\n"
    assert main(["fingerprint", a, b]) == 1
    shown = capsys.readouterr()
    assert shown.out == "changed in delay\n"
    assert "--rows" in shown.err
    assert main(["fingerprint", a, b, "--rows", "--key", "id"]) == 1
    was = float(frame["delay"][3])
    assert capsys.readouterr().out == (
        f"1 row changed in delay\n  changed: key {frame['id'][3]} (row 3)  delay: {was!r} -> 44.5\n"
    )
    assert main(["fingerprint", a, b, "--key", "id"]) == 2
    assert "Add --rows" in capsys.readouterr().err
    assert main(["fingerprint", a, b, b]) == 2
    assert "Quote a pattern" in capsys.readouterr().err
    assert main(["fingerprint", a, b, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["columns"]["changed"] == ["delay"]
    assert main(["fingerprint", a, str(tmp_path / "none.parquet")]) == 2
    assert main(["fingerprint", saved, b, "--rows"]) == 2
    (tmp_path / "torn.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-9])
    assert main(["fingerprint", str(tmp_path / "torn.parquet")]) == 2


def test_notes_of_many_columns_are_said_once_and_after_what_changed() -> None:
    def table(n_unused: int) -> dict[str, Any]:
        columns: dict[str, Any] = {
            f"c{i}": pd.Categorical(
                ["a", "b"] * 10, categories=["a", "b", *map(str, range(n_unused * (i + 1)))]
            )
            for i in range(9)
        }
        return {**columns, "x": np.arange(20) + n_unused}

    words = repr(mr.fingerprint(table(1)).verdict(mr.fingerprint(table(2)).without_table()))
    assert words.startswith("changed in x; unused categories (c0, c1, c2, c3, c4, c5 and 3 more)")


def test_rows_that_may_be_any_are_not_named() -> None:
    a, b = ({"x": np.arange(20) + k} for k in (0, 50))
    found = mr.fingerprint(a).verdict(mr.fingerprint(b).without_table())
    assert repr(found) == "changed in x"
    assert found.rows["ranges"] == [[0, 20]]


def test_a_state_pickles_with_its_key_and_merges_with_its_kind_only() -> None:
    state = mr.FingerprintState(hash_key="k", first_row=5).update({"x": [1, 2]})
    copy = pickle.loads(pickle.dumps(state))
    assert copy.to_bytes() == state.to_bytes()
    assert copy.update({"x": [3]}).n_rows == 3
    for one in (state, state.finalize()):
        with pytest.raises(mr.ArgumentError, match=r"not (dict|int)") as caught:
            one.merge({"x": [1]})
        assert caught.value.next_step


def test_types_that_do_not_merge_are_named_for_people() -> None:
    a, b = (mr.fingerprint({"x": x}) for x in ([1], pd.Categorical(["a"])))
    with pytest.raises(mr.SchemaError, match=r"'x', int64 in one .* 'x', dictionary of 1 categor"):
        a.merge(b)
