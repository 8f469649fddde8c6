# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import functools
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

import mlrepro as mr
from mlrepro import _errors

BUILT_IN = {
    "SchemaError": ValueError,
    "ColumnNotFoundError": KeyError,
    "ArgumentError": ValueError,
    "InputTypeError": TypeError,
    "FileError": OSError,
    "FormatError": ValueError,
    "JoinContractError": ValueError,
    "LeakError": ValueError,
    "LimitError": ValueError,
    "CancelledError": RuntimeError,
}


@pytest.mark.parametrize("name", BUILT_IN)
def test_code_that_catches_the_built_in_or_the_base_catches_ours(name):
    error_class = getattr(mr, name)
    assert issubclass(error_class, mr.Error)
    assert issubclass(error_class, BUILT_IN[name])
    assert error_class("x").name == name


def test_every_error_class_is_public():
    assert set(_errors.__all__) == {"Error", *BUILT_IN}
    assert set(_errors.__all__) <= set(mr.__all__)


@pytest.mark.parametrize("name", BUILT_IN)
def test_an_error_survives_pickle_and_copy_with_its_fields(name):
    error = getattr(mr, name)(
        "column 'a' is wrong.", column="a", example_row=3, next_step="Cast it."
    )
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error), copy.copy(error)):
        assert type(again) is type(error)
        assert str(again) == "column 'a' is wrong. Cast it."
        assert (again.column, again.example_row, again.next_step) == ("a", 3, "Cast it.")


def test_a_message_that_ends_with_the_next_step_does_not_say_it_twice():
    error = mr.SchemaError("it is wrong. Cast it.", next_step="Cast it.")
    assert str(error) == "it is wrong. Cast it."


def test_an_error_in_a_worker_process_does_not_kill_the_pool():
    repeated_key = functools.partial(mr.Dataset, {"k": ["a", "b", "a"]}, key="k")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        with pytest.raises(mr.SchemaError) as caught:
            pool.submit(repeated_key).result(timeout=60)
        assert caught.value.next_step
        assert pool.submit(int, "5").result(timeout=60) == 5


def test_an_error_of_the_cpp_side_arrives_with_its_fields():
    table = mr.Dataset({"tailnum": ["N1", "N2"]})
    with pytest.raises(mr.ColumnNotFoundError) as caught:
        table.select(["tailnumb"])
    error = caught.value
    assert error.column == "tailnumb"
    assert error.example_row is None
    assert error.next_step
    assert str(error).endswith(error.next_step)
    assert "tailnum" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.column) == (str(error), "tailnumb")


def test_an_example_row_is_a_position_in_the_users_table():
    with pytest.raises(mr.SchemaError) as caught:
        mr.Dataset({"k": ["a", "b", "a"]}, key="k")
    assert caught.value.example_row in (0, 2)


def test_the_page_of_errors_says_what_they_say(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root / "tools"))
    monkeypatch.chdir(root / "docs")  # where no file has a name like that of the missing one
    import errors_page

    public = {
        n
        for n in dir(mr)
        if isinstance(getattr(mr, n), type) and issubclass(getattr(mr, n), mr.Error)
    }
    assert set(errors_page.EXAMPLES) == public - {"Error"}
    assert errors_page.PAGE.read_text(encoding="utf-8") == errors_page.page()
