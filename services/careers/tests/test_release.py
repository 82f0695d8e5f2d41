"""Releases as they come: every form, renamed tables, tables that ours lacks, and bad lines."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from services.careers.etl.release import read_release
from services.careers.etl.shape import Dossier, Response, WorkContext
from services.careers.etl.tables import (
    BadRow,
    ReleaseUnreadable,
    Table,
    release_version,
    tables_of,
)
from services.careers.tests import releases
from services.careers.tests.conftest import HEADER, ROWS
from services.careers.tests.releases import dossiers, renamed, without, write_folder, write_text

WriteRelease = Callable[..., Path]


@pytest.fixture(scope="module")
def found(shared_data: Path) -> dict[str, releases.Table]:
    """The release's tables, of every 60th occupation."""
    onet = shared_data / "onet"
    return releases.tables(onet, releases.some(onet, 60) | {"17-2141.00", "15-2051.00"})


@pytest.fixture(scope="module")
def expected(
    found: dict[str, releases.Table], tmp_path_factory: pytest.TempPathFactory
) -> list[Dossier]:
    return dossiers(write_folder(tmp_path_factory.mktemp("plain"), found))


def test_the_publishers_zip_of_text_files_says_the_same(
    found: dict[str, releases.Table], expected: list[Dossier], tmp_path: Path
) -> None:
    """The text release lacks titles and names beside the codes: they are in reference tables."""
    bare = {
        "Tasks to DWAs": ("Title", "Task", "DWA Title"),
        "Related Occupations": ("Title", "Related Title"),
        "Occupation Data": (),
        "Content Model Reference": (),
        "Job Zone Reference": (),
    }
    columns = ("Title", "Element Name", "Scale Name")
    text = {name: without(rows, *bare.get(name, columns)) for name, rows in found.items()}
    # A related occupation's title stands in Occupation Data, of which this cut lacks most
    known = {one.onet_code: one.header.title_en for one in expected if one.header}
    read = dossiers(write_text(tmp_path, text))
    assert [one.onet_code for one in read] == [one.onet_code for one in expected]
    for mine, theirs in zip(read, expected, strict=True):
        assert [known.get(one.related_code, "") for one in theirs.related or ()] == [
            one.title for one in mine.related or ()
        ]
        assert mine == theirs


def test_a_release_whose_tables_were_renamed_and_cut_anew_says_the_same(
    found: dict[str, releases.Table], expected: list[Dossier], tmp_path: Path
) -> None:
    """What 30.3 did: skills in two tables, other names of tables and columns."""
    newer = dict(found)
    skills = newer.pop("Skills")
    essential = [row for row in skills if row["Element ID"].startswith("2.A")]
    newer["Essential Skills"] = essential
    newer["Transferable Skills"] = [row for row in skills if row not in essential]
    software = newer.pop("Technology Skills")
    newer["Software Skills"] = renamed(
        software, Example="Workplace Example", Commodity_Title="Element Name"
    )
    newer["Job Titles"] = renamed(newer.pop("Alternate Titles"), Alternate_Title="Job Title")
    newer["Career Interest Types"] = newer.pop("Interests")
    newer["Education"] = newer.pop("Education, Training, and Experience")
    newer["GWAs to IWAs to DWAs"] = newer.pop("DWA Reference")
    assert dossiers(write_folder(tmp_path, newer)) == expected


def test_tables_that_the_shared_release_lacks_are_read_too(
    found: dict[str, releases.Table], tmp_path: Path
) -> None:
    code, element = "17-2141.00", "4.C.1.a.2.h"
    task = next(row["Task ID"] for row in found["Task Statements"] if row[releases.CODE] == code)
    rated = {releases.CODE: code, "Task ID": task, "Category": "n/a"}
    told = {releases.CODE: code, "Element ID": element, "Element Name": "E-Mail"}
    more = found | {
        "Task Ratings": [
            rated | {"Scale ID": "RT", "Data Value": "99.5"},
            rated | {"Scale ID": "IM", "Data Value": "4.37"},
        ],
        "Work Context": [
            told | {"Scale ID": "CX", "Category": "n/a", "Data Value": "4.74"},
            told | {"Scale ID": "CXP", "Category": "4", "Data Value": "25.5"},
            told | {"Scale ID": "CXP", "Category": "5", "Data Value": "74.5"},
        ],
    }
    [read] = [one for one in dossiers(write_folder(tmp_path, more)) if one.onet_code == code]
    assert [one.importance for one in read.tasks or ()][:2] == [84, None]
    answers = ("Once a week or more but not every day", 26), ("Every day", 75)
    [context] = read.work_context or ()
    assert context == WorkContext(
        element, "E-Mail", context.question, 94, tuple(Response(*answer) for answer in answers)
    )
    assert context.question


BAD: list[tuple[str | bytes, str]] = [
    ("15-1252\tSoftware\tcode without its decimals", "has no O*NET-SOC Code but '15-1252'"),
    ("15-1253.00\t \tno title", "has a Title of 0 characters"),
    ("15-1254.00\tToo long\t" + "x" * 10_001, "has a Description of 10001 characters"),
    ("15-1255.00\tNul\tha\0lf", "holds NUL"),
    ("15-1256.00\tTwo cells", "has 2 cells, not 3"),
    (b"15-1257.00\tNot text\t\xff\xfe", "is not UTF-8"),
    (ROWS[0], "repeats 11-1011.00"),
    ("", "has 1 cells, not 3"),
]


def test_bad_lines_are_reported_and_the_others_read(release: WriteRelease) -> None:
    bad: list[tuple[str, BadRow]] = []
    codes, _ = read_release(
        release(*ROWS, *(row for row, _ in BAD)), lambda table, row: bad.append((table, row))
    )
    assert codes == ["11-1011.00", "15-1252.00", "39-5093.00"]
    reasons = enumerate((reason for _, reason in BAD), start=5)
    assert bad == [("careers", BadRow("Occupation Data", line, why)) for line, why in reasons]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Data Value": "much", "Scale ID": "X"}, "has 'much' for a data_value"),
        ({"Data Value": "nan", "Scale ID": "X"}, "has 'nan' for a data_value"),
        ({releases.CODE: "99-9999.00"}, "is about 99-9999.00, which has no title"),
        ({}, "repeats"),
    ],
)
def test_a_bad_rating_is_reported(
    found: dict[str, releases.Table], tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    bad: list[tuple[str, BadRow]] = []
    rows = found["Knowledge"]
    dossiers(
        write_folder(tmp_path, found | {"Knowledge": [*rows, rows[0] | change]}),
        lambda table, row: bad.append((table, row)),
    )
    [(table, row)] = bad
    assert (table, row.table, row.line) == ("career_ksas", "Knowledge", len(rows) + 2)
    assert row.reason.startswith(reason)


def with_byte_order_mark(folder: Path, target: Path) -> Path:
    target.mkdir()
    text = (folder / "Occupation Data.txt").read_bytes()
    (target / "Occupations.tsv").write_bytes(b"\xef\xbb\xbf" + text)
    return target


def in_gzip(folder: Path, target: Path) -> Path:
    (target / "below").mkdir(parents=True)
    text = (folder / "Occupation Data.txt").read_bytes()
    (target / "below" / "Occupation Data.tsv.gz").write_bytes(gzip.compress(text))
    return target


@pytest.mark.parametrize("packed", [in_gzip, with_byte_order_mark])
def test_every_form_of_a_table_is_read(
    release: WriteRelease, tmp_path: Path, packed: Callable[[Path, Path], Path]
) -> None:
    read = dossiers(packed(release(*ROWS), tmp_path / "onet_30_1"))
    assert [one.header.title_en for one in read if one.header] == [
        "Chief Executives",
        "Software Developers",
        "Shampooers and Café Đà Nẵng Hosts",
    ]


def damaged_zip(folder: Path) -> Path:
    (folder / "db_30_1.zip").write_bytes(b"PK no zip at all")
    return folder / "db_30_1.zip"


def cut_gzip(folder: Path) -> Path:
    whole = gzip.compress("\n".join([HEADER, *ROWS * 1000]).encode())
    (folder / "Occupation Data.tsv.gz").write_bytes(whole[:-20])
    return folder


def other_columns(folder: Path) -> Path:
    (folder / "Occupation Data.txt").write_text("Code\tTitle\tDescription\n")
    return folder


def twice(folder: Path) -> Path:
    for place in ("one", "other"):
        (folder / place).mkdir()
        (folder / place / "Occupation Data.txt").write_text("\n".join([HEADER, *ROWS]))
    return folder


def no_version(folder: Path) -> Path:
    (folder / "Occupation Data.txt").write_text("\n".join([HEADER, *ROWS]))
    return folder


@pytest.mark.parametrize("spoil", [damaged_zip, cut_gzip, other_columns, twice, no_version])
def test_a_release_that_cannot_be_read_is_refused_in_a_sentence(
    tmp_path: Path, spoil: Callable[[Path], Path]
) -> None:
    folder = tmp_path / ("spoilt" if spoil is no_version else "spoilt_30_2")
    folder.mkdir()
    with pytest.raises(ReleaseUnreadable, match=r".+"):
        dossiers(spoil(folder))


@pytest.mark.parametrize(
    ("place", "version"),
    [
        ("db_30_2_text.zip/db_30_2_text", "30.2"),
        ("db_30_2_text.zip", "30.2"),
        ("a_b/onet_30_1", "30.1"),
        ("db_9_0", "9.0"),
        ("onet_30_1_derived", "30.1"),
    ],
)
def test_the_version_is_read_from_the_place(place: str, version: str) -> None:
    table = Table("Occupation Data", Path("/data") / place / "x.txt", (), lambda: None)  # type: ignore[arg-type,return-value]
    assert release_version(table) == version


def test_a_file_that_is_no_table_of_ours_is_passed_over(release: WriteRelease) -> None:
    folder = release(*ROWS)
    (folder / "Read Me.txt").write_text("O*NET 30.1\n")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    assert {table.name for table in tables_of(folder)} == {"Occupation Data", "Read Me"}
    assert len(dossiers(folder)) == 3
