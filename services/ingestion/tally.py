"""What became of the postings of a run."""

from collections import Counter
from dataclasses import dataclass, field

from services.ingestion.models import Run
from services.ingestion.sources.shape import BadItem

SHOWN = 20
"""Bad items that a summary names; more are only counted."""


@dataclass
class Tally:
    """Counts of a run, and why postings were passed over."""

    jobs: int = 0
    pages: int = 0
    credits: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    bad_items: list[BadItem] = field(default_factory=list)

    def fail(self, bad: BadItem) -> None:
        """Count an item that is no posting."""
        self.failed += 1
        if len(self.bad_items) < SHOWN:
            self.bad_items.append(bad)

    def count_on(self, run: Run) -> None:
        """Begin with what a run had counted before it was cut short."""
        for name in self.counts():
            if name != "skipped":
                setattr(self, name, getattr(run, name))
        if run.skipped:
            self.skipped["before it was resumed"] = run.skipped

    def counts(self) -> dict[str, int]:
        """Return the counts, as the `runs` table names them."""
        return {
            "jobs": self.jobs,
            "pages": self.pages,
            "credits": self.credits,
            "new": self.new,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": self.skipped.total(),
            "failed": self.failed,
        }

    def __str__(self) -> str:
        """Say it in a line, with one more for each reason and each bad item shown."""
        return "\n".join(
            [
                ", ".join(f"{count} {name}" for name, count in self.counts().items()),
                *(f"  skipped {count}: {reason}" for reason, count in self.skipped.most_common()),
                *(f"  {bad.where}: {bad.reason}" for bad in self.bad_items),
            ]
        )
