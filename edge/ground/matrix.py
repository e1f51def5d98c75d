"""The little linear algebra that a ground plane needs, on tuples of floats: it must work before numpy is installed."""

import math
from collections.abc import Sequence
from typing import Final

Matrix = tuple[tuple[float, ...], ...]
"""Rows of equal length."""
Vector = tuple[float, ...]

_SWEEPS: Final = 60
_SMALL: Final = 1e-15


class SingularError(ValueError):
    """A system of equations has no single solution."""


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    """Compute the inner product of two vectors."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def times(a: Matrix, b: Matrix) -> Matrix:
    """Multiply two matrices."""
    columns = tuple(zip(*b, strict=True))
    return tuple(tuple(dot(row, column) for column in columns) for row in a)


def gram(rows: Sequence[Vector]) -> Matrix:
    """Compute AᵀA of the matrix A with these rows."""
    columns = tuple(zip(*rows, strict=True))
    return tuple(tuple(dot(a, b) for b in columns) for a in columns)


def det3(m: Matrix) -> float:
    """Compute the determinant of a 3 by 3 matrix."""
    return dot(m[0], cross(m[1], m[2]))


def cross(a: Sequence[float], b: Sequence[float]) -> Vector:
    """Compute the cross product of two vectors of three."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def inverse3(m: Matrix) -> Matrix:
    """Invert a 3 by 3 matrix by its adjugate. Raises SingularError."""
    det = det3(m)
    if not math.isfinite(det) or det == 0:
        raise SingularError("a matrix of 3 by 3 has no inverse")
    columns = (cross(m[1], m[2]), cross(m[2], m[0]), cross(m[0], m[1]))
    return tuple(tuple(value / det for value in row) for row in zip(*columns, strict=True))


def solve(matrix: Matrix, right: Sequence[float]) -> Vector:
    """Solve a square system by Gaussian elimination, the greatest pivot of each column first. Raises SingularError."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        best = max(range(i, len(rows)), key=lambda r: abs(rows[r][i]))
        rows[i], rows[best] = rows[best], rows[i]
        if abs(rows[i][i]) < _SMALL or not math.isfinite(rows[i][i]):
            raise SingularError("a system of equations has no single solution")
        for r in range(i + 1, len(rows)):
            share = rows[r][i] / rows[i][i]
            rows[r] = [a - share * b for a, b in zip(rows[r], rows[i], strict=True)]
    found: list[float] = []
    for row in reversed(rows):
        known = len(found)
        at = len(rows) - 1 - known
        found.insert(0, (row[-1] - dot(row[at + 1 : -1], found)) / row[at])
    return tuple(found)


def eigen(symmetric: Matrix) -> tuple[tuple[float, Vector], ...]:
    """Compute the eigenvalues of a symmetric matrix, rising, each with its unit eigenvector.

    Jacobi's method: rotations, each of which makes one pair of off-diagonal elements zero, until all are
    (Golub and Van Loan, Matrix Computations, 8.5).
    """
    a = [list(row) for row in symmetric]
    n = len(a)
    vectors = [[float(i == j) for j in range(n)] for i in range(n)]
    for _ in range(_SWEEPS):
        off = sum(a[i][j] ** 2 for i in range(n) for j in range(i))
        if off <= (_SMALL * sum(a[i][i] ** 2 for i in range(n))) ** 2 or off == 0:
            break
        for p in range(n):
            for q in range(p + 1, n):
                _rotate(a, vectors, p, q)
    pairs = [(a[i][i], tuple(row[i] for row in vectors)) for i in range(n)]
    return tuple(sorted(pairs))


def _rotate(a: list[list[float]], vectors: list[list[float]], p: int, q: int) -> None:
    """Make a[p][q] zero by a rotation in the plane of the two axes."""
    if a[p][q] == 0:
        return
    theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
    t = math.copysign(1.0, theta) / (abs(theta) + math.hypot(theta, 1.0))
    c = 1 / math.hypot(t, 1.0)
    s = t * c
    for row in a:
        row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
    a[p], a[q] = (
        [c * x - s * y for x, y in zip(a[p], a[q], strict=True)],
        [s * x + c * y for x, y in zip(a[p], a[q], strict=True)],
    )
    for row in vectors:
        row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
