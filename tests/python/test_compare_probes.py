# SPDX-License-Identifier: Apache-2.0
"""compare_probes: what two probes say of the same rows, recounted with pandas and judged by scikit-learn's index."""

from __future__ import annotations

import itertools
import json
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score

import mlrepro as mr
from mlrepro._compare_nodes import compared_nodes
from mlrepro._compare_pairs import adjusted_rand, best_pairs
from mlrepro._exact import canonical_text, plain

N = 6000


def fitted(frame: Any, y: Any, **settings: Any) -> mr.DecisionTreeProbe:
    return mr.DecisionTreeProbe(**settings).fit(frame, target=y)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    d = np.where(rng.random(N) < 0.2, np.nan, rng.normal(size=N))
    return pd.DataFrame({"x": rng.normal(size=N), "c": rng.choice(list("abcd"), N), "d": d})


@pytest.fixture(scope="module")
def late(frame: pd.DataFrame) -> Any:
    noise = np.random.default_rng(4).random(N) < 0.1
    return (((frame.x > 0.3) & frame.c.isin(["a", "b"])) | frame.d.isna()).to_numpy() ^ noise


@pytest.fixture(scope="module")
def seeds(frame: pd.DataFrame, late: Any) -> mr.ProbeComparison:
    return mr.compare_probes(fitted(frame, late), fitted(frame, late, seed=5), frame)


def test_the_same_probe_twice_agrees_in_all(frame: pd.DataFrame, late: Any) -> None:
    probe = fitted(frame, late)
    found = mr.compare_probes(probe, probe, frame)
    assert (found.agreement, found.adjusted_rand, found.rows_paired) == (1.0, 1.0, N)
    assert [(p.first, p.second) for p in found.pairs] == [(i, i) for i in range(len(probe.leaves))]
    assert all(p.overlap and p.rule_first == p.rule_second for p in found.pairs)
    assert found.first_difference is None
    assert found.unpaired == ((), ())
    assert found.differences == {}
    assert {node.how for node in found.nodes} == {"same", "both end"}
    assert len(found.nodes) == len(probe.tree.to_dict()["nodes"])
    assert "Both trees ask the same at every node." in repr(found)
    assert "adjusted Rand index 1." in " ".join(repr(found).split())


def test_every_count_is_a_recount(seeds: mr.ProbeComparison, frame: pd.DataFrame) -> None:
    a, b = seeds.first.apply(frame), seeds.second.apply(frame)
    crossed = pd.crosstab(a, b)
    assert np.array_equal(seeds.table, crossed.to_numpy())
    assert seeds.n_rows == N == seeds.table.sum()
    assert seeds.adjusted_rand == pytest.approx(adjusted_rand_score(a, b), abs=1e-12)
    best = max(
        sum(crossed.iloc[i, j] for i, j in enumerate(order))
        for order in itertools.permutations(range(len(crossed)))
    )
    assert seeds.rows_paired == best == sum(pair.rows for pair in seeds.pairs)
    assert seeds.agreement == best / N < 1
    leaves = [{leaf.leaf: leaf for leaf in p.leaves} for p in (seeds.first, seeds.second)]
    for pair in seeds.pairs:
        assert pair.rows == ((a == pair.first) & (b == pair.second)).sum()
        assert (pair.rows_first, pair.rows_second) == (
            (a == pair.first).sum(),
            (b == pair.second).sum(),
        )
        one, other = leaves[0][pair.first], leaves[1][pair.second]
        assert (pair.rule_first, pair.mean_first, pair.low_first) == (one.rule, one.mean, one.low)
        assert (pair.rule_second, pair.mean_second, pair.high_second) == (
            other.rule,
            other.mean,
            other.high,
        )
        assert pair.overlap == (max(one.low, other.low) <= min(one.high, other.high))


def test_two_seeds_differ_in_the_seed_and_say_where(seeds: mr.ProbeComparison) -> None:
    assert seeds.differences == {"seed": (0, 5)}
    node = seeds.first_difference
    assert node is not None
    assert (node.path, node.how) == ("R", "other column")
    trees = [p.tree.to_dict() for p in (seeds.first, seeds.second)]
    nodes = [next(n for n in tree["nodes"] if n["path"] == "R") for tree in trees]
    up = node.second_in_first
    assert up is not None
    held = next(u for u in nodes[0]["runner_ups"] if u["rule"] == up.rule)
    assert held["agreement"] == up.agreement
    assert up.exact == (up.rule == node.second)
    text = " ".join(repr(seeds).split())
    assert "seed: 0 in first, 5 in second" in text
    assert "They part first after no: other column" in text
    assert f"{100 * up.agreement:.1f}% of its choosing rows go the same way" in text
    assert f"for {100 * up.gain_share:.1f}% of the gain" in text
    assert 0 < up.gain_share <= 1


def split_of(first: Any, second: Any, frame: Any, **settings: Any) -> mr.NodeComparison:
    given = {"max_depth": 1} | settings
    found = mr.compare_probes(fitted(frame, first, **given), fitted(frame, second, **given), frame)
    assert found.first_difference is not None
    return found.first_difference


def test_how_splits_differ() -> None:
    n = np.arange(4000)
    x, gap = n % 100, n % 7 == 0
    plain_x = {"x": x, "c": np.array(list("abcd"))[n % 4], "z": n * 7919 % 4001}
    node = split_of(x > 49, x > 59, plain_x)
    assert (node.how, node.first, node.second) == ("other threshold", "x <= 49", "x <= 59")
    node = split_of(n % 4 == 0, n % 4 < 2, plain_x)
    assert (node.how, node.first, node.second) == ("other levels", "c = a", "c in {a, b}")
    node = split_of(x > 49, n % 4 == 0, plain_x)
    assert (node.how, node.path) == ("other column", "")
    holes = {"x": np.where(gap, np.nan, x)}
    node = split_of((x > 49) & ~gap, (x > 49) | gap, holes)
    assert node.how == "other side for missing values"
    assert (node.first, node.second) == ("x <= 49 or missing", "x <= 49")
    node = split_of(gap, x > 49, holes)
    assert node.how == "other kind of split"
    assert node.first == "x is missing"
    three = [np.where(gap, 0.5, x > at) for at in (49, 59)]
    node = split_of(*three, holes)
    assert node.how == "other threshold"
    assert (node.first, node.second) == ("x <= 49; missing apart", "x <= 59; missing apart")


def test_a_tree_that_ended_says_why(frame: pd.DataFrame, late: Any) -> None:
    found = mr.compare_probes(fitted(frame, late, max_depth=1), fitted(frame, late), frame)
    node = found.first_difference
    assert node is not None
    assert (node.how, node.first) == ("ended in first", "ended: max depth")
    assert node.second_in_first is node.first_in_second is None
    assert found.differences == {"max_depth": (1, 3)}
    assert found.unpaired[0] == ()
    assert len(found.unpaired[1]) == found.table.shape[1] - found.table.shape[0]
    assert "without a partner in second" in repr(found)
    none = mr.compare_probes(fitted(frame, late, max_depth=0), fitted(frame, late), frame)
    assert none.first_difference.path == ""
    assert none.adjusted_rand == 0
    alone = mr.compare_probes(none.first, none.first, frame)
    assert (alone.adjusted_rand, alone.agreement) == (1, 1)


def test_a_runner_up_with_the_same_cut_is_exact() -> None:
    n = np.arange(4000)
    table = {"a": n % 50, "b": np.where(n % 200 == 0, 49 - n % 50, n % 50)}
    both = mr.compare_probes(
        fitted(table, n % 50 > 24, max_depth=1, features=["a", "b"]),
        fitted(table, table["b"] > 24, max_depth=1, features=["a", "b"]),
        table,
    )
    node = both.first_difference
    assert node is not None
    assert (node.first, node.second) == ("a <= 24", "b <= 24")
    assert node.second_in_first is not None
    assert node.second_in_first.exact
    assert 0.98 < node.second_in_first.agreement < 1
    assert "Second's split is a runner-up in first" in repr(both)


def test_blocks_are_compared_by_their_columns() -> None:
    n = np.arange(4000)
    gone, more = n % 5 == 0, (n % 5 == 0) ^ (n % 199 == 0)
    table = {k: np.where(gone, np.nan, n * p % 97) for k, p in (("b", 31), ("a", 7))}
    table |= {k: np.where(more, np.nan, n * p % 89) for k, p in (("c", 11), ("d", 5))}
    node = split_of(gone, more, table)
    assert node.how == "other column"
    assert node.first == "a is missing and b is missing, together"
    assert node.second == "c is missing and d is missing, together"
    assert node.second_in_first is not None
    assert node.second_in_first.exact
    assert node.second_in_first.rule == "c, d missing together"


def test_the_trees_of_two_models_changes(frame: pd.DataFrame, late: Any) -> None:
    guess = np.where(frame.c == "a", ~late, late)
    found = mr.compare_predictions(frame, before=late, after=guess, y=late)
    probe = fitted(frame, (guess != late).astype(float), max_depth=2)
    same = mr.compare_probes(found.worse, probe, frame)
    assert same.agreement == 1
    assert same.first_difference is None


def typed_table() -> dict[str, Any]:
    rng = np.random.default_rng(8)
    n = 3000
    days = np.datetime64("2024-01-01") + rng.integers(0, 300, n).astype("timedelta64[D]")
    return {
        "tiny": rng.normal(size=n) * 1e-9,
        "huge": rng.normal(size=n) * 1e22,
        "single": rng.normal(size=n).astype(np.float32),
        "flag": rng.random(n) < 0.5,
        "when": days.astype("datetime64[us]") + rng.integers(0, 10**9, n).astype("timedelta64[us]"),
        "took": rng.integers(0, 10**6, n).astype("timedelta64[ms]"),
        "word, 'quoted'": rng.choice(["ü ñ", "it's", "17", "a,b", "missing"], n),
        "long": np.array([f"level {i}" for i in rng.integers(0, 60, n)]),
    }


@pytest.mark.parametrize("name", list(typed_table()))
def test_conditions_are_in_the_words_of_the_library(name: str) -> None:
    """What the walk says of a split stands in the printed tree, and finds itself among runner-ups."""
    table = typed_table()
    codes = pd.factorize(table[name], sort=True)[0]
    y = (codes % 2 == 0) if name in ("long", "word, 'quoted'") else codes > np.median(codes)
    y = table[name] if name == "flag" else y
    probe = fitted({name: table[name]}, y, max_depth=1)
    tree = json.loads(probe.to_json())
    (root, *_) = compared_nodes(tree, tree)
    printed = " ".join(re.sub("[├─└│]", " ", repr(probe)).split())
    assert root.first in printed, printed
    assert " and " not in root.first or name == "long"


def test_best_pairs_are_the_first_of_all_best_ones() -> None:
    rng = np.random.default_rng(0)

    def every(table: Any) -> list[tuple[int, int]]:
        side = max(table.shape)
        full = np.zeros((side, side), dtype=np.int64)
        full[: table.shape[0], : table.shape[1]] = table
        orders = itertools.permutations(range(side))
        keys = (
            (-full[range(side), o].sum(), [(full[i, j] == 0, j) for i, j in enumerate(o)])
            for o in orders
        )
        return [(i, j) for i, (none, j) in enumerate(min(keys)[1]) if not none]

    for _ in range(200):
        table = rng.integers(0, rng.integers(2, 6), size=rng.integers(1, 6, size=2))
        assert best_pairs(table) == every(table), table


def test_the_index_is_scikit_learns_and_exact() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        a, b = rng.integers(0, 4, 30), rng.integers(0, 3, 30)
        assert adjusted_rand(pd.crosstab(a, b).to_numpy().tolist()) == pytest.approx(
            adjusted_rand_score(a, b), abs=1e-12
        )
    big = 10**12
    assert adjusted_rand([[big, 0], [0, big]]) == 1
    assert adjusted_rand([[big, 1], [0, big]]) < 1
    assert adjusted_rand([[1]]) == 1


def test_order_library_and_threads_change_no_byte(
    seeds: mr.ProbeComparison, frame: pd.DataFrame, late: Any
) -> None:
    wanted = seeds.to_json()
    one = [fitted(frame, late, seed=seed, threads=1) for seed in (0, 5)]
    assert mr.compare_probes(*one, frame).to_json() == wanted
    shuffled = frame.sample(frac=1, random_state=1)
    for rows in (shuffled, pl.from_pandas(frame), mr.Dataset(frame).binned(), frame.assign(more=1)):
        assert mr.compare_probes(seeds.first, seeds.second, rows).to_json() == wanted
    turned = mr.compare_probes(seeds.second, seeds.first, frame)
    assert turned.agreement == seeds.agreement
    assert turned.adjusted_rand == seeds.adjusted_rand
    assert np.array_equal(turned.table, seeds.table.T)


def test_saved_loaded_and_pickled(
    seeds: mr.ProbeComparison, frame: pd.DataFrame, tmp_path: Path
) -> None:
    seeds.save(tmp_path / "c.json")
    back = mr.load(tmp_path / "c.json")
    assert (
        back
        == seeds
        == pickle.loads(pickle.dumps(seeds))
        == mr.ProbeComparison.from_json(seeds.to_json())
    )
    assert hash(back) == hash(seeds)
    assert repr(back) == repr(seeds)
    assert back.to_html() == seeds.to_html()
    assert back.to_dict()["format"] == "mlrepro.probe_comparison"
    assert plain(back.to_dict())["agreement"] == seeds.agreement
    assert back.first.rules("sql") == seeds.first.rules("sql")
    for name, probe in (("a", seeds.first), ("b", seeds.second)):
        probe.save(tmp_path / name)
    loaded = [mr.load(tmp_path / name) for name in "ab"]
    assert mr.compare_probes(*loaded, frame) == seeds
    table = back.to_pandas()
    assert list(table.columns) == list(mr.LeafPair.__dataclass_fields__)
    assert table["rows"].sum() == seeds.rows_paired


def test_a_later_fit_of_a_probe_changes_no_comparison(frame: pd.DataFrame, late: Any) -> None:
    probe = fitted(frame, late)
    found = mr.compare_probes(probe, probe, frame)
    wanted = found.to_json()
    probe.set_params(max_depth=1).fit(frame, target=~late)
    assert found.to_json() == wanted
    assert found.first.max_depth == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n_rows", 7),
        ("rows_paired", 1),
        ("table", [[1]]),
        ("table", "rows"),
        ("table", [[0, 0, 0, 0]] * 4),
        ("table", [[1.0, 0, 0, 0]] * 4),
        ("pairs", []),
        ("nodes", []),
        ("differences", {}),
        ("adjusted_rand", {"v": 1, "bits": "3ff0000000000000"}),
        ("first", None),
        ("second", {"format": "mlrepro.tree"}),
        ("version", 2),
    ],
)
def test_what_was_edited_is_refused(seeds: mr.ProbeComparison, field: str, value: Any) -> None:
    held = json.loads(seeds.to_json())
    with pytest.raises(mr.FormatError) as caught:
        mr.ProbeComparison.from_json(json.dumps({**held, field: value}))
    assert caught.value.next_step


def test_what_cannot_be_compared(frame: pd.DataFrame, late: Any) -> None:
    probe = fitted(frame, late)
    for given, error, words in (
        ((probe.tree, probe, frame), mr.InputTypeError, "first is a Tree"),
        ((probe, None, frame), mr.InputTypeError, "second is a NoneType"),
        ((probe, mr.DecisionTreeProbe(), frame), mr.ArgumentError, "second is .* not fitted"),
        ((probe, probe, frame.drop(columns="x")), mr.ColumnNotFoundError, "'x'"),
        ((probe, probe, frame.iloc[:0]), mr.SchemaError, "no row"),
        ((probe, probe, frame.assign(x="text")), mr.SchemaError, "'x'"),
        ((probe, probe), mr.ArgumentError, "missing rows"),
    ):
        with pytest.raises(error, match=words) as caught:
            mr.compare_probes(*given)
        assert caught.value.next_step
    array = fitted(np.arange(400.0).reshape(200, 2), np.arange(200) > 99)
    with pytest.raises(mr.ArgumentError, match="shape"):
        mr.compare_probes(array, array, np.zeros((5, 3)))


def test_hostile_names_are_text() -> None:
    evil, comma = "<script>alert('x')</script>\"&\n", "a, b"
    n = np.arange(4000)
    table = {evil: n % 50, comma: (n + n // 50 % 3) % 50, "a": n % 3, "b": n % 4}
    found = mr.compare_probes(
        fitted(table, n % 50 > 24, max_depth=2), fitted(table, table[comma] > 24), table
    )
    page, fragment = found.to_html(), found._repr_html_()
    for text in (page, fragment):
        assert "<script" not in text
        assert "&lt;script&gt;" in text
    assert mr.ProbeComparison.from_json(found.to_json()) == found
    assert found.first_difference is not None
    assert "script" in found.first_difference.first
    assert found.first_difference.second_in_first.rule.startswith("'a, b'")
    assert max(map(len, repr(found).splitlines())) <= 100


def test_targets_and_numbers_that_differ_are_told(frame: pd.DataFrame, late: Any) -> None:
    loss = pd.Series(np.where(late, frame.x.abs() * 1e-7, 0.0), name="loss")
    first = fitted(frame, pd.Series(late, name="late"), honest=False)
    found = mr.compare_probes(first, fitted(frame[:5000], loss[:5000]), frame)
    assert found.differences["target"] == ("late", "loss")
    assert found.differences["n_rows"] == (6000, 5000)
    assert "in-sample in first" in " ".join(repr(found).split())
    assert "in-sample in first" in found.to_html()
    assert "fitted rows: 6,000 in first, 5,000 in second" in found.to_html()
    assert mr.ProbeComparison.from_json(found.to_json()) == found


def test_a_leaf_without_judged_rows_has_no_interval() -> None:
    n = np.arange(60)
    probe = fitted(
        {"x": n}, n % 7 == 3, min_samples_leaf=1, alpha=1.0, max_depth=6, selection="gain"
    )
    assert any(leaf.mean != leaf.mean for leaf in probe.leaves)
    found = mr.compare_probes(probe, probe, {"x": n})
    assert any(pair.overlap is None for pair in found.pairs)
    assert "unknown" in repr(found)
    assert "unknown" in found.to_html()
    assert mr.ProbeComparison.from_json(found.to_json()) == found


def test_a_page_and_a_wide_table(seeds: mr.ProbeComparison, tmp_path: Path) -> None:
    page = seeds.to_html()
    assert page.count("<svg xmlns") == 2
    assert "<script" not in page
    for pair in seeds.pairs:
        assert f"{pair.first} ~ {pair.second}" in page
    assert "Where they part" in page
    assert seeds.to_html(tmp_path / "c.html") is None
    assert (tmp_path / "c.html").read_text(encoding="utf-8") == page
    assert seeds._repr_html_().startswith('<div class="mlr"')
    n = np.arange(8000)
    deep = fitted({"x": n}, np.sin(n / 300.0), max_depth=5)
    wide = mr.compare_probes(deep, fitted({"x": n}, np.sin(n / 290.0), max_depth=5), {"x": n})
    assert wide.table.shape[1] > 20
    assert "more cells" in repr(wide) or "cells more" in repr(wide)
    assert "Rows by leaf, most first" in wide.to_html()
    assert len(wide._repr_html_().encode()) < 100_000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (1e-5, "0.00001"),
        (1.5e-7, "1.5e-7"),
        (1.0, "1"),
        (1e21, "1e+21"),
        (2.5, "2.5"),
    ],
)
def test_numbers_are_canonical(value: float, text: str) -> None:
    assert canonical_text(value).endswith(f'"v":{text}}}')
    assert plain(json.loads(canonical_text([value, 2**60]))) == [value, 2**60]
