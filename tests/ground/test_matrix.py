"""The algebra: what is multiplied back gives what one began with."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.ground.matrix import Matrix, SingularError, det3, dot, eigen, gram, inverse3, solve, times

numbers = st.floats(-10, 10)


def square(n: int) -> st.SearchStrategy[Matrix]:
    return st.lists(st.tuples(*(numbers,) * n), min_size=n, max_size=n).map(tuple)


@given(square(3))
def test_an_inverse_undoes_its_matrix(matrix: Matrix) -> None:
    assume(abs(det3(matrix)) > 1)
    product = times(matrix, inverse3(matrix))
    assert [value for row in product for value in row] == pytest.approx([1, 0, 0, 0, 1, 0, 0, 0, 1], abs=1e-9)


@given(square(5), st.tuples(*(numbers,) * 5))
def test_a_solution_solves(matrix: Matrix, wanted: tuple[float, ...]) -> None:
    values = [value for value, _ in eigen(gram(matrix))]
    assume(values[0] > 1e-2)
    right = [dot(row, wanted) for row in matrix]
    assert solve(matrix, right) == pytest.approx(wanted, abs=1e-6)


def test_what_has_no_single_solution_is_told() -> None:
    with pytest.raises(SingularError):
        solve(((1.0, 2.0), (2.0, 4.0)), (1.0, 2.0))
    with pytest.raises(SingularError):
        inverse3(((1.0, 2.0, 3.0), (2.0, 4.0, 6.0), (0.0, 0.0, 1.0)))


@given(square(6))
def test_eigenvectors_are_only_stretched(matrix: Matrix) -> None:
    symmetric = gram(matrix)
    found = eigen(symmetric)
    scale = max(1.0, found[-1][0])
    assert [value for value, _ in found] == sorted(value for value, _ in found)
    for value, vector in found:
        assert dot(vector, vector) == pytest.approx(1)
        stretched = [dot(row, vector) for row in symmetric]
        assert stretched == pytest.approx([value * v for v in vector], abs=1e-9 * scale)
