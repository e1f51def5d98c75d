"""Cells: shown once nothing was in them for a while, hidden again as soon as something is."""

import numpy as np

from edge.units import NS_PER_S
from edge.vision.anonymise.cells import CELL_PX, QUIET_S, Cells
from edge.vision.frame import MASKED, SHOWN, Cover

# Neither side is a whole number of cells.
SIZE = (5 * CELL_PX + 3, 3 * CELL_PX + 1)


def nobody() -> Cover:
    return np.full(SIZE[::-1], SHOWN, np.uint8)


def test_everything_is_hidden_until_it_was_quiet_for_long_enough() -> None:
    cells = Cells(SIZE)
    assert (cells.see(nobody(), 0) == MASKED).all()
    assert (cells.see(nobody(), round((QUIET_S - 0.1) * NS_PER_S)) == MASKED).all()
    assert (cells.see(nobody(), round(QUIET_S * NS_PER_S)) == SHOWN).all()


def test_a_single_pixel_hides_its_cell_and_no_other() -> None:
    cells = Cells(SIZE)
    cells.see(nobody(), 0)
    cells.see(nobody(), 10 * NS_PER_S)
    corner = nobody()
    corner[-1, -1] = MASKED
    hidden = cells.see(corner, 11 * NS_PER_S) == MASKED
    assert hidden[-1, -1]
    assert hidden.sum() == (SIZE[0] - 5 * CELL_PX) * (SIZE[1] - 3 * CELL_PX)
    assert (cells.see(nobody(), 12 * NS_PER_S) == MASKED).sum() == hidden.sum()
    assert (cells.see(nobody(), 17 * NS_PER_S) == SHOWN).all()


def test_after_a_new_start_nothing_is_proven() -> None:
    cells = Cells(SIZE)
    cells.see(nobody(), 0)
    assert (cells.see(nobody(), 10 * NS_PER_S) == SHOWN).all()
    cells.start_again()
    assert (cells.see(nobody(), 11 * NS_PER_S) == MASKED).all()
