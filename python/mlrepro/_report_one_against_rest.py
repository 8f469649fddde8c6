# SPDX-License-Identifier: Apache-2.0
"""The page of one class against the rest: a table of the classes, then the tree of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlrepro._report_page import Block, Column, Figure, Note, Page, Section, Table, Text
from mlrepro._report_probe import verdict_sentence
from mlrepro._report_svg import strip_words, tree_svg
from mlrepro._report_text import count, plural
from mlrepro._report_tree import picture_of

__all__ = ["one_against_rest_page"]


def one_against_rest_page(
    target: str,
    trees: Mapping[str, tuple[Mapping[str, Any], Mapping[int, str]]],
    table: Sequence[Sequence[str]],
    warnings: Sequence[str],
    *,
    compact: bool = False,
) -> Page:
    """Return the page.

    Parameters
    ----------
    target : str
    trees : mapping of str to (mapping, mapping)
        Class to the JSON document of its tree and the rules of its leaves.
    table : sequence of rows
        The line of each class, headings first.
    warnings : sequence of str
    compact : bool, default False
        For a notebook cell: without the trees.

    Returns
    -------
    Page
    """
    pictures = {name: picture_of(tree, rules) for name, (tree, rules) in trees.items()}
    first = next(iter(pictures.values()))
    whose = "in-sample" if first.in_sample else "rows that chose no split"
    facts = [plural(first.n_rows, "row"), f"figures of {count(first.n_judged)} {whose}"]
    verdict: list[Block] = [
        Text(
            "Each class against all others. Replicated: p below alpha after Holm over the leaves of a tree, times the "
            "number of classes."
        ),
        *(Note(warning, "Warning") for warning in warnings),
    ]
    sections = [Section("Classes", [_classes(table)])]
    if not compact:
        sections += [
            Section(
                name,
                [Text(verdict_sentence(picture)), Figure(tree_svg(picture), _caption(picture))],
            )
            for name, picture in pictures.items()
        ]
    return Page(f"Where each class of {target} is likelier", facts, verdict, sections)


def _classes(table: Sequence[Sequence[str]]) -> Table:
    head, *rows = table
    texts = ("class", "where")
    columns = [Column(name.capitalize(), name not in texts) for name in head]
    return Table("The leaf of each tree where its class is likeliest", columns, rows)


def _caption(picture: Any) -> str:
    return f"Bars: share of rows, whiskers: 95% interval{strip_words(picture)}."
