"""The worker's end of the pipes between it and the command."""

import sys
from collections.abc import Iterator
from typing import BinaryIO

from edge.vision.files.orders import Line, Order, Setup, pack, unpack


class Post:
    """Where orders come from and answers go."""

    def __init__(self, orders: BinaryIO, answers: BinaryIO) -> None:
        self._orders = orders
        self._answers = answers

    def setup(self) -> Setup:
        """Read the first line."""
        line = unpack(self._orders.readline())
        if not isinstance(line, Setup):
            raise TypeError("the first line is a Setup")
        return line

    def orders(self) -> Iterator[Order]:
        """Give the orders as they come, until there are no more."""
        for data in self._orders:
            line = unpack(data)
            if not isinstance(line, Order):
                raise TypeError("an Order must follow")
            yield line

    def say(self, line: Line) -> None:
        """Answer; whoever has nobody to answer any more ends."""
        try:
            self._answers.write(pack(line))
            self._answers.flush()
        except BrokenPipeError:
            sys.exit(0)
