# SPDX-License-Identifier: Apache-2.0
"""How far two partitions of the same rows agree: from the counts of their cross table, in integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["adjusted_rand", "best_pairs", "cross_table"]

_Counts = (
    Any  # an int64 array of two dimensions: rows by leaf of the first and of the second partition
)


def cross_table(first: Any, second: Any, n_first: int, n_second: int) -> _Counts:
    """Return the rows by leaf of the first and of the second partition: int64, shape (n_first, n_second)."""
    cell = first.astype(np.int64) * n_second + second
    counts = np.bincount(cell, minlength=n_first * n_second)
    return counts.astype(np.int64).reshape(n_first, n_second)


def adjusted_rand(table: Sequence[Sequence[int]]) -> float:
    """Return the adjusted Rand index of two partitions (Hubert and Arabie 1985), rounded once.

    1 for equal partitions, about 0 for independent ones, also below; 1 where chance cannot part them.
    """
    rows, columns = (
        [sum(row) for row in table],
        [sum(column) for column in zip(*table, strict=True)],
    )
    both = sum(_pairs(n) for row in table for n in row)
    a, b, total = sum(map(_pairs, rows)), sum(map(_pairs, columns)), _pairs(sum(rows))
    most = total * (a + b) - 2 * a * b
    return (2 * (total * both - a * b)) / most if most else 1.0


def _pairs(n: int) -> int:
    return n * (n - 1) // 2


def best_pairs(table: _Counts) -> list[tuple[int, int]]:
    """Return the one-to-one pairing of leaves that share the most rows; pairs without a row are left out.

    Parameters
    ----------
    table : int64 array of shape (n_first, n_second)

    Returns
    -------
    list of (int, int)
        By leaf of the first partition. Of several best pairings the one in which leaf 0 has the partner of the lowest
        number, then leaf 1, and so on; a partner that shares rows goes before one that shares none.
    """
    side = max(table.shape)
    weight = np.zeros((side, side), dtype=np.int64)
    weight[: table.shape[0], : table.shape[1]] = table
    partner, price = _assigned(weight)
    _lowest_first(weight, partner, price)
    return [(i, int(j)) for i, j in enumerate(partner) if weight[i, j] > 0]


def _assigned(weight: _Counts) -> tuple[Any, tuple[Any, Any]]:
    """Return a heaviest assignment and its prices, by shortest augmenting paths (Kuhn and Munkres), O(n^3).

    Of the prices u, v: u[i] + v[j] >= weight[i, j], and equal on every heaviest assignment.
    """
    n = len(weight)
    far = np.iinfo(np.int64).max // 4
    u, v = np.zeros(n + 1, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    owner = np.full(
        n + 1, -1, dtype=np.int64
    )  # the row of each column; column n: the row that is placed
    for row in range(n):
        owner[n], at = row, n
        least, before = np.full(n, far), np.full(n, n)
        done = np.zeros(n + 1, dtype=bool)
        while owner[at] >= 0:
            done[at] = True
            i = owner[at]
            slack = -weight[i] - u[i] - v[:n]
            closer = ~done[:n] & (slack < least)
            least[closer], before[closer] = slack[closer], at
            at = int(np.argmin(np.where(done[:n], far, least)))
            step = least[at]
            u[owner[done]] += step
            v[done] -= step
            least[~done[:n]] -= step
        while at != n:
            owner[at] = owner[before[at]]
            at = int(before[at])
    partner = np.empty(n, dtype=np.int64)
    partner[owner[:n]] = np.arange(n)
    return partner, (-u[:n], -v[:n])


def _lowest_first(weight: _Counts, partner: Any, price: tuple[Any, Any]) -> None:
    """Change an assignment into the first of its equals: every one of them uses tight edges only."""
    tight = price[0][:, None] + price[1][None, :] == weight
    order = np.arange(len(weight))
    for row in range(len(weight)):
        free = partner[row]
        next_of = _ways_to(free, tight, partner, row)
        wanted = order[tight[row]]
        for column in wanted[np.lexsort((wanted, weight[row, wanted] == 0))]:
            owner = int(np.flatnonzero(partner == column)[0])
            if column == free:
                break
            if owner > row and owner in next_of:
                _shift(partner, owner, next_of)
                partner[row] = column
                break


def _ways_to(free: int, tight: Any, partner: Any, row: int) -> dict[int, int]:
    """Return, of each later row that can give up its column, the column that it takes; the last one takes `free`."""
    next_of: dict[int, int] = {}
    columns = [int(free)]
    while columns:
        column = columns.pop(0)
        for i in np.flatnonzero(tight[:, column]):
            if i > row and int(i) not in next_of and partner[i] != column:
                next_of[int(i)] = column
                columns.append(int(partner[i]))
    return next_of


def _shift(partner: Any, owner: int, next_of: dict[int, int]) -> None:
    """Move every row of the chain to its next column, which its present owner leaves in turn."""
    while True:
        column = next_of[owner]
        holders = [int(i) for i in np.flatnonzero(partner == column) if int(i) != owner]
        partner[owner] = column
        following = [i for i in holders if i in next_of]
        if not following:
            return
        owner = following[0]
