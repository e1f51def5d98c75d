"""The rows of `passant bench privacy` as a table."""

from collections.abc import Iterator

from edge.cli.bench.tally import Row

_HEAD = (
    f"{'set':<8}{'what':<14}{'level':<21}{'boxes':>6}{'>=95 %':>9}{'not black':>11}{'leaking':>11}{'at most':>9}"
    f"{'black':>7}{'late':>6}{'area':>8}{'x boxes':>9}{'frames/s':>10}{'CPU ms':>8}"
)


def table(rows: list[Row]) -> str:
    """Write one line a row, under a head."""
    return "\n".join([_HEAD, *map(_line, rows)])


def misses(rows: list[Row], most: int) -> Iterator[str]:
    """Write the worst boxes of each row: file, frame, size and covered share."""
    for row in rows:
        for miss in row.misses[:most]:
            width, height = miss.size
            where = f"{miss.file} frame {miss.frame}"
            yield f"  {row.truth} {row.sought} {row.by}: {where}: {width}x{height} px, {miss.covered:.1%} covered"


def _line(row: Row) -> str:
    leaking = f"{row.leaking}/{row.tracks}"
    fps, cpu_ms = (f"{row.pace.fps:.2f}", f"{row.pace.cpu_ms:.0f}") if row.pace else ("-", "-")
    return (
        f"{row.truth:<8}{row.sought:<14}{row.by:<21}{row.boxes:>6}{row.share:>9.2%}{row.share_shown:>11.2%}{leaking:>11}"
        f"{row.leak_bound:>9.1%}{row.black:>7}{row.black_late:>6}{row.area:>8.1%}{row.area_over_boxes:>9.2f}{fps:>10}{cpu_ms:>8}"
    )
