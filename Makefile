# SPDX-License-Identifier: Apache-2.0
# make help lists the targets. Everything is made below build/ and .venv/; a second run does only what changed.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := help
.PHONY: help demo test test-cpp test-python lint format bench coverage floors sanitize tsan valgrind mutants matrix matrix-mutants fuzz exports abi stubs wheel wheels check-wheel check-sdist clean

JOBS ?= $(shell nproc 2>/dev/null || echo 2)
BASE_PYTHON ?= python3
STAMPS := build/stamps
PY := .venv/bin/python
PIP := $(PY) -m pip --quiet --disable-pip-version-check --no-input
WHEEL = $(shell cat $(STAMPS)/wheel)

export CMAKE_BUILD_PARALLEL_LEVEL := $(JOBS)
export CMAKE_GENERATOR := Ninja
export CTEST_PARALLEL_LEVEL := $(JOBS)
# Set by the system step of a fresh machine, so looked up when a recipe runs.
USE_CCACHE = if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi;

LIBRARY_SOURCES := $(shell find include src bindings cmake -type f -not -name '*.pyc' 2>/dev/null) CMakeLists.txt
PACKAGE_SOURCES := $(LIBRARY_SOURCES) $(shell find python -type f -not -path '*/__pycache__/*') \
  pyproject.toml README.md LICENSE
CPP_FILES = $(shell git ls-files '*.cpp' '*.hpp' '*.ipp')

help: ## Lists the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: $(STAMPS)/installed-demo ## Builds and installs mlrepro, runs its demo on real flights, leaves build/demo.html
	@cd build && ../.venv/bin/mlrepro demo

test: test-cpp test-python ## All C++ and Python tests

test-cpp: build/cpp/build.ninja
	@cmake --build build/cpp
	@ctest --test-dir build/cpp --output-on-failure

test-python: $(STAMPS)/installed-test
	@$(PY) -m pytest -q

lint: $(STAMPS)/lint-tools $(STAMPS)/deps-test build/lint/build.ninja ## clang-format, clang-tidy, ruff, mypy --strict
	@clang-format --dry-run -Werror $(CPP_FILES)
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --quiet --check .
	@$(PY) -m mypy --no-error-summary
	@$(PY) tools/clang_tidy.py build/lint

format: $(STAMPS)/lint-tools ## Formats C++ and Python in place
	@clang-format -i $(CPP_FILES)
	@.venv/bin/ruff check --quiet --fix . && .venv/bin/ruff format --quiet .

bench: $(STAMPS)/installed-test ## Benchmarks, as ratios to what others need on this machine
	@for bench in benchmarks/bench_*.py; do echo "== $$bench"; $(PY) $$bench; done

sanitize: $(STAMPS)/system-test ## C++ tests under ASan and UBSan
	@$(USE_CCACHE) cmake --preset sanitize >/dev/null
	@cmake --build --preset sanitize
	@ctest --preset sanitize

tsan: $(STAMPS)/system-test ## C++ tests on std::thread under the thread sanitizer
	@$(USE_CCACHE) cmake --preset thread-sanitizer >/dev/null
	@cmake --build --preset thread-sanitizer
	@TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1" ctest --preset thread-sanitizer

# valgrind emulates neither rounding modes nor AVX-512; forked children leak what other threads held; heavy tests would
# take hours; tests that count allocations replace operator new, which valgrind overrules (hence mismatched frees).
valgrind: $(STAMPS)/system-valgrind build/cpp/build.ninja ## C++ tests once under valgrind's memcheck
	@cmake --build build/cpp
	@for test in build/cpp/tests/cpp/*/test_*; do \
	  [ -f "$$test" ] && [ -x "$$test" ] || continue; echo "== $$test"; \
	  MLREPRO_SIMD=baseline valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
	    --show-leak-kinds=definite --show-mismatched-frees=no "$$test" "~[rounding]~[simd]~[fork]~[allocation]~[heavy]"; \
	done

coverage: $(STAMPS)/installed-test $(STAMPS)/deps-coverage ## Lines that the tests run: C++ at least 90%, the Python facade 95%
	@$(USE_CCACHE) cmake --preset coverage >/dev/null
	@cmake --build --preset coverage
	@find build/coverage -name '*.gcda' -delete
	@ctest --preset coverage
	@.venv/bin/gcovr --root . --filter src/ --filter include/ --exclude-throw-branches --sort uncovered-percent \
	  --fail-under-line 90 --html-details build/coverage/cpp.html --txt-summary --txt build/coverage/cpp.txt build/coverage
	@.venv/bin/coverage run -m pytest -q
	@.venv/bin/coverage combine --quiet
	@.venv/bin/coverage report --fail-under=95

floors: $(STAMPS)/wheel ## Python tests beside the oldest versions of everything that pyproject.toml allows
	@$(PY) tools/floors.py

mutants: $(STAMPS)/installed-test ## Breaks the code on purpose, one law at a time; the tests must fail
	@$(USE_CCACHE) $(PY) tools/mutants.py

fuzz: $(STAMPS)/system-fuzz ## Fuzzes everything that reads bytes (TARGETS="arrow" RUNS=2000000 MERGE=1)
	@$(USE_CCACHE) RUNS=$(or $(RUNS),2000000) MERGE=$(MERGE) tools/fuzz $(TARGETS)

exports: build/cpp/build.ninja ## Writes the list of exported symbols that a test compares
	@cmake --build build/cpp --target exports

abi: $(STAMPS)/system-abi ## Compares the shared library's binary interface with that of a revision (BASE=HEAD~1)
	@tools/abi $(or $(BASE),HEAD~1)

matrix: $(STAMPS)/system-matrix ## The same bytes under every compiler, CPU, thread count and flag (CELLS="s390x base")
	@python3 tools/matrix.py $(CELLS)

matrix-mutants: $(STAMPS)/system-matrix ## Breaks the code for each cell of the matrix; that cell must turn red
	@python3 tools/matrix.py --mutate $(CELLS)

stubs: $(STAMPS)/installed-test ## Writes the type stubs of mlrepro._core from the built module
	@$(PY) tools/stubs.py

wheel: $(STAMPS)/wheel ## Builds the wheel in build/wheel
	@echo "$(WHEEL)"

wheels: $(STAMPS)/system-build ## Release wheels for each Python 3.10 to 3.13 here, in build/wheels (PYTHONS="3.11")
	@$(USE_CCACHE) python3 tools/wheels.py $(PYTHONS)

check-wheel: $(STAMPS)/system-build ## The release wheel of Python 3.11 in an empty environment, beside its friends, from C++
	@ls build/wheels/*-cp311-*.whl >/dev/null 2>&1 || $(MAKE) --no-print-directory wheels PYTHONS=3.11
	@python3 tools/check_wheel.py build/wheels/*-cp311-*.whl

check-sdist: $(STAMPS)/venv $(STAMPS)/system-build ## sdist and wheel from two folders: equal bytes; the sdist builds, and names missing headers
	@$(USE_CCACHE) $(PY) tools/check_sdist.py

clean: ## Removes build/ (the virtual environment stays)
	@rm -rf build

build/cpp/build.ninja: $(STAMPS)/system-test
	@$(USE_CCACHE) cmake --preset cpp $(if $(CI),-DMLREPRO_WERROR=ON) >/dev/null

build/lint/build.ninja: $(STAMPS)/lint-tools $(STAMPS)/venv
	@$(USE_CCACHE) cmake --preset lint >/dev/null

$(STAMPS)/system-%: tools/system-packages
	@mkdir -p $(STAMPS)
	@tools/system-packages $*
	@touch $@

$(STAMPS)/venv: $(STAMPS)/system-build
	@test -x $(PY) || $(BASE_PYTHON) -m venv .venv
	@$(PIP) install --upgrade pip "scikit-build-core>=1.1" "pybind11>=3.1"
	@touch $@

# Dependencies come before the wheel and do not depend on it: an edit reinstalls only our own package.
$(STAMPS)/deps-%: pyproject.toml tools/extras.py $(STAMPS)/venv
	@echo "installing Python packages ($*)"
	@$(PIP) install $$($(PY) tools/extras.py $*)
	@touch $@

$(STAMPS)/wheel: $(PACKAGE_SOURCES) | $(STAMPS)/venv
	@echo "building the wheel"
	@rm -rf build/wheel
	@$(USE_CCACHE) $(PIP) wheel --no-build-isolation --no-deps --wheel-dir build/wheel .
	@ls build/wheel/*.whl >$@

$(STAMPS)/installed: $(STAMPS)/wheel
	@$(PIP) install --no-deps --force-reinstall "$(WHEEL)"
	@touch $@

$(STAMPS)/installed-%: $(STAMPS)/deps-% $(STAMPS)/installed
	@touch $@

$(STAMPS)/lint-tools: $(STAMPS)/system-lint $(STAMPS)/deps-lint
	@touch $@
