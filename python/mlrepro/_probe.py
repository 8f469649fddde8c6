# SPDX-License-Identifier: Apache-2.0
"""DecisionTreeProbe: a shallow tree that says for whom something holds. The search is in C++ (``mlrepro::Tree``)."""

from __future__ import annotations

import copy
import inspect
import json
import numbers
import os
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mlrepro import _core
from mlrepro._arrays import as_seed, as_threads
from mlrepro._binning import core_bins
from mlrepro._dataset import Dataset, borrowed
from mlrepro._errors import AbsentError, ArgumentError, InputTypeError
from mlrepro._exact import plain
from mlrepro._load import register
from mlrepro._names import check_option, did_you_mean, options_listed
from mlrepro._probe_settings import (
    GivenTarget,
    above_zero,
    array_width,
    flag,
    given_target,
    names,
    needed,
    read_options,
    read_settings,
    real,
    saved_settings,
    settings_of,
    some_names,
    whole,
    whole_bytes,
    wrapped_warnings,
)
from mlrepro._saved import write_text
from mlrepro._tree import ClassLeaf, Leaf, Leaves, MissingBlock, missing_blocks

__all__ = ["DecisionTreeProbe"]

_SELECTIONS = ("unbiased", "gain")


@options_listed()
class DecisionTreeProbe:
    """A shallow tree that says for whom a label, a prediction or an error differs.

    Rows are halved by a hash of their identity. One half chooses the splits, the other one is judged: every figure
    printed comes from rows that chose nothing (Athey and Imbens 2016). Missing values are a population of their own.
    The same rows in any order, from any library, with any number of threads give the same bytes.

    Parameters
    ----------
    max_depth : int, default 3
        0 to 8.
    min_samples_leaf : int, default 20
        Choosing rows in each leaf, at least 1.
    selection : {"unbiased", "gain"}
        How a node picks its column: by a test that pays for the number of its bins, or by the best cut of all.
    honest : bool, default True
        False: all rows choose, and every figure is marked in-sample.
    features : str or sequence of str, optional
        The only columns that may split; default: all that can.
    exclude : str or sequence of str
        Columns that may not, e.g. outcomes that are known only later.
    alpha : float, default 0.05
        Level of the tests that end the growth and of "replicated"; 1 never ends it.
    seed : int, default 0
        Another seed halves the rows anew.
    threads : int, optional
        Default: as many as this process may use. Changes the time only.
    time_limit : float, optional
        Seconds; what was not searched is said in `warnings`.
    memory_limit : int or str, optional
        Bytes, or e.g. ``"2GB"``; LimitError before the work starts if it needs more.
    meta_features : bool, default True
        Offer what is known of a row beside its values: how many of its columns are missing, where different columns are
        missing on different rows; the outcome of each join; the file it was read from; whether it has a copy
        (`Dataset.with_duplicates`). False: none of these, but those that `features` names.

    Attributes
    ----------
    leaves : Leaves
        One row a leaf, highest mean first.
    judged : array of bool, shape (n_rows,)
        Fitted rows whose target is in the printed figures. Not saved to files.
    missing_blocks : tuple of MissingBlock
        Columns missing together, and for whom.
    warnings : list of str
        E.g. a column that is the label in disguise.
    target_name : str
    tree : Tree
        The C++ tree: ``tree.to_dict()`` has nodes, runner-ups and tests.

    Examples
    --------
    >>> import mlrepro as mr, numpy as np
    >>> x = np.arange(400)
    >>> probe = mr.DecisionTreeProbe(max_depth=1).fit({"x": x}, target=x >= 200)
    >>> probe.rules()[1]
    'x > 199'
    """

    __hash__ = None  # type: ignore[assignment]
    _tree: Any = None
    _judged: Any = None
    _features_in: tuple[str, ...] | None = None
    _array_width: tuple[int, int] | None = None  # dimensions and columns, if it was a bare array
    _fitted: dict[str, Any] | None = None  # settings of the fit, as save() writes them

    def __init__(
        self,
        max_depth: int = 3,
        min_samples_leaf: int = 20,
        selection: str = "unbiased",
        honest: bool = True,
        features: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] = (),
        alpha: float = 0.05,
        seed: int = 0,
        threads: int | None = None,
        time_limit: float | None = None,
        memory_limit: int | str | None = None,
        meta_features: bool = True,
    ) -> None:
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.selection = selection
        self.honest = honest
        self.features = features
        self.exclude = exclude
        self.alpha = alpha
        self.seed = seed
        self.threads = threads
        self.time_limit = time_limit
        self.memory_limit = memory_limit
        self.meta_features = meta_features

    if TYPE_CHECKING:  # attached by _compose.py: pages belong to a later room

        def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None: ...
        def to_svg(self, *, max_depth: int = 4) -> str: ...

    # Settings --------------------------------------------------------------------------------------------------------
    @classmethod
    def _setting_names(cls) -> list[str]:
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    @classmethod
    def _check_name(cls, name: str) -> None:
        known = cls._setting_names()
        if name in known:
            return
        raise ArgumentError(
            f"{name!r} is no setting of {cls.__name__}; there are {', '.join(known)}.",
            next_step=did_you_mean(name, known) or "Use one of these.",
        )

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the settings by name."""
        return {name: getattr(self, name) for name in self._setting_names()}

    def set_params(self, **params: Any) -> DecisionTreeProbe:
        """Change settings by name and return self; ArgumentError on an unknown one."""
        for name in params:
            self._check_name(name)
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def _options(self) -> dict[str, Any]:
        """Return the settings as the core takes them, their types checked."""
        check_option("selection", self.selection, _SELECTIONS)
        return {
            "max_depth": whole("max_depth", self.max_depth),
            "min_samples_leaf": whole("min_samples_leaf", self.min_samples_leaf),
            "selection": self.selection,
            "honest": flag("honest", self.honest),
            "features": some_names("features", self.features),
            "exclude": names("exclude", self.exclude),
            "alpha": real("alpha", self.alpha),
            "seed": as_seed(self.seed),
            "threads": as_threads(self.threads),
            "time_limit": above_zero("time_limit", self.time_limit, real),
            "memory_limit": above_zero("memory_limit", self.memory_limit, whole_bytes),
            "meta_features": flag("meta_features", self.meta_features),
        }

    # Fit -------------------------------------------------------------------------------------------------------------
    def fit(self, X: Any, y: Any = None, *, target: Any = None) -> DecisionTreeProbe:
        """Find the tree.

        Parameters
        ----------
        X : Dataset, BinnedDataset or any frame, n_rows rows
            What ``mr.Dataset`` takes; what is binned already (``dataset.binned()``) is not binned again. Key, label, label_time, prediction, weight and the target are never candidates.
            A row counts as often as its weight says, if weights are whole numbers (bins are made of rows without weights).
        y, target : str or array-like of shape (n_rows,)
            What the tree explains: one of the two. A column name, a role ("label", "prediction"), or one number,
            boolean or class a row, by position. {0, 1} and booleans: rates with Wilson intervals; other numbers: means
            with t intervals; text or categories of text: 2 to 32 classes, see Notes. Rows without a target are counted
            and left out.

        Returns
        -------
        DecisionTreeProbe
            Itself.

        Raises
        ------
        ArgumentError
            A setting outside its domain, no target, a wrong length, a Series with another index than the frame's.
        ColumnNotFoundError
            A target, feature or excluded column that the table does not have.
        SchemaError
            No rows; a target that is constant, infinite or missing everywhere, or has more than 32 classes.
        InputTypeError
            A target that is neither number, boolean nor text, or is 2-D.
        LimitError
            `memory_limit` is too small.

        Notes
        -----
        Of classes with n_1, ..., n_C rows in a node of n, a split is scored by G = 2 ln 2 times the fall of
        n log2 n - sum n_k log2 n_k, in exact integers; with two classes that is the tree of ``y == class``. Columns
        are tested by X^2 with (groups - 1)(C - 1) degrees of freedom; the rarest classes are tested together while one
        has fewer rows than a tenth of an equal share (but 10 to 50), and groups are merged until 5 rows of the rarest
        are expected. Missing is tested with C - 1; where fewer than 5 rows of a class are expected, by the least p of
        each class against the others (Fisher), times C. Categories split by one level against the rest. `ClassLeaf`
        says what the figures mean. `one_against_rest` fits a tree a class.
        """
        options = self._options()
        if (y is None) == (target is None):
            raise ArgumentError(
                "fit got no target." if y is None else "fit got y and target.",
                next_step='Pass fit(rows, target="column"), or one value a row: fit(rows, y).',
            )
        data = borrowed(X)
        width = array_width(X)
        given = given_target(data, y if target is None else target)
        self._fit_given(data, given, core_bins(X, data), options)
        self._array_width = width
        return self

    def _fit_given(
        self,
        data: Dataset,
        given: GivenTarget,
        bins: Any,
        options: dict[str, Any],
        of_class: str | None = None,
    ) -> None:
        """Fit to a target that was read, or to one of its classes against the rest."""
        options["exclude"] = [*options["exclude"], *given.exclude]
        self._tree, self._judged = _core.fit_probe(
            data._data, given.values, given.name, options, bins, of_class
        )
        said = list(given.warnings)
        self._features_in = tuple(data.columns)
        self._fitted = {**saved_settings(self.get_params(), options), "warnings": said}
        self._forget()

    def _forget(self) -> None:
        for derived in ("leaves", "_document"):
            self.__dict__.pop(derived, None)

    def __sklearn_is_fitted__(self) -> bool:
        return self._tree is not None

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=True),
            input_tags=InputTags(allow_nan=True, string=True, categorical=True),
        )

    def __sklearn_clone__(self) -> DecisionTreeProbe:
        return type(self)(**copy.deepcopy(self.get_params()))

    # Results ---------------------------------------------------------------------------------------------------------
    @property
    def tree(self) -> Any:
        """The C++ tree."""
        if self._tree is None:
            raise AbsentError(
                "this DecisionTreeProbe is not fitted.",
                next_step='Call probe.fit(rows, target="...") first.',
            )
        return self._tree

    @property
    def judged(self) -> np.ndarray[Any, Any]:
        """Fitted rows whose target is in the printed figures: bool, shape (n_rows,)."""
        if self.tree is not None and self._judged is None:
            raise AbsentError(
                "judged is known to the probe that was fitted; this one was loaded, or belongs to a comparison.",
                next_step="Fit a probe with the same settings on those rows: the same rows are judged.",
            )
        return self._judged  # type: ignore[no-any-return]

    @cached_property
    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = self.tree.to_dict()
        return document

    @property
    def target_name(self) -> str:
        """What the tree explains."""
        return str(self._document["target"])

    @cached_property
    def leaves(self) -> Leaves:
        """One row a leaf, highest mean first."""
        tree = self.tree
        of = ClassLeaf if tree.classes else Leaf
        made = [of(rule=tree.rule(i, "text"), **tree.leaf(i)) for i in range(tree.n_leaves)]
        return Leaves(made, in_sample=self._document["in_sample"])

    @property
    def missing_blocks(self) -> tuple[MissingBlock, ...]:
        """Columns missing together, best test first."""
        return missing_blocks(self._document)

    @property
    def warnings(self) -> list[str]:
        """What to look at before believing the tree."""
        said = (self._fitted or {}).get("warnings", [])  # by fit, of how it read its input
        return [*self._document["warnings"], *said]

    # Rows ------------------------------------------------------------------------------------------------------------
    def apply(self, X: Any) -> np.ndarray[Any, Any]:
        """Return the leaf of every row: int32, shape (n_rows,), by position.

        Parameters
        ----------
        X : Dataset or any frame
            Needs only the columns that the splits use; levels never seen go right, missing values where the split says.

        Raises
        ------
        ColumnNotFoundError, SchemaError
            A column that is gone, or of another class of values than the fitted one.
        """
        tree = self.tree
        self._check_width(X)
        data = borrowed(needed(X, [name for name, _ in tree.columns]))
        leaves: np.ndarray[Any, Any] = tree.apply(data, as_threads(self.threads))
        return leaves

    def _check_width(self, X: Any) -> None:
        """Refuse bare arrays of another width: their columns are known by position alone."""
        width = array_width(X)
        if width is None or self._fitted is None:
            return
        wanted = self._array_width
        if wanted is None:
            used = [name for name, _ in self.tree.columns]
            wanted = (1, 1) if width[0] == 1 and used in ([], ["x0"]) else (2, max(2, width[1]))
        if width == wanted:
            return
        shown = ["(n_rows,)" if n == 1 else f"(n_rows, {m})" for n, m in (width, wanted)]
        raise ArgumentError(
            f"X is an array of shape {shown[0]}; the probe was fitted on {shown[1]}.",
            next_step="Pass the same columns in the same order; one row is X[[i]], with 2 dimensions.",
        )

    @property
    def n_features_in_(self) -> int:
        """Columns of the fitted table, as scikit-learn counts them."""
        if self._features_in is None:
            raise AttributeError("n_features_in_ is known after fit, and of no loaded probe")
        return len(self._features_in)

    @property
    def feature_names_in_(self) -> np.ndarray[Any, Any]:
        """Names of the columns of the fitted table, as scikit-learn gives them; bare arrays have none."""
        if self._features_in is None or self._array_width is not None:
            raise AttributeError("feature_names_in_ is known after fit, of a table")
        return np.array(self._features_in, dtype=object)

    def predict(self, X: Any) -> np.ndarray[Any, Any]:
        """Return what each row's leaf says: shape (n_rows,).

        Parameters
        ----------
        X : Dataset or any frame
            As in `apply`.

        Returns
        -------
        array of float64, or of str (dtype object)
            The mean of the leaf, NaN where it has no judged row; of a target with classes its `most_common` one.
        """
        if self.tree.classes:
            names = [self.tree.leaf(i)["most_common"] for i in range(self.tree.n_leaves)]
            classes: np.ndarray[Any, Any] = np.array(names, dtype=object)[self.apply(X)]
            return classes
        means = np.array(
            [self.tree.leaf(i)["mean"] for i in range(self.tree.n_leaves)], dtype=np.float64
        )
        predicted: np.ndarray[Any, Any] = means[self.apply(X)]
        return predicted

    # Rules -----------------------------------------------------------------------------------------------------------
    def rules(self, language: str = "text", *, dialect: str = "duckdb") -> dict[int, str]:
        """Return the condition of each leaf: ``{leaf: condition}``; see `rule`."""
        return {i: self.rule(i, language, dialect=dialect) for i in range(self.tree.n_leaves)}

    def rule(self, leaf: int, language: str = "text", *, dialect: str = "duckdb") -> str:
        """Return the condition that selects exactly the rows of a leaf.

        Parameters
        ----------
        leaf : int
            As `apply` gives it.
        language : {"text", "sql", "pandas", "polars", "cpp"}
            ``"sql"``: a predicate that is never NULL. ``"pandas"``: an expression over `df`, `pd` and `np`, used as
            ``df[eval(rule)]``. ``"polars"``: an expression over `pl`; `expr` evaluates it. ``"cpp"``: a condition over
            `row`, the struct Row of ``tree.cpp_source()``, with the functions defined there.
        dialect : {"duckdb"}
            Of SQL.

        Raises
        ------
        ArgumentError
            No such leaf, an unknown language or dialect, a literal that the dialect cannot hold.

        Notes
        -----
        Thresholds are values of the data, in the shortest digits that round-trip in the column's own type. A value,
        null and NaN are told apart explicitly, because languages differ in where comparisons send them.
        """
        if not isinstance(leaf, numbers.Integral) or isinstance(leaf, bool):
            raise ArgumentError(
                f"leaf is {leaf!r}, not a number.", next_step="Pass a number that apply() gives."
            )
        for argument, given in (("language", language), ("dialect", dialect)):
            if not isinstance(given, str):
                raise InputTypeError(
                    f"{argument} is {given!r}, not a name.",
                    next_step='Pass e.g. language="sql", dialect="duckdb".',
                )
        return str(self.tree.rule(int(leaf), language, dialect))

    def expr(self, leaf: int) -> Any:
        """Return the rule of a leaf as a polars expression: ``frame.filter(probe.expr(leaf))``, lazy frames too."""
        import polars as pl

        return eval(self.rule(leaf, "polars"), {"__builtins__": {"float": float}, "pl": pl})

    # Out -------------------------------------------------------------------------------------------------------------
    def to_text(self) -> str:
        """Return the tree as lines of at most 100 columns; every figure says whose rows it is."""
        text = str(self.tree.to_text())
        said = self.warnings[len(self._document["warnings"]) :]
        return "\n".join([text.rstrip("\n"), *wrapped_warnings(said)]) if said else text

    def __repr__(self) -> str:
        if self._tree is not None:
            return self.to_text()
        defaults = {
            n: p.default for n, p in inspect.signature(type(self).__init__).parameters.items()
        }
        shown = [
            f"{n}={v!r}"
            for n, v in self.get_params().items()
            if v is not defaults[n] and v != defaults[n]
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def to_dict(self) -> dict[str, Any]:
        """Return the tree as plain Python objects: settings, nodes with tests and runner-ups, blocks, warnings."""
        return copy.deepcopy(self._document)

    def to_json(self) -> str:
        """Return the tree as canonical JSON: equal trees have equal text. `mr.load` and ``mr::Tree`` read it."""
        return str(self.tree.to_json())

    def to_pandas(self) -> Any:
        """Return the leaves as a pandas.DataFrame."""
        return self.leaves.to_pandas()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the tree, the column types that its rules need and the settings of the fit; `mr.load` and ``mr::Tree`` read it.

        Raises
        ------
        FileError
            The file cannot be written.
        """
        write_text(self._saved_json(), path)

    def _saved_json(self) -> str:
        return str(self.tree.saved_json(json.dumps(self._fitted, ensure_ascii=False)))

    @classmethod
    def _from_json(cls, text: str) -> DecisionTreeProbe:
        tree = _core.Tree.from_json(text)
        document = json.loads(text)
        saved = document["probe"]["settings"] if "probe" in document else {}
        settings = read_settings(settings_of(plain(document)) if saved == {} else saved)
        names_of_saved = [name for name in cls._setting_names() if name != "threads"]
        probe = cls(**{name: value for name, value in settings.items() if name in names_of_saved})
        probe._tree = tree
        kept = saved_settings(probe.get_params(), read_options(probe._options))
        probe._fitted = {**kept, "warnings": list(settings["warnings"])}
        return probe

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DecisionTreeProbe):
            return NotImplemented
        same = self._comparable() == other._comparable()
        return (
            same
            and (self._tree is None) == (other._tree is None)
            and bool(self._tree == other._tree)
        )

    def _comparable(self) -> dict[str, Any]:
        params = self.get_params()
        params["features"] = None if self.features is None else names("features", self.features)
        params["exclude"] = names("exclude", self.exclude)
        return params


def settings_or_default(probe: Any) -> DecisionTreeProbe:
    """Return the probe whose settings another search uses; it is not fitted."""
    if probe is None:
        return DecisionTreeProbe()
    if isinstance(probe, DecisionTreeProbe):
        return probe
    raise InputTypeError(
        f"probe is a {type(probe).__name__}.",
        next_step="Pass mr.DecisionTreeProbe(...) with the settings to use.",
    )


register("mlrepro.tree", DecisionTreeProbe._from_json)
