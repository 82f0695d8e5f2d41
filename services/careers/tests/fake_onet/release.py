"""What the fake knows: the tables of a release, of some occupations; of all, code and title."""

import csv
import gzip
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from pathlib import Path

Row = dict[str, str]

CODE = "O*NET-SOC Code"


class Release:
    """Reads tables as they are asked for; rows by occupation, in the publisher's order."""

    def __init__(self, folder: Path, codes: Iterable[str]) -> None:
        self.folder = folder
        self.codes = frozenset(codes)
        self._tables: dict[str, dict[str, list[Row]]] = {}

    def rows(self, table: str, code: str) -> list[Row]:
        """Return the rows of one occupation."""
        if table not in self._tables:
            by_code = defaultdict(list)
            for row in self._lines(table, {*self.codes}):
                by_code[row[CODE]].append(row)
            self._tables[table] = by_code
        return self._tables[table].get(code, [])

    def ratings(self, table: str, code: str, scale: str) -> dict[str, Decimal]:
        """Return element id -> value on a scale."""
        rows = self.rows(table, code)
        return {
            row["Element ID"]: Decimal(row["Data Value"])
            for row in rows
            if row["Scale ID"] == scale
        }

    @cached_property
    def occupations(self) -> dict[str, Row]:
        """All occupations by code."""
        return {row[CODE]: row for row in self._lines("Occupation Data")}

    @cached_property
    def elements(self) -> dict[str, Row]:
        """The content model by element id."""
        return {row["Element ID"]: row for row in self._lines("Content Model Reference")}

    @cached_property
    def zones(self) -> dict[int, Row]:
        """The job zones by number."""
        return {int(row["Job Zone"]): row for row in self._lines("Job Zone Reference")}

    @cached_property
    def education(self) -> dict[str, str]:
        """The levels of required education by category."""
        rows = self._lines("Education, Training, and Experience Categories")
        return {
            row["Category"]: row["Category Description"] for row in rows if row["Scale ID"] == "RL"
        }

    @cached_property
    def contexts(self) -> dict[str, list[Row]]:
        """The answers that workers choose from, by element of work context."""
        found = defaultdict(list)
        for row in self._lines("Work Context Categories"):
            found[row["Element ID"]].append(row)
        return found

    @cached_property
    def wages(self) -> dict[str, Row]:
        """Wages (OEWS) by occupation, where there are any."""
        return self._bls("oews_national_may2025.tsv.gz", "occ_code", "oews_code")

    @cached_property
    def projections(self) -> dict[str, Row]:
        """Employment projections by occupation, where there are any."""
        return self._bls("employment_projections_2024_34.tsv.gz", "soc_code", "bls_ep_code")

    def _bls(self, file: str, key: str, joined_by: str) -> dict[str, Row]:
        rows = {row[key]: row for row in _read(self.folder / "bls" / file)}
        joins = _read(self.folder / "bls" / "onetsoc_to_bls.tsv")
        return {
            join["onetsoc_code"]: rows[join[joined_by]] for join in joins if join[joined_by] in rows
        }

    def _lines(self, table: str, codes: set[str] | None = None) -> Iterator[Row]:
        folders = (self.folder / "onet_30_1", self.folder / "onet_30_1_derived")
        [file] = [at for folder in folders if (at := folder / f"{table}.tsv.gz").exists()]
        return _read(file, codes)


def _read(file: Path, codes: set[str] | None = None) -> Iterator[Row]:
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8", newline="") as lines:
        header = next(lines)
        wanted = (line for line in lines if codes is None or line[:10] in codes)
        yield from csv.DictReader(
            wanted, header.rstrip("\r\n").split("\t"), delimiter="\t", quoting=csv.QUOTE_NONE
        )


def percent(value: Decimal, least: int, most: int) -> int:
    """Return a rating as the API shows it: 0 to 100, half up."""
    return math.floor((value - least) / (most - least) * 100 + Decimal("0.5"))
