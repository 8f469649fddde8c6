# SPDX-License-Identifier: Apache-2.0
"""Pages, fragments and pictures from reports: golden files, one file without network, escaping, size, determinism."""

from __future__ import annotations

import copy
import json
import os
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

import mlrepro as mr
from mlrepro._report_blocks import blocks_svg
from mlrepro._report_html import render_fragment, render_page
from mlrepro._report_join import disguises, join_page, outcomes
from mlrepro._report_page import MAX_ROWS, Column, Page, Section, Table, Text, bar
from mlrepro._report_probe import probe_page
from mlrepro._report_svg import folded, tree_svg
from mlrepro._report_text import (
    count,
    figure,
    interval,
    joined,
    number,
    p_value,
    paragraph,
    percent,
    plural,
    times,
)
from mlrepro._report_tree import condition_text, picture_of

GOLDEN = Path(__file__).parent.parent / "golden" / "report"


def _read(name: str) -> dict:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


@pytest.fixture
def tree() -> dict:
    return _read("tree.json")


@pytest.fixture
def join() -> dict:
    return _read("join.json")


def _golden(name: str, text: str) -> None:
    """Compare with a golden file; MLREPRO_UPDATE_GOLDEN=1 writes it anew, to be looked at in a browser."""
    path = GOLDEN / name
    if os.environ.get("MLREPRO_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{name} changed: look at it, then update it"


def _bodies(html: str) -> str:
    return re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)


def _without_version(html: str) -> str:
    return re.sub(r"mlrepro \d+\.\d+\.\d+\w*", "mlrepro X", html)


class TestGolden:
    def test_the_picture_of_a_tree(self, tree):
        _golden("tree.svg", tree_svg(picture_of(tree), standalone=True) + "\n")

    def test_the_page_of_a_probe(self, tree):
        _golden("probe.html", _without_version(render_page(probe_page(tree))))

    def test_the_fragment_of_a_probe(self, tree):
        _golden("probe_fragment.html", render_fragment(probe_page(tree, compact=True)))

    def test_the_page_of_a_join(self, join):
        _golden("join.html", _without_version(render_page(join_page(join))))

    def test_equal_reports_give_equal_bytes(self, tree):
        again = json.loads(json.dumps(tree))
        assert render_page(probe_page(tree)) == render_page(probe_page(again))
        assert render_fragment(probe_page(tree)) == render_fragment(probe_page(again))


class TestOneFile:
    """What a mailed report must not do: fetch, run a script, hold a row, break out of its text."""

    def _pages(self, tree, join):
        yield render_page(probe_page(tree))
        yield render_fragment(probe_page(tree, compact=True))
        yield render_page(join_page(join))

    def test_no_page_refers_to_anything_outside_itself(self, tree, join):
        for html in self._pages(tree, join):
            addresses = set(re.findall(r"[a-z]+://[^\"' <)]+", html))
            assert addresses <= {"http://www.w3.org/2000/svg"}
            assert not re.search(r"<(script|link|iframe|img|object|embed)\b", html)
            assert not re.search(r"\b(src|href|srcset|data)=", html)
            assert "url(" not in html
            assert "@import" not in html

    def test_a_column_named_like_markup_is_text(self, tree):
        evil = "<script>alert('x')</script>\"&"
        tree["columns"][0]["name"] = evil
        tree["target"] = evil
        tree["warnings"] = [evil]
        tree["blocks"][0]["columns"] = [evil]
        for html in (render_page(probe_page(tree)), render_fragment(probe_page(tree))):
            assert "<script" not in html
            assert "&lt;script&gt;" in html
        ElementTree.fromstring(tree_svg(picture_of(tree), standalone=True))

    def test_a_fragment_styles_nothing_but_itself(self, tree):
        html = render_fragment(probe_page(tree, compact=True))
        name = re.match(r'<div class="mlr" id="(mlr-[0-9a-f]{12})">', html).group(1)
        style = re.search(r"<style>(.*?)</style>", html, flags=re.DOTALL).group(1)
        rules = re.sub(r"@media[^{]*\{", "", style)
        for selectors in re.findall(r"([^{}]+)\{", rules):
            for selector in selectors.split(","):
                assert selector.strip().startswith(f"#{name}"), selector

    def test_without_styles_every_number_still_stands_in_a_table(self, tree):
        bare = _bodies(render_fragment(probe_page(tree, compact=True)))
        for leaf in picture_of(tree).root.leaves():
            assert figure(leaf.mean, rate=True) in bare
            assert count(leaf.n) in bare
        assert bare.count("<table") >= 2
        assert 'scope="col"' in bare
        assert 'scope="row"' in bare

    def test_the_picture_has_words_for_those_who_cannot_see_it(self, tree):
        root = ElementTree.fromstring(tree_svg(picture_of(tree)))
        space = "{http://www.w3.org/2000/svg}"
        assert root.get("role") == "img"
        assert root.find(f"{space}title").text.startswith("Tree for prediction")
        assert "tailnum_match = 'null key'" in root.find(f"{space}desc").text
        words = [text.text for text in root.iter(f"{space}text")]
        assert {"yes", "no", "missing"} <= set(words)
        assert any("not replicated" in word for word in words)


class TestSize:
    def _wide(self, tree: dict, depth: int) -> dict:
        """Return a full binary tree of `depth` levels."""
        out = copy.deepcopy(tree)
        inner, leaf = tree["nodes"][0], tree["nodes"][1]
        out["nodes"] = []
        for i in range(2 ** (depth + 1) - 1):
            is_leaf = i >= 2**depth - 1
            node = copy.deepcopy(leaf if is_leaf else inner)
            node |= (
                {"left": -1, "right": -1} if is_leaf else {"left": 2 * i + 1, "right": 2 * i + 2}
            )
            node |= {"alone": -1, "leaf": i - 2**depth + 1 if is_leaf else -1}
            out["nodes"].append(node)
        return out

    def test_a_fragment_stays_below_100_kb_at_any_depth(self, tree):
        wide = self._wide(tree, 8)
        html = render_fragment(probe_page(wide, compact=True))
        assert len(html.encode()) < 100_000
        assert "leaves folded" in html
        assert f"{2**8 - MAX_ROWS} more rows folded" in html

    def test_the_size_of_a_page_does_not_depend_on_the_rows(self, tree):
        small = len(render_page(probe_page(tree)))
        text = re.sub(
            r'"n":(\d+)',
            lambda m: f'"n":{int(m[1]) * 1000}',
            json.dumps(tree, separators=(",", ":")),
        )
        large = len(render_page(probe_page(json.loads(text))))
        assert large < small * 1.1

    def test_what_is_folded_keeps_its_figures(self, tree):
        root = picture_of(tree).root
        cut = folded(root, 1)
        assert [child.n for child in cut.children] == [child.n for child in root.children]
        assert cut.children[1].ended == "folded 4"
        assert sum(1 for _ in cut.leaves()) == 2


class TestTree:
    def test_children_have_all_rows_of_their_parent(self, tree):
        for node in picture_of(tree).root.inner():
            assert sum(child.n for child in node.children) == node.n

    def test_conditions_read_as_the_library_prints_them(self):
        split = {
            "kind": "threshold",
            "column": 0,
            "threshold": 55,
            "strict": False,
            "missing": "right",
        }
        split["missing_seen"] = True
        assert condition_text(split, ["seats"]) == "seats <= 55"
        assert condition_text({**split, "strict": True}, ["seats"]) == "seats < 55"
        assert condition_text({**split, "missing": "left"}, ["seats"]) == "seats <= 55 or missing"
        assert condition_text({**split, "threshold": False}, ["open"]) == "open = false"
        assert condition_text({**split, "threshold": {"date": 1}}, ["day"]) == "day <= 1970-01-02"
        big = {"int": "9007199254740993"}
        assert condition_text({**split, "threshold": big}, ["x"]) == "x <= 9007199254740993"
        tenth = {"v": 0.1, "bits": "3fb999999999999a"}
        assert condition_text({**split, "threshold": tenth}, ["my x"]) == "'my x' <= 0.1"
        assert condition_text({"kind": "is_missing", "column": 0}, ["x"]) == "x is missing"
        assert (
            condition_text({"kind": "block", "block": [0, 1]}, ["a", "b"])
            == "a, b missing together"
        )

    def test_a_tree_without_a_split_says_what_could_have_been_seen(self, tree):
        tree["nodes"] = [{**tree["nodes"][1], "parent": -1, "leaf": 0, "ended": "not_significant"}]
        tree["visible_effect"] = 0.013
        page = render_page(probe_page(tree))
        assert (
            "No split separates the rows by prediction. A difference of 1.30% would have been seen."
            in page
        )

    def test_a_leaf_without_judged_rows_has_no_number(self, tree):
        nan = {"v": None, "bits": "7ff8000000000000"}
        tree["nodes"][1]["judged"] = {"n": 0, "sum": 0, "mean": nan, "sd": nan, "positives": 0}
        tree["nodes"][1] |= {"low": nan, "high": nan, "lift": nan, "replicated": False}
        svg = tree_svg(picture_of(tree))
        assert "nan" not in svg
        assert "nan" not in _bodies(render_page(probe_page(tree)))

    def test_an_in_sample_tree_says_so_everywhere(self, tree):
        tree["in_sample"] = True
        assert tree_svg(picture_of(tree)).count("in-sample") >= 5
        assert "in-sample: the same rows chose the splits" in render_page(probe_page(tree))


def _block(columns: list[str], rows: int, also: list[str]) -> dict:
    return {"columns": columns, "n_missing": rows, "also_missing": also}


def _drawn(svg: str) -> list[tuple[str, float, list[int]]]:
    """Read a picture of blocks: each line's title, the width of its bar, and the numbers of its filled cells."""
    space = "{http://www.w3.org/2000/svg}"
    out = []
    for line in ElementTree.fromstring(svg).iter(f"{space}g"):
        bars = [float(r.get("width")) for r in line.iter(f"{space}rect") if r.get("class") == "v"]
        path = next(p.get("d") for p in line.iter(f"{space}path") if p.get("class") == "v")
        at = [(int(x) - 238) // 20 + 1 for x in re.findall(r"M(\d+)", path)]
        out.append((line.find(f"{space}title").text, sum(bars), at))
    return out


class TestMissingBlocks:
    def test_a_cell_is_filled_where_a_block_brings_another_along(self):
        blocks = [
            _block(["a", "b"], 10, ["c", "d", "e"]),
            _block(["c", "d"], 40, []),
            _block(["x", "y"], 5, ["e", "c"]),  # not all of c and d
        ]
        lines = _drawn(blocks_svg(blocks, 100))
        assert [cells for _, _, cells in lines] == [[1, 2, 4], [2], [3, 4], [4]]
        assert [bar for _, bar, _ in lines] == [8.4, 33.6, 4.2, 0]
        assert lines[0][0] == ("a and b: missing on 10 of 100 rows; missing there too: c, d and e")
        assert lines[3][0] == "e: missing on more than 10 rows"

    def test_the_cells_are_a_recount_of_the_rows(self):
        n = np.arange(4000)
        masks = {"a": n % 40 == 0, "c": n % 10 == 0, "s": n % 5 == 0, "z": n % 7 == 0}
        table = {
            f"{k}{i}": np.where(m, np.nan, n % (3 + i)) for k, m in masks.items() for i in (0, 1)
        }
        table["only"] = np.where(masks["c"] | masks["z"], np.nan, n % 11)
        probe = mr.DecisionTreeProbe(max_depth=1).fit(table, target=n % 40 == 0)
        masks["only"] = masks["c"] | masks["z"]
        svg = re.search(r'<svg[^>]*mlr-blocks".*?</svg>', probe.to_html(), re.DOTALL)[0]
        lines = _drawn(svg)
        order = [next(k for k in masks if title.startswith(k)) for title, _, _ in lines]
        assert len(lines) == 5
        for at, (title, width, cells) in enumerate(lines):
            inside = masks[order[at]]
            assert cells == [j + 1 for j, k in enumerate(order) if masks[k][inside].all()], title
            if order[at] != "only":
                assert f"missing on {inside.sum():,} of 4,000 rows" in title
                assert width == pytest.approx(84 * inside.mean(), abs=0.06)
        assert svg in probe.to_html()
        assert "mlr-blocks" in _bodies(probe._repr_html_())

    def test_long_lists_are_cut_with_a_count_and_whole_in_the_title(self):
        names = [f"sensor_{i:03d}" for i in range(500)]
        svg = blocks_svg([_block(names, 3, [])], 10)
        assert "sensor_000 and 499 more" in svg
        assert joined(names) in svg
        wide = blocks_svg([_block(["w" * 300, "b"], 3, [])], 10)
        assert "… and 1 more" in wide
        assert "more" not in blocks_svg([_block(["a", "b"], 3, [])], 10)

    def test_what_is_not_drawn_is_counted(self):
        blocks = [_block([f"a{i}", f"b{i}"], i + 1, ["s1", "s2", "s3"]) for i in range(18)]
        svg = blocks_svg(blocks, 100)
        assert len(_drawn(svg)) == 20
        assert "and 1 more column, not drawn" in svg
        svg = blocks_svg(blocks * 3, 100)
        assert len(_drawn(svg)) == 20
        assert "and 34 more blocks and 3 more columns, not drawn" in svg

    def test_no_block_no_picture(self, tree):
        tree["blocks"] = []
        assert blocks_svg([], 10) == ""
        assert "mlr-blocks" not in _bodies(render_page(probe_page(tree)))
        assert "Missing together" not in render_page(probe_page(tree))

    def test_a_name_like_markup_is_text_and_equal_blocks_are_equal_bytes(self):
        evil = "</title><script>alert('x')</script>\"&"
        blocks = [_block([evil, "b"], 3, [evil + "2"])]
        svg = blocks_svg(blocks, 10)
        assert "<script" not in svg
        assert _drawn(svg)[0][0].startswith(evil)
        assert svg == blocks_svg(copy.deepcopy(blocks), 10)

    def test_an_edited_file_breaks_no_picture(self):
        assert len(_drawn(blocks_svg([_block([], 30, []), _block(["a"], 0, ["a"])], 0))) == 2
        assert _drawn(blocks_svg([_block(["a", "b"], 30, [])], 10))[0][1] == 84


class TestJoin:
    def test_every_left_row_has_one_outcome(self, join):
        assert sum(n for _, n in outcomes(join)) == join["left"]["rows"]

    def test_a_label_in_disguise_is_said_first(self, join):
        assert [item["class"] for item in disguises(join)] == ["null key"]
        html = render_page(join_page(join))
        assert html.index("Label in disguise:") < html.index("<section>")

    def test_no_label_no_claim(self, join):
        join["label"] = {"column": None, "classes": [], "positive": None, "mean": None}
        html = render_page(join_page(join))
        assert "disguise" not in html
        assert "predict the label" not in html


class TestText:
    def test_only_all_and_none_print_as_100_and_0_percent(self):
        assert percent(1.0) == "100%"
        assert percent(0.0) == "0%"
        assert percent(0.999999) == ">99.99%"
        assert percent(1e-9) == "<0.01%"
        assert percent(0.0245) == "2.45%"
        assert percent(float("nan")) == "-"

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (17.0, "17"),
            (0.4303, "0.4303"),
            (1234.5, "1,234"),
            (0.00001, "1.00e-05"),
            (float("inf"), "inf"),
            (-2.5, "-2.500"),
        ],
    )
    def test_numbers(self, value, text):
        assert number(value) == text

    def test_words(self):
        assert plural(1, "leaf", "leaves") == "1 leaf"
        assert plural(2512, "row") == "2,512 rows"
        assert joined(["a"]) == "a"
        assert joined(["a", "b", "c"]) == "a, b and c"
        assert interval(0.01, 0.02, rate=True) == "[1.00, 2.00]"
        assert interval(float("nan"), 1.0, rate=True) == ""
        assert times(40.4) == "×40"
        assert times(0.614) == "×0.61"
        assert p_value(1e-9) == "<0.001"

    @pytest.mark.parametrize("width", [60, 80, 100])
    def test_no_line_is_wider_than_asked_and_no_word_is_lost(self, width):
        words = [f"word{i}" for i in range(60)]
        text = paragraph([" ".join(words), "second"], first="1 key      ", width=width)
        assert max(map(len, text.split("\n"))) <= width
        assert text.split()[2:] == [*words, "second"]


class TestTables:
    def test_a_long_table_says_how_many_rows_it_folds(self):
        table = Table(
            "t",
            [Column("a"), Column("b", True)],
            [[str(i), bar("x", 0.5, 0.4, 0.6, top=1.0)] for i in range(100)],
        )
        html = render_page(Page("T", ["f"], [Text("v")], [Section("s", [table])]))
        assert f"{100 - MAX_ROWS} more rows folded" in html
        assert html.count("<tr>") == MAX_ROWS + 1
