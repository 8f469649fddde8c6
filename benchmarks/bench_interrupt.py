# SPDX-License-Identifier: Apache-2.0
"""How long Ctrl-C waits: the longest time between two runs of signal handlers during a call. Aim: 0.2 s."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "python"))
from long_calls import CALLS, waits_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "calls", nargs="*", metavar="CALL", help=f"of {', '.join(CALLS)}; default: all"
    )
    parser.add_argument("--rows", type=int, default=2_000_000)
    args = parser.parse_args()
    unknown = set(args.calls) - set(CALLS)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: not one of {', '.join(CALLS)}")
    print(f"{'call':22} {'seconds':>8} {'longest wait':>13}")
    for name in args.calls or CALLS:
        waits = waits_of(CALLS[name](args.rows))
        print(f"{name:22} {waits.seconds:8.2f} {waits.longest:13.3f}", flush=True)


if __name__ == "__main__":
    main()
