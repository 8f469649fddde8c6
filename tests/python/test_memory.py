# SPDX-License-Identifier: Apache-2.0
"""No memory: a limit that is hit is a typed error, the process lives, and the next call works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mlrepro as mr

sys.path.insert(0, str(Path(__file__).parent))
from long_calls import CALLS

HERE = Path(__file__).parent

# The limit is set ever higher above what the process holds, so that another allocation is the one that fails each time.
STARVE = """
import json, resource, sys
from long_calls import CALLS, digest
import mlrepro as mr
from mlrepro import _core

def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()

call = CALLS[sys.argv[1]](60_000)
expected = digest(call()) if sys.argv[2] == "warm" else None
soft, hard = resource.getrlimit(resource.RLIMIT_AS)
outcomes = []
for step in range(int(sys.argv[3])):
    resource.setrlimit(resource.RLIMIT_AS, (held() + (step << 18), hard))
    try:
        call()
        outcome = "done"
    except (MemoryError, mr.LimitError) as error:
        outcome = "refused"
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    outcomes.append(outcome)
again = digest(call())
# Threads that come and go leave their stacks to the next call: there the limit may never be felt.
openmp = json.loads(_core.build_info())["openmp"]
print("refused" in outcomes or not openmp, expected in (None, again), again == digest(call()))
"""


def starve(name: str, state: str, n_steps: int) -> str:
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]),
        "MALLOC_MMAP_THRESHOLD_": "32768",  # what is freed goes back to the system, and is asked for again
        "MALLOC_TRIM_THRESHOLD_": "32768",
        "MALLOC_ARENA_MAX": "1",  # no other arena whose 64 MB are counted already lends what the limit refuses
        "MLREPRO_NUM_THREADS": "4",
    }
    command = [sys.executable, "-c", STARVE, name, state, str(n_steps)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=env)
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-2000:]}"
    return done.stdout.strip()


@pytest.mark.parametrize("name", [n for n in CALLS if n not in {"to_pandas", "parquet"}])
def test_a_call_without_memory_fails_with_a_typed_error_and_the_next_one_works(name):
    assert starve(name, "warm", 40) == "True True True"


@pytest.mark.parametrize("name", ["probe", "fingerprint", "join"])
def test_a_first_call_that_cannot_start_its_threads_does_not_end_the_process(name):
    assert starve(name, "cold", 12).endswith("True True")


def test_memory_limit_of_a_probe_is_an_error_before_the_work_that_says_the_need():
    random = np.random.default_rng(0)
    data = {f"x{i}": random.normal(size=20_000) for i in range(5)}
    target = random.normal(size=20_000)
    with pytest.raises(mr.LimitError, match=r"about [\d,]+ bytes for 20,000 rows") as caught:
        mr.DecisionTreeProbe(memory_limit=100_000).fit(data, target=target)
    assert "memory_limit" in caught.value.next_step
    mr.DecisionTreeProbe(memory_limit=1 << 30).fit(data, target=target)
