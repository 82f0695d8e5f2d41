"""What became of the postings of a run."""

from collections import Counter
from dataclasses import dataclass, field

from services.ingestion.sources.shape import BadLine

SHOWN = 20
"""Bad lines that a summary names; more are only counted."""


@dataclass
class Tally:
    """Counts of a run, and why postings were passed over."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    bad_lines: list[BadLine] = field(default_factory=list)

    def fail(self, bad: BadLine) -> None:
        """Count a line that is no posting."""
        self.failed += 1
        if len(self.bad_lines) < SHOWN:
            self.bad_lines.append(bad)

    def counts(self) -> dict[str, int]:
        """Return the five counts, as the `runs` table names them."""
        return {
            "new": self.new,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": self.skipped.total(),
            "failed": self.failed,
        }

    def __str__(self) -> str:
        """Say it in a line, with one more for each reason and each bad line shown."""
        return "\n".join(
            [
                ", ".join(f"{count} {name}" for name, count in self.counts().items()),
                *(f"  skipped {count}: {reason}" for reason, count in self.skipped.most_common()),
                *(f"  line {bad.line}: {bad.reason}" for bad in self.bad_lines),
            ]
        )
