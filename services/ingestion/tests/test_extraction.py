"""Skills out of texts: for whoever asks, and for the backlog of postings."""

import unicodedata
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from sqlmodel import col, select, update

from libs.common import clock
from libs.common.ids import new_id
from libs.common.reference import load_skills
from libs.common.testing import Bench
from services.ingestion.extraction import extract_postings
from services.ingestion.models import Posting
from services.ingestion.skills import EXTRACTOR_VERSION

PATH = "/api/v1/skills/extract"
TEXT = "Python and Docker; python again."
FOUND = {
    "skills": [
        {
            "name": "Python",
            "category": "programming_languages",
            "offsets": [[0, 6], [19, 25]],
            "confidence": 0.99,
        },
        {
            "name": "Docker",
            "category": "tools_technologies",
            "offsets": [[11, 17]],
            "confidence": 0.99,
        },
    ],
    "categories": {
        "programming_languages": ["Python"],
        "frameworks_libraries": [],
        "databases": [],
        "cloud_platforms": [],
        "tools_technologies": ["Docker"],
        "soft_skills": [],
    },
}
XML = (
    "<w:document><w:body><w:p><w:r><w:t>Python and Docker; python</w:t></w:r>"
    '<w:r><w:t xml:space="preserve"> again.</w:t></w:r></w:p></w:body></w:document>'
)


def a_docx(xml: str = XML, part: str = "word/document.xml") -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr(part, xml)
    return file.getvalue()


def a_pdf(text: str = TEXT, more: bytes = b"") -> bytes:
    drawn = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >> stream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    file, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(places)
    trailer = b"trailer << /Root 1 0 R /Size 6 " + more + b">>\n"
    return file + table + trailer + b"startxref\n%d\n%%%%EOF" % len(file)


def ids(*names: str) -> list[int]:
    return sorted(skill.id for skill in load_skills() if skill.name in names)


async def test_a_text_is_read(bench: Bench) -> None:
    answer = await bench.client.post(PATH, json={"text": TEXT})
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == FOUND
    assert answer.json()["message"] == "Đã trích xuất kỹ năng"


@pytest.mark.parametrize(
    "text",
    [
        "\n  \t Python, Docker \n",
        unicodedata.normalize("NFD", "Kỹ sư phần mềm: Python và Docker"),
        "\N{NO-BREAK SPACE}Python Docker",
        "\N{GRINNING FACE} Python \N{GRINNING FACE} Docker",
    ],
)
async def test_offsets_are_those_of_the_text_as_it_was_sent(bench: Bench, text: str) -> None:
    answer = await bench.client.post(PATH, json={"text": text})
    found = {skill["name"]: skill["offsets"] for skill in answer.json()["data"]["skills"]}
    assert found == {name: [[at := text.index(name), at + 6]] for name in ("Python", "Docker")}


@pytest.mark.parametrize(
    "document", [TEXT.encode(), b"\xef\xbb\xbf" + TEXT.encode(), a_docx(), a_pdf()]
)
async def test_a_document_is_read(bench: Bench, document: bytes) -> None:
    answer = await bench.client.post(PATH, files={"file": ("cv", document)})
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == FOUND


@pytest.mark.parametrize(
    "document",
    [
        b"%PDF-1.7 ...",
        a_pdf(more=b"/Encrypt << /Filter /Standard /V 1 /R 2 /O (x) /U (y) /P 0 >>"),
        b"\xff\xfe\x00",
        b"a\x00b",
        b"PK\x03\x04 broken",
        a_docx(part="elsewhere.xml"),
        a_docx()[:-30],
        a_docx(XML[:-5]),
        a_docx(f"<!DOCTYPE x [<!ENTITY e 'Python'>]>{XML}"),
    ],
)
async def test_other_documents_are_refused(bench: Bench, document: bytes) -> None:
    answer = await bench.client.post(PATH, files={"file": ("cv", document)})
    assert answer.status_code == 415, answer.text


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"text": ""}, {"text": " \n"}, {"text": 1}, {"text": "a" * 200_001}),
        *({"text": "a\0"}, {"text": "a", "more": 1}),
    ],
)
async def test_a_bad_body_is_explained(bench: Bench, body: dict[str, object]) -> None:
    answer = await bench.client.post(PATH, json=body)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(
    "document", [b"", b" \n", a_docx("<w:document><w:p/></w:document>"), a_pdf("")]
)
async def test_a_document_without_text_is_refused_as_a_text_without_any(
    bench: Bench, document: bytes
) -> None:
    answer = await bench.client.post(PATH, files={"file": ("cv", document)})
    assert answer.status_code == 422, answer.text
    [problem] = answer.json()["error"]["details"]
    assert (problem["field"], problem["message"]) == ("file", "phải có văn bản")


async def test_a_body_of_another_type_is_refused(bench: Bench) -> None:
    answer = await bench.client.post(PATH, content=TEXT, headers={"content-type": "text/plain"})
    assert answer.status_code == 415


async def saved(bench: Bench, title: str, description: str | None) -> Posting:
    now = clock.now()
    posting = Posting(
        id=new_id(),
        url=f"https://jobs.example/{uuid4()}",
        title=title,
        company=None,
        location=None,
        description=description,
        date_posted=None,
        salary_string=None,
        remote=None,
        source="board",
        title_folded=title.lower(),
        company_folded=None,
        content_hash=b"",
        scraped_at=now,
        updated_at=now,
    )
    async with bench.db.write() as session:
        session.add(posting)
    return posting


async def skills_of(bench: Bench, *postings: Posting) -> list[tuple[list[int], int | None]]:
    """Return what is stored of each: the ids, and who found them."""
    async with bench.db.read() as session:
        rows = [await session.get_one(Posting, posting.id) for posting in postings]
        return [(row.skill_ids, row.extractor_version) for row in rows]


async def test_postings_get_their_skills(bench: Bench) -> None:
    first = await saved(bench, "Java developer", "Spring Boot, PostgreSQL")
    second = await saved(bench, "Gardener", None)
    third = await saved(bench, "Python developer", None)
    async with bench.db.write() as session:
        await extract_postings(session, [first.id, second.id, uuid4()])
    assert await skills_of(bench, first, second, third) == [
        (ids("Java", "Spring Boot", "PostgreSQL"), EXTRACTOR_VERSION),
        ([], EXTRACTOR_VERSION),
        ([], None),
    ]


async def test_what_this_version_has_done_is_not_done_again(bench: Bench) -> None:
    posting = await saved(bench, "Java developer", None)
    async with bench.db.write() as session:
        await extract_postings(session, [posting.id])
        await session.execute(
            update(Posting).where(col(Posting.id) == posting.id).values(skill_ids=[7])
        )
        await extract_postings(session, [posting.id])
        kept = await session.scalar(select(Posting.skill_ids))
    assert kept == [7]
    async with bench.db.write() as session:
        await session.execute(update(Posting).values(extractor_version=None))
        await extract_postings(session, [posting.id])
    assert await skills_of(bench, posting) == [(ids("Java"), EXTRACTOR_VERSION)]
