# SPDX-License-Identifier: Apache-2.0
"""The notebook in examples/ runs, and prints what it printed when it was written: the same bytes."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "examples" / "notebooks" / "two_tables.ipynb"


def printed(notebook: Any) -> list[str]:
    """Text that each code cell printed."""
    return [
        "".join(o["text"] for o in cell["outputs"] if o["output_type"] == "stream")
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]


@pytest.mark.filterwarnings("ignore")  # of the kernel's own libraries
def test_the_notebook_prints_what_it_printed() -> None:
    written = nbformat.read(NOTEBOOK, as_version=4)
    run = copy.deepcopy(written)
    NotebookClient(run, timeout=300, kernel_name="python3").execute()
    assert printed(run) == printed(written)
    text = "\n".join(printed(written))
    for said in (
        "missing together:",
        "year > 2014",
        "count_working <= 49",
        "new rows",
        "got better",
    ):
        assert said in text
    pictures = [o for c in run["cells"] for o in c.get("outputs", []) if "data" in o]
    assert any("<svg" in o["data"].get("text/html", "") for o in pictures)
