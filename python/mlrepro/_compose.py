# SPDX-License-Identifier: Apache-2.0
"""What results can do that needs a later room: pages, notebook views, probes of joins and plans.

The only file that sees every room. `attach` is called once, when mlrepro is imported; everything heavy loads on use.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from mlrepro._binning import BinnedDataset
from mlrepro._classes import OneAgainstRest
from mlrepro._compare import PredictionComparison
from mlrepro._compare_probes import ProbeComparison
from mlrepro._dataset import Dataset
from mlrepro._errors import ArgumentError, SchemaError
from mlrepro._evaluate_result import Evaluation
from mlrepro._join_report import JoinReport
from mlrepro._names import options_listed
from mlrepro._probe import DecisionTreeProbe
from mlrepro._slices import Slices
from mlrepro._split import PlanReport

if TYPE_CHECKING:
    from mlrepro._split import Plan

__all__ = ["attach"]

_MATCHED = ("matched", "multiplied")
_IN_TEST = "in test"
_NO_TWO_PARTS = "the plan has no rows in train and test"


def attach() -> None:
    """Give the results of all rooms their pages and views."""
    pages = {
        DecisionTreeProbe: _probe_page,
        JoinReport: _join_page,
        PlanReport: _plan_page,
        Evaluation: _evaluation_page,
        Slices: _slices_page,
        PredictionComparison: _comparison_page,
        ProbeComparison: _probes_page,
        OneAgainstRest: _one_against_rest_page,
    }
    for result, page in pages.items():
        _attach_page(result, page)
    _put(Dataset, "binned", binned)
    _put(DecisionTreeProbe, "to_svg", to_svg)
    _put(JoinReport, "explain", explain)
    PlanReport._probe_of_plan = _probe_of_plan


def _put(result: type, name: str, method: Any) -> None:
    method.__qualname__ = f"{result.__qualname__}.{name}"
    setattr(result, name, options_listed()(method))


def _attach_page(result: type, page: Any) -> None:
    def to_html(self: Any, path: str | os.PathLike[str] | None = None) -> str | None:
        """Return the report as one self-contained page, or write it to `path`.

        Parameters
        ----------
        path : str or os.PathLike, optional
            Where to write. Without it the page is returned.

        Returns
        -------
        str or None
            Light or dark by the reader's setting, no script, no network; equal results give equal bytes.

        Raises
        ------
        FileError
            The file cannot be written.
        """
        from mlrepro._report_html import render_page
        from mlrepro._saved import write_text

        text = render_page(page(self, compact=False))
        if path is None:
            return text
        write_text(text, path)
        return None

    def _repr_html_(self: Any) -> str:
        from mlrepro._report_html import render_fragment

        return render_fragment(page(self, compact=True))

    _put(result, "to_html", to_html)
    _put(result, "_repr_html_", _repr_html_)


def _probe_page(probe: DecisionTreeProbe, *, compact: bool) -> Any:
    import json

    from mlrepro._report_probe import probe_page

    tree = {**json.loads(probe.tree.to_json()), "warnings": probe.warnings}
    return probe_page(tree, probe.rules("text"), compact=compact)


def _join_page(report: JoinReport, *, compact: bool) -> Any:
    from mlrepro._report_join import join_page

    return join_page(report.to_dict())


def _plan_page(report: PlanReport, *, compact: bool) -> Any:
    import json

    from mlrepro._report_split import plan_page

    probe = None if compact else report.representativeness
    if probe is None:
        why = None if compact else report.representativeness_not_evaluated
        return plan_page(report.to_dict(), report.findings, not_evaluated=why)
    tree = json.loads(probe.tree.to_json())
    return plan_page(report.to_dict(), report.findings, tree, probe.rules("text"))


def _evaluation_page(evaluation: Evaluation, *, compact: bool) -> Any:
    from mlrepro._report_evaluate import evaluation_page

    return evaluation_page(evaluation)


def _slices_page(slices: Slices, *, compact: bool) -> Any:
    from mlrepro._exact import plain
    from mlrepro._report_slices import slices_page

    return slices_page(plain(slices.to_dict()))


def _comparison_page(comparison: PredictionComparison, *, compact: bool) -> Any:
    from mlrepro._exact import plain
    from mlrepro._report_compare import comparison_page

    probes = {name: getattr(comparison, name) for name in ("worse", "better", "changed")}
    rules = {name: probe.rules("text") for name, probe in probes.items() if probe is not None}
    words = " ".join(comparison.to_text().partition("\n\n")[0].split())
    return comparison_page(plain(comparison.to_dict()), words, rules)


def _probes_page(comparison: ProbeComparison, *, compact: bool) -> Any:
    from mlrepro._report_compare_probes import probes_page

    return probes_page(comparison, compact=compact)


def _one_against_rest_page(result: OneAgainstRest, *, compact: bool) -> Any:
    import json

    from mlrepro._report_one_against_rest import one_against_rest_page

    trees = {
        name: (json.loads(probe.to_json()), probe.rules("text")) for name, probe in result.items()
    }
    table = result._rows()
    return one_against_rest_page(result.target_name, trees, table, result.warnings, compact=compact)


def binned(self: Dataset, threads: int | None = None) -> BinnedDataset:
    """Cut the rows into bins, once: probes on this Dataset start from them afterwards.

    Parameters
    ----------
    threads : int, optional
        Default: as many as this process may use. Changes the time only.

    Returns
    -------
    BinnedDataset
        The same object each time.
    """
    if self._binned is None:
        self._binned = BinnedDataset(self, threads=threads)
    made: BinnedDataset = self._binned
    return made


def to_svg(self: DecisionTreeProbe, *, max_depth: int = 4) -> str:
    """Return the tree as a picture: a file of its own, light or dark by the reader's setting.

    Parameters
    ----------
    max_depth : int, default 4
        Deeper levels are folded, and say how many leaves they hold.

    Returns
    -------
    str
        SVG text; its size depends on the leaves, never on the rows.
    """
    import json

    from mlrepro._probe_settings import whole
    from mlrepro._report_svg import tree_svg
    from mlrepro._report_tree import picture_of

    picture = picture_of(json.loads(self.tree.to_json()), self.rules("text"))
    return tree_svg(picture, max_depth=whole("max_depth", max_depth), standalone=True)


def explain(self: JoinReport, *, max_depth: int = 3, **settings: Any) -> DecisionTreeProbe:
    """Say which rows are unmatched: a shallow probe on the left table's columns.

    Parameters
    ----------
    max_depth : int, default 3
        Of the tree.
    **settings
        Others of `DecisionTreeProbe`.

    Returns
    -------
    DecisionTreeProbe
        Fitted; its target is "unmatched". The join's keys and the columns that the join brought are no candidates:
        they are unmatched by construction.

    Raises
    ------
    ArgumentError
        The report was loaded from a file, or the join kept no unmatched rows.
    """
    joined = self._joined
    if joined is None:
        raise ArgumentError(
            "this report has no rows: it was loaded.", next_step="Join again, then explain."
        )
    if self.how != "left":
        raise ArgumentError(
            f"an {self.how} join keeps no unmatched rows to explain.",
            next_step='Join with how="left".',
        )
    outcome = joined[self.outcome]
    unmatched = ~outcome.is_in(_MATCHED)
    taken = {*self.added, *self.left_on, self.outcome, *settings.pop("exclude", ())}
    probe = DecisionTreeProbe(
        max_depth=max_depth, exclude=sorted(taken & set(joined.columns)), **settings
    )
    return probe.fit(joined.with_columns(unmatched=unmatched), target="unmatched")


def _probe_of_plan(plan: Plan) -> tuple[DecisionTreeProbe | None, str]:
    """Probe "is this row in test?" on the rows of train and test; None and the reason if that is not possible.

    The columns that made the split are no candidates: a tree without a split says that the two are alike.
    """
    parts = plan.parts
    dataset = plan._origin
    if dataset is None or not (parts.get("train") and parts.get("test")):
        return None, _NO_TWO_PARTS
    names = list(parts)
    part = plan.part_of_row
    in_test = part == names.index("test")
    kept = in_test | (part == names.index("train"))
    table = dataset.with_columns({_IN_TEST: in_test}).filter(kept)
    made = {*(name for name, _ in plan.key), str(dataset.roles.get("time", ""))}
    if made >= set(_features(dataset)):
        return None, "every column made the split or has a role, so none is left to compare"
    exclude = sorted(made & set(_features(dataset)))
    try:
        probe = DecisionTreeProbe(max_depth=2, exclude=exclude).fit(table, target=_IN_TEST)
    except SchemaError as error:
        return None, error.message.removesuffix(error.next_step).rstrip(" .")
    return probe, ""


def _features(dataset: Dataset) -> list[str]:
    searched = ("", "join_outcome", "source_file", "duplicate")
    return [f.name for f in dataset.schema if f.role in searched]
