# SPDX-License-Identifier: Apache-2.0
"""Threads: how many a call takes, what callers may share, and processes that are forked around parallel calls."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import mlrepro as mr

sys.path.insert(0, str(Path(__file__).parent))
from codebase import INCLUDE
from worker_calls import table, work

HERE = Path(__file__).parent
METHODS = ["fork", "forkserver", "spawn"]


def run(code: str, **environment: str) -> str:
    """Run code in a process of its own; a hang fails."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]), **environment}
    for name in ("MLREPRO_NUM_THREADS", "OMP_NUM_THREADS"):
        if name not in environment:
            env.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=env
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_public_header_states_its_thread_safety():
    no_types_of_ours = {"arrow_abi.hpp", "export.hpp", "fwd.hpp", "mlrepro.hpp", "split.hpp", "version.hpp", "splitter.hpp"}  # fmt: skip
    silent = []
    for path in sorted(INCLUDE.rglob("*.hpp")):
        comments = " ".join(re.findall(r"^//(.*)$", path.read_text(), flags=re.MULTILINE))
        if "Thread safety:" not in re.sub(r"\s+", " ", comments):
            silent.append(path.name)
    assert set(silent) <= no_types_of_ours


def test_threads_are_the_cpus_that_the_process_may_use():
    code = "import os; os.sched_setaffinity(0, {{{0}}}); from mlrepro import _core; print(_core.default_threads())"
    cpus = sorted(os.sched_getaffinity(0))
    assert run(code.format(cpus[0])) == "1"
    assert 1 <= int(run(code.format(", ".join(map(str, cpus[:2]))))) <= 2


def test_the_variables_go_before_the_cpus_and_ours_before_openmps():
    code = "from mlrepro import _core; print(_core.default_threads())"
    assert run(code, OMP_NUM_THREADS="3,2") == "3"
    assert run(code, OMP_NUM_THREADS="3", MLREPRO_NUM_THREADS="5") == "5"
    assert run(code, MLREPRO_NUM_THREADS="") == run(code)


@pytest.mark.parametrize("value", ["four", "0", "-1", "1e9", "2 threads", "\u0664"])
def test_nonsense_in_a_variable_is_an_error_of_every_call_and_threads_goes_before_it(value):
    code = (
        "import mlrepro as mr, worker_calls\n"
        "try:\n    worker_calls.work()\n"
        "except mr.ArgumentError as error:\n    print('MLREPRO_NUM_THREADS' in str(error))\n"
        "mr.DecisionTreeProbe(threads=2).fit(worker_calls.table(), target='label')"
    )
    assert run(code, MLREPRO_NUM_THREADS=value) == "True"


@pytest.mark.parametrize("method", METHODS)
def test_a_worker_process_of_multiprocessing_takes_one_thread_and_gives_equal_bytes(method):
    code = (
        "import multiprocessing\n"
        "from worker_calls import threads_here, work\n"
        "if __name__ == '__main__':\n"
        "    here = work(3)\n"
        f"    with multiprocessing.get_context('{method}').Pool(2) as pool:\n"
        "        print(pool.map(threads_here, range(4)), set(pool.map(work, [None, 2])) == {here})"
    )
    assert run(code) == "[1, 1, 1, 1] True"


def test_a_worker_process_of_joblib_takes_one_thread_and_gives_equal_bytes():
    code = (
        "import joblib\n"
        "from worker_calls import threads_here, work\n"
        "here = work(3)\n"
        "run = joblib.Parallel(n_jobs=2, backend='loky')\n"
        "print(run(joblib.delayed(threads_here)() for _ in range(2)),"
        " set(run(joblib.delayed(work)(n) for n in (None, 2))) == {here})"
    )
    assert run(code) == "[1, 1] True"


def test_a_worker_process_of_dask_takes_one_thread_and_gives_equal_bytes():
    code = (
        "from distributed import Client, LocalCluster\n"
        "from worker_calls import threads_here, work\n"
        "if __name__ == '__main__':\n"
        "    options = {'n_workers': 1, 'threads_per_worker': 2, 'processes': True}\n"
        "    with LocalCluster(dashboard_address=None, **options) as cluster, Client(cluster) as client:\n"
        "        print(client.submit(threads_here).result(), client.submit(work).result() == work(3))"
    )
    assert run(code, DASK_DISTRIBUTED__WORKER__DAEMON="False") == "1 True"


def test_eight_threads_that_share_a_dataset_and_a_probe_get_equal_bytes():
    data = table()
    probe = mr.DecisionTreeProbe(max_depth=4, threads=2).fit(data, target="label")
    leaves = probe.apply(data).tobytes()
    expected = work(2)
    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(work, [1, 2, 3, None] * 4))
        applied = list(pool.map(lambda _: probe.apply(data).tobytes(), range(16)))
        rules = list(pool.map(lambda _: str(probe.rules("sql")), range(16)))
    assert set(digests) == {expected}
    assert set(applied) == {leaves}
    assert len(set(rules)) == 1


def test_a_process_forked_during_a_parallel_call_of_another_thread_works_and_so_does_the_call():
    code = (
        "import os, threading\n"
        "from worker_calls import work\n"
        "expected = work(3)\n"
        "got = []\n"
        "caller = threading.Thread(target=lambda: got.extend(work(3) for _ in range(6)))\n"
        "caller.start()\n"
        "codes = []\n"
        "for _ in range(8):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        os._exit(0 if work(2) == expected else 1)\n"
        "    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "caller.join()\n"
        "print(set(codes), set(got) == {expected})"
    )
    assert run(f"import warnings; warnings.simplefilter('ignore')\n{code}") == "{0} True"


def test_a_process_forked_from_a_thread_works():
    code = (
        "import os, threading, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "from worker_calls import work\n"
        "expected = work(3)\n"
        "codes = []\n"
        "def fork():\n"
        "    work(2)\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        os._exit(0 if work(2) == work() == expected else 1)\n"
        "    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "threads = [threading.Thread(target=fork) for _ in range(3)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "print(codes)"
    )
    assert run(code) == "[0, 0, 0]"


def test_a_process_forked_inside_a_call_works():
    code = (
        "import os, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "import mlrepro as mr\n"
        "from mlrepro import _core\n"
        "from worker_calls import table, work\n"
        "expected = work(3)\n"
        "codes = []\n"
        "def sink(*_):\n"
        "    if codes: return\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        os._exit(0 if work(2) == expected else 1)\n"
        "    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "state = _core.FingerprintState(hash_key='', threads=2, first_row=0)\n"
        "state.update(table()._data, on_leaf=sink)\n"
        "state.finalize(on_leaf=sink)\n"
        "print(codes)"
    )
    assert run(code) == "[0]"


@pytest.mark.parametrize("ours_first", [True, False])
@pytest.mark.parametrize("other", ["sklearn", "lightgbm"])
def test_another_openmp_in_the_process_in_either_order_and_forks_after_both(ours_first, other):
    fit = {
        "sklearn": "from sklearn.ensemble import HistGradientBoostingClassifier as M\n"
        "def other(): M(max_iter=3).fit(X, y)\n",
        "lightgbm": "from lightgbm import LGBMClassifier as M\n"
        "def other(): M(n_estimators=3, verbose=-1, n_jobs=2).fit(X, y)\n",
    }[other]
    ours = "from worker_calls import work\nfirst = work(2)\n"
    code = (
        "import os, warnings\nwarnings.simplefilter('ignore')\n"
        "import numpy as np\n"
        "X = np.random.default_rng(0).normal(size=(2000, 4)); y = X[:, 0] > 0\n"
        + (ours + fit + "other()\n" if ours_first else fit + "other()\n" + ours)
        + "again = work(2); other()\n"
        "child = os.fork()\n"
        "if child == 0:\n    os._exit(0 if work(2) == first else 1)\n"
        "code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])\n"
        "print(first == again == work(3), code)"
    )
    assert run(code) == "True 0"
