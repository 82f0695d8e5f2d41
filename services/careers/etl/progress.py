"""Shows a run to whoever watches: a bar and a table on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from services.careers.etl.report import Counts, Report

Advance = Callable[[], None]
"""To be called for each thing that is done."""
Steps = Callable[[str, int], AbstractContextManager[Advance]]
"""Begins to show that of a number of things are done more and more."""

_TENTHS = 10


@contextmanager
def steps(label: str, total: int) -> Iterator[Advance]:
    """Show on standard error how much of `total` is done, as long as the block lasts."""
    show = _bar if sys.stderr.isatty() else _lines
    with show(label, total, sys.stderr) as advance:
        yield advance


@contextmanager
def _bar(label: str, total: int, file: TextIO) -> Iterator[Advance]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(file=file)) as bar:
        task = bar.add_task(label, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def _lines(label: str, total: int, file: TextIO) -> Iterator[Advance]:
    """Say it in ten lines, for logs."""
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done * _TENTHS // total > (done - 1) * _TENTHS // total:
            print(f"{label} {done}/{total}", file=file)

    yield advance


def tell(text: str) -> None:
    """Say on standard error what is about to be done."""
    print(text, file=sys.stderr)


def show(report: Report) -> None:
    """Print a report on standard output, and what failed on standard error."""
    if sys.stdout.isatty():
        Console().print(_table(report))
    else:
        for name, counts in report.tables.items():
            print(f"{name}: {_line(counts)}")
    for problem in report.problems:
        print(f"  {problem}", file=sys.stderr)
    if (more := report.failures - len(report.problems)) > 0:
        print(f"  and {more:,} more", file=sys.stderr)


def _line(counts: Counts) -> str:
    return ", ".join(f"{number} {what}" for what, number in asdict(counts).items())


def _table(report: Report) -> Table:
    table = Table("table")
    for what in asdict(Counts()):
        table.add_column(what, justify="right")
    for name, counts in report.tables.items():
        table.add_row(name, *(f"{number:,}" for number in asdict(counts).values()))
    return table
