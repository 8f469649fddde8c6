# SPDX-License-Identifier: Apache-2.0
"""One mistake for each cell of tools/matrix.py that turns it red; a test checks that every cell has one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """`old` occurs once in `file`, white space apart."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutation:
    """A mistake, and a cell that must see it."""

    name: str
    cell: str
    edits: tuple[Edit, ...]


_TARGET = "cmake/MlreproTarget.cmake"


def _one(name: str, cell: str, file: str, old: str, new: str) -> Mutation:
    return Mutation(name, cell, (Edit(file, old, new),))


def _argument_order(cell: str) -> Mutation:
    """g++ evaluates arguments from the last one to the first, clang from the first one on."""
    put = "const auto put = [this](std::uint64_t v) { u64(v); return 0; };"
    return _one(
        "unsequenced arguments", cell, "src/fingerprint/digests.hpp",
        "u64(h.low);\n    u64(h.high);", f"{put}\n    [](int, int) {{}}(put(h.high), put(h.low));",
    )  # fmt: skip


def _lost_chunk(cell: str) -> Mutation:
    return _one(
        "a chunk lost between threads", cell, "src/core/parallel.hpp",
        "std::atomic<std::int64_t> next{0};", "std::atomic<std::int64_t> next{1};",
    )  # fmt: skip


def _seed_of_level(cell: str, vector: int) -> Mutation:
    return _one(
        "a kernel with another seed", cell, "src/core/hash_kernels.hpp",
        "XXH3_128bits_withSeed(bytes, size, seed);",
        f"XXH3_128bits_withSeed(bytes, size, seed + (XXH_VECTOR == {vector}));",
    )  # fmt: skip


def _sources_fast(cell: str) -> Mutation:
    refusal = 'target_compile_options(${target} PRIVATE\n    "SHELL:-include'
    return Mutation(
        "sources under -Ofast", cell,
        (
            Edit(_TARGET, "-ffp-contract=off -fno-fast-math\n    -Wall", "-Ofast\n    -Wall"),
            Edit(_TARGET, refusal, refusal.replace("target_compile_options(${target} PRIVATE", "set(unused")),
        ),
    )  # fmt: skip


def _no_guard(cell: str) -> Mutation:
    return _one(
        "no guard of the float environment", cell, "src/core/fp_guard.cpp",
        "if (saved_ != kDefault) write_control(kDefault);", "",
    )  # fmt: skip


MUTATIONS = (
    _one(
        "rows sampled by position", "base", "src/binning/cut_points.cpp",
        "= keys_at_shares(keys, least, most);", "= keys_at_shares(keys.subspan(keys.size() / 2), least, most);",
    ),
    _sources_fast("gcc-O0"),
    _argument_order("clang14-O3"),
    _argument_order("clang16-O3"),
    _argument_order("clang16-O0"),
    _argument_order("clang16-avx2"),
    _one(
        "the calling thread's chunks for nothing", "threads-1", "src/core/parallel.hpp",
        "for (std::int64_t i = 0; i < n_chunks; ++i) {\n", "for (std::int64_t i = 1; i < n_chunks; ++i) {\n",
    ),
    *(_lost_chunk(f"threads-{n}") for n in (2, 3, 8)),
    _seed_of_level("simd-baseline", 1),
    _seed_of_level("simd-avx2", 2),
    _seed_of_level("simd-avx512", 3),
    _lost_chunk("no-openmp"),
    _lost_chunk("no-openmp-threads-8"),
    _one(
        "a contracted sum", "aarch64", _TARGET,
        "-ffp-contract=off -fno-fast-math\n    -Wall", "-ffp-contract=fast -fno-fast-math\n    -Wall",
    ),
    _one(
        "bytes in the machine's order", "s390x", "src/core/element_bytes.hpp",
        "if constexpr (std::endian::native == std::endian::little)", "if constexpr (true)",
    ),
    _no_guard("hostile-floats"),
    _one(
        "a header that computes with the value", "fast-math-project", "include/mlrepro/core/value.hpp",
        "bits_(std::bit_cast<std::uint64_t>(v)), class_(ValueClass::number), form_(2)",
        "bits_(v == 0 ? 0 : std::bit_cast<std::uint64_t>(v)), class_(ValueClass::number), form_(2)",
    ),
    _no_guard("fast-math-hostile"),
)  # fmt: skip
