# SPDX-License-Identifier: Apache-2.0
"""`python -m mlrepro` is `mlrepro`."""

from __future__ import annotations

import sys

from mlrepro._cli import main

if __name__ == "__main__":
    sys.exit(main())
