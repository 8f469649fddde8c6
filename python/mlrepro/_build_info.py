# SPDX-License-Identifier: Apache-2.0
"""How the loaded library was built, and what it runs on here."""

from __future__ import annotations

import json
from typing import Any

from mlrepro import _core

__all__ = ["build_info"]


def build_info() -> dict[str, Any]:
    """Return how the loaded C++ library was built, and what it runs on in this process.

    Returns
    -------
    dict
        ``version``; ``canon``, the version of canonical elements; ``compiler``; ``architecture`` and ``byte_order``;
        ``openmp``, whether chunks run on OpenMP (else on std::thread, same bytes); ``simd``: the levels ``compiled``
        into the library, those ``supported`` by this CPU, and the one ``in_use``, which the environment variable
        MLREPRO_SIMD can choose; ``threads``: what ``threads=None`` means here, None where an environment variable is no
        number of threads; ``library``, the path of the extension module.

    Examples
    --------
    >>> import mlrepro as mr
    >>> mr.build_info()["canon"]
    1
    """
    info: dict[str, Any] = json.loads(_core.build_info())
    return {**info, "library": str(_core.__file__)}
