"""What a load did, table by table."""

from dataclasses import dataclass, field

from services.careers.etl.sources import BadRow

SHOWN = 20
"""Bad rows that a report names; more are only counted."""


@dataclass
class TableReport:
    """How the rows of one table fared: `read` is the sum of the other three."""

    table: str
    read: int = 0
    written: int = 0
    unchanged: int = 0
    failed: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)

    def fail(self, bad: BadRow) -> None:
        """Count a row that cannot be used."""
        self.failed += 1
        if len(self.bad_rows) < SHOWN:
            self.bad_rows.append(bad)

    def __str__(self) -> str:
        """Say it in a line, and in one more for each bad row shown."""
        counts = (
            f"{self.table}: {self.read} read, {self.written} written, "
            f"{self.unchanged} unchanged, {self.failed} failed"
        )
        return "\n".join([counts, *(f"  line {bad.line} {bad.reason}" for bad in self.bad_rows)])
