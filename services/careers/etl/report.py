"""What a run did, table by table."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from services.careers.etl.tables import BadRow

SHOWN = 20
"""Bad rows that a report names; more are only counted."""


@dataclass
class Counts:
    """How the rows of one table fared: `read` is the sum of `written`, `unchanged`, `failed`."""

    read: int = 0
    written: int = 0
    unchanged: int = 0
    absent: int = 0
    """Occupations of which the sources have nothing for this table."""
    failed: int = 0


@dataclass
class Report:
    """What a run did."""

    tables: dict[str, Counts]
    problems: list[str] = field(default_factory=list)
    """What failed and why, the first of them."""

    @classmethod
    def of(cls, tables: Iterable[str]) -> "Report":
        """Begin the report of a run that fills `tables`."""
        return cls({table: Counts() for table in tables})

    def wrote(self, table: str, rows: int) -> None:
        """Count rows that were new or different."""
        self.tables[table].read += rows
        self.tables[table].written += rows

    def kept(self, table: str, rows: int) -> None:
        """Count rows that are as they were."""
        self.tables[table].read += rows
        self.tables[table].unchanged += rows

    def fail(self, table: str, problem: BadRow | str) -> None:
        """Count a row that cannot be used."""
        self.tables[table].read += 1
        self.tables[table].failed += 1
        if len(self.problems) < SHOWN:
            self.problems.append(str(problem))

    @property
    def failures(self) -> int:
        """How many rows failed, over all tables."""
        return sum(counts.failed for counts in self.tables.values())

    def as_json(self) -> dict[str, Any]:
        """Return it as the ledger keeps it."""
        return asdict(self)
