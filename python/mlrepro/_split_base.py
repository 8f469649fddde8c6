# SPDX-License-Identifier: Apache-2.0
"""What all splitters share: settings as scikit-learn wants them, `plan` for tables, `split` for scikit-learn."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from mlrepro._arrays import as_threads
from mlrepro._dataset import Dataset, as_dataset
from mlrepro._errors import ArgumentError, InputTypeError, SchemaError
from mlrepro._names import options_listed
from mlrepro._split_plan import Plan

__all__ = ["Splitter", "names_of", "refuse_iterator", "salt_text"]

_GROUPS = "groups"  # column that stands for scikit-learn's groups=; a single column's name is not part of its hash


@options_listed()
class Splitter:
    """Base of the splitters: a value that makes a `Plan` of a table, and a scikit-learn CV object.

    Settings are constructor arguments of the same name as the attribute, stored as they are and checked when used, so
    that ``clone``, ``get_params``, ``pickle`` and ``==`` work. scikit-learn is imported only when metadata routing
    asks. A subclass gives `_core_splitter` and, for more than one pair, `get_n_splits`.
    """

    __hash__ = None  # type: ignore[assignment]
    _takes_groups = True
    _groups_request: bool | str | None = True  # group splitters want groups=, without being asked

    def plan(self, dataset: Any, *, threads: int | None = None) -> Plan:
        """Split a table.

        Parameters
        ----------
        dataset : Dataset or any frame
            What ``mr.Dataset`` takes. A part of another plan is split independently of that plan, whatever the salt.
        threads : int, optional
            Default: as many as this process may use. The plan is the same for any number.

        Returns
        -------
        Plan

        Raises
        ------
        SchemaError
            The rows have no usable identity, key or time.
        ArgumentError
            A setting outside its domain, or a part without a row.
        """
        data = as_dataset(dataset)
        return self._plan(data, self._core_splitter(data), threads)

    def _plan(self, data: Dataset, core: Any, threads: int | None = None) -> Plan:
        return Plan(core.plan(data._data, as_threads(threads)), data)

    def _core_splitter(self, data: Dataset, by: list[str] | None = None) -> Any:
        raise NotImplementedError

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
        """Yield pairs of training and test positions, as scikit-learn's splitters do.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            Rows are identified by `groups`, else by the columns that ``by=`` names, else by all their values.
        y : ignored
        groups : array-like of shape (n_samples,), optional
            The key of each row; wins over ``by=``.

        Yields
        ------
        train, test : arrays of int64, ascending
        """
        yield from self._plan_of_arrays(X, groups).cv()

    def _plan_of_arrays(self, X: Any, groups: Any) -> Plan:
        if groups is None:
            data = as_dataset(X)
            return self._plan(data, self._core_splitter(data))
        if not self._takes_groups:
            raise ArgumentError(
                f"{type(self).__name__} splits by time and takes no groups=.",
                next_step="Leave groups out; unseen= keeps entities apart.",
            )
        data = _groups_dataset(X, groups)
        return self._plan(data, self._core_splitter(data, [_GROUPS]))

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of pairs that `split` yields; needs no data."""
        return 1

    @classmethod
    def _setting_names(cls) -> list[str]:
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the settings by name; with `deep` also those of nested splitters, as ``unseen__salt``."""
        params: dict[str, Any] = {}
        for name in self._setting_names():
            value = params[name] = getattr(self, name)
            if deep and isinstance(value, Splitter):
                params.update({f"{name}__{k}": v for k, v in value.get_params().items()})
        return params

    def set_params(self, **params: Any) -> Splitter:
        """Change settings by name and return self; ArgumentError on an unknown one."""
        for name, value in params.items():
            head, _, rest = name.partition("__")
            if head not in self._setting_names():
                raise ArgumentError(
                    f"{head!r} is no setting of {type(self).__name__}.",
                    next_step=f"The settings are {', '.join(self._setting_names())}.",
                )
            if rest:
                getattr(self, head).set_params(**{rest: value})
            else:
                setattr(self, head, value)
        return self

    def __sklearn_clone__(self) -> Splitter:
        return copy.deepcopy(self)

    def set_split_request(self, *, groups: bool | str | None) -> Splitter:
        """Say whether metadata routing hands `groups` to `split`: True, False, None (error if given) or another name."""
        if groups is not None and not isinstance(groups, (bool, str)):
            raise InputTypeError(
                f"groups is {groups!r} of type {type(groups).__name__}.",
                next_step="Pass True, False, None or the name under which groups are passed.",
            )
        self._groups_request = groups
        return self

    def get_metadata_routing(self) -> Any:
        """Return the request of `split` as scikit-learn's routing reads it."""
        from sklearn.utils.metadata_routing import MetadataRequest

        request = MetadataRequest(owner=self)
        if self._takes_groups:
            request.split.add_request(param="groups", alias=self._groups_request)
        return request

    def _comparable(self) -> list[tuple[str, Any]]:
        params = self.get_params(deep=False).items()
        return [
            (k, list(v.items()) if isinstance(v, Mapping) else v) for k, v in params
        ]  # parts have an order

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._comparable() == other._comparable()

    def __repr__(self) -> str:
        shown = []
        for name, parameter in inspect.signature(type(self).__init__).parameters.items():
            if name == "self":
                continue
            value = getattr(self, name)
            if parameter.default is inspect.Parameter.empty:
                shown.append(repr(value))
            elif value is not parameter.default and value != parameter.default:
                shown.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


def _groups_dataset(X: Any, groups: Any) -> Dataset:
    index: Any = getattr(X, "index", None)
    own: Any = getattr(groups, "index", None)
    if hasattr(index, "equals") and hasattr(own, "equals") and not index.equals(own):
        raise SchemaError(
            "groups is a Series whose index differs from that of X.",
            next_step="Align it first, or pass groups.to_numpy().",
        )
    column = np.asarray(groups) if isinstance(groups, (list, tuple)) else groups
    data = as_dataset({_GROUPS: column})
    n_rows = getattr(X, "shape", None)
    expected = n_rows[0] if n_rows else len(X) if hasattr(X, "__len__") else len(data)
    if expected != len(data):
        raise ArgumentError(
            f"groups has {len(data):,} values for {expected:,} rows.",
            next_step="Pass one group a row.",
        )
    return data


def names_of(by: Any) -> list[str]:
    """Return column names given as one text or several."""
    if by is None:
        return []
    refuse_iterator("by", by)
    if not isinstance(by, Iterable) or isinstance(by, (bytes, Mapping)):
        raise InputTypeError(
            f"by= takes column names, but got {by!r} of type {type(by).__name__}.",
            next_step="Pass by='name' or by=['a', 'b'].",
        )
    names = [by] if isinstance(by, str) else list(by)
    for name in names:
        if not isinstance(name, str):
            raise InputTypeError(
                f"by= takes column names, but got {name!r} of type {type(name).__name__}.",
                next_step="Pass by='name' or by=['a', 'b']; arrays go into split(X, groups=...).",
            )
    return names


def refuse_iterator(setting: str, given: Any) -> None:
    """Raise InputTypeError for what can be read only once: a splitter reads its settings at every use."""
    if isinstance(given, Iterator):
        raise InputTypeError(
            f"{setting} is a {type(given).__name__}, which can be read only once.",
            next_step=f"Pass {setting}=list(...).",
        )


def salt_text(salt: Any) -> str:
    """Return a salt as text; an int is its decimal text, so that 2026 and "2026" are one."""
    if isinstance(salt, str):
        return salt
    if isinstance(salt, (int, np.integer)) and not isinstance(salt, (bool, np.bool_)):
        return str(int(salt))
    raise InputTypeError(
        f"salt is {salt!r} of type {type(salt).__name__}.", next_step="Pass text or an int."
    )
