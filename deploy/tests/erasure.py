"""Two people live a full life here, and erase themselves: no trace of them is left anywhere.

Traces are looked for in every row of every table, in every file of the data folder, and in what the
processes and the embedded PostgreSQL wrote into their logs. Left out are the inner files of
PostgreSQL and RabbitMQ: what is deleted in them is overwritten in their own time (decision 0008).

Like the journey, it runs over every way of running Waymark; others may have lived there before.
"""

import asyncio
import io
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import httpx
import psycopg
from PIL import Image

from deploy.tests import journey
from deploy.tests.identity import dead_within_a_second
from deploy.tests.journey import PASSWORD, Person
from deploy.tests.ledger import quiet
from deploy.tests.systems import System
from libs.common.text import fold

SERVICES = {"auth", "jobs", "applications", "messaging", "careers", "ingestion"}
INNER_FILES = ("postgres/cluster/", "rabbitmq/")
SSN = "079098765432"
SECRET_LINE = "Giấy-khen-học-sinh-giỏi-1999"
PDF = f"%PDF-1.4\n% {SECRET_LINE}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Life:
    """A person, and the words by which he can be recognised."""

    who: Person
    name: str
    username: str
    number: int
    words: list[str] = field(default_factory=list)

    @property
    def traces(self) -> list[str]:
        """Return what must not be found; the number without its first digits is in both forms."""
        known = [self.name, fold(self.name), self.who.email, self.username, f"{self.number}"]
        return [*known, *self.words]


def traces_in(system: System, life: Life) -> dict[str, set[str]]:
    """Return where each trace of a person is found: tables, and files of the data folder."""
    places = {**_rows(system.database_url), **_files(system.folder)}
    found = {
        trace: {place for place, text in places.items() if trace.casefold() in text}
        for trace in life.traces
    }
    return {trace: where for trace, where in found.items() if where}


def _rows(database_url: str) -> dict[str, str]:
    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert {schema for schema, _ in tables} >= SERVICES
        return {
            f"{schema}.{table}": "\n".join(
                row[0]
                for row in connection.execute(
                    f"SELECT row_to_json(t)::text FROM {schema}.{table} t"
                )
            ).casefold()
            for schema, table in tables
        }


def _files(folder: Path) -> dict[str, str]:
    files = {str(f.relative_to(folder)): f for f in folder.rglob("*") if f.is_file()}
    ours = {name: file for name, file in files.items() if not name.startswith(INNER_FILES)}
    assert any(name.endswith(".log") for name in ours)
    return {name: f"{name}\n{_text(file)}".casefold() for name, file in ours.items()}


def _text(file: Path) -> str:
    if file.suffix != ".eml":
        return file.read_bytes().decode("utf-8", "replace")
    mail = message_from_bytes(file.read_bytes(), policy=default)
    parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    return "\n".join([*map(str, mail.values()), *parts])


async def meet(client: httpx.AsyncClient, system: System) -> tuple[Life, Life]:
    """Bring a candidate and an employer into being, signed in."""
    born = []
    for name, kind, number in (
        ("Nguyễn Thị Vô Danh", "Candidate", 987_654_321),
        ("Trần Văn Ẩn Sĩ", "Employer", 976_543_218),
    ):
        username = fold(name).replace(" ", ".")
        who = Person(client, 7, f"{username}@erasure.example")
        await journey.register(who, username, number - 7, name, kind)
        await journey.verify(who, system.mails)
        await journey.log_in(who)
        born.append(Life(who, name, f"{username}7", number))
    candidate, employer = born
    return candidate, employer


async def live(candidate: Life, employer: Life) -> str:
    """Do all that leaves something behind; return the job's id."""
    him, boss = candidate.who, employer.who
    await _tell_of_himself(candidate)
    await journey.found_company(boss)
    job_id = await journey.post_job(boss)
    letter = f"Tôi là {candidate.name}, số {SECRET_LINE}."
    candidate.words += [letter, SECRET_LINE]
    path = f"/jobs/{job_id}/apply"
    applied = await him.call("POST", path, json={"coverLetter": letter}, once=True)
    note = f"{candidate.name} nói chuyện rất khéo"
    candidate.words.append(note)
    await boss.call("PUT", f"/applies/{applied['applyId']}/status",
                    json={"status": "Interviewed", "note": note})  # fmt: skip
    await journey.write(boss, him)
    await him.until(lambda told: len(told) >= 2, "GET", "/notifications")
    await boss.until(lambda told: len(told) >= 2, "GET", "/notifications")
    address = await boss.call("PUT", "/users/me", json={"address": "Số 9 Ngõ Vắng, Huế"})
    assert address["id"] == boss.user_id
    employer.words.append("Số 9 Ngõ Vắng")
    # what goes wrong is logged: an address taken, a wrong password, a mail that nobody waits for
    body = {"username": "another", "password": PASSWORD, "email": him.email, "name": "Ai Đó"}
    assert await boss.call("POST", "/auth/register", json=body, accept=("EMAIL_TAKEN",))
    wrong = {"emailOrPhone": f"0{candidate.number}", "password": "Wrong123!"}
    assert await him.call("POST", "/auth/login", json=wrong, accept=("INVALID_CREDENTIALS",))
    await him.call("POST", "/auth/forgot-password", json={"email": him.email})
    return job_id


async def _tell_of_himself(candidate: Life) -> None:
    him = candidate.who
    me = {"name": candidate.name, "address": "Hẻm 42 Phố Quên", "dob": "1999-02-28", "ssn": SSN}
    await him.call("PUT", "/users/me", json=me)
    profile = {"location": "Xóm Núi", "skills": ["Đan lưới"], "target_roles": ["Ngư dân"]}
    await him.call("PUT", "/auth/me", json=profile)
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(picture, "PNG")
    await him.call("POST", "/users/me/avatar", files={"file": ("me.png", picture.getvalue())})
    upload = {"file": (f"{SECRET_LINE}.pdf", PDF.encode())}
    await him.call("PUT", "/candidates/me/cv", files=upload)
    await him.call("PUT", "/candidates/me/skills", json={"skillIds": [1, 2]})
    job = {"comName": "Hợp Tác Xã Lưới", "position": "Thợ", "startTime": "2020-01-01"}
    await him.call("POST", "/candidates/me/job-history", json=job)
    candidate.words += ["Hẻm 42 Phố Quên", "Xóm Núi", "Đan lưới", "Ngư dân", "Hợp Tác Xã Lưới"]


async def check_copy(candidate: Life) -> None:
    """Hold the copy to everything that he told, the sealed number too."""
    copy = await candidate.who.call("GET", "/users/me/export")
    assert copy.keys() == {"exportedAt", *SERVICES}
    text = str(copy).casefold()
    told = [trace for trace in candidate.traces if trace != fold(candidate.name)]
    assert [trace for trace in (*told, SSN) if trace.casefold() not in text] == []
    assert len(copy["messaging"]["messages"]) == 2
    assert len(copy["messaging"]["notifications"]) >= 2
    picture = await candidate.who.client.get(copy["auth"]["person"]["avatarUrl"])
    assert picture.headers["content-type"] == "image/webp"


async def erase(life: Life) -> str:
    """Erase a person, whose tokens are dead at once; return the erasure's id."""
    body = {"password": PASSWORD}
    erased = await life.who.call("DELETE", "/users/me", json=body)
    await dead_within_a_second(life.who)
    again = await life.who.client.request(
        "DELETE", "/api/v1/users/me", json=body, headers=life.who.headers
    )
    assert again.status_code == 401
    spent = {"refreshToken": life.who.refresh_token}
    refreshed = await life.who.client.post("/api/v1/auth/refresh-token", json=spent)
    assert refreshed.status_code == 401
    return str(erased["erasureId"])


async def completed(anybody: Person, erasure_id: str) -> None:
    """Wait for the receipt of every service."""
    stranger = Person(anybody.client, 0, "")
    done = await stranger.until(
        lambda it: it["status"] == "completed", "GET", f"/privacy/erasures/{erasure_id}"
    )
    assert {receipt["service"] for receipt in done["receipts"]} == SERVICES


async def the_other_side(candidate: Life, employer: Life, job_id: str) -> None:
    """Hold the employer's view to being whole, but for who it was."""
    him, boss = candidate.who, employer.who
    thread = await boss.call("GET", "/messages", params={"with_user_id": him.user_id})
    assert [one["senderId"] for one in thread] == [boss.user_id, him.user_id]
    told = await boss.call("GET", "/notifications")
    assert all("một người dùng" in one["content"] for one in told)
    assert him.user_id not in str(told)
    [seen] = await boss.call("GET", f"/jobs/{job_id}/applies")
    unknown = dict.fromkeys(("name", "email", "cvUrl", "coverLetter"))
    assert seen | unknown | {"status": "Withdrawn"} == seen
    body = {"receiverId": him.user_id, "content": "Bạn còn đó không?"}
    gone = "RECEIVER_NOT_FOUND"
    assert await boss.call("POST", "/messages", json=body, accept=(gone,)) == gone


async def leave_no_trace(system: System, *, down: str = "") -> None:
    """Let the two live, and erase both; `down` is a service that is dead when the first goes."""
    await asyncio.to_thread(quiet, system.database_url)
    mails_of_others = set(system.mail.glob("*"))
    async with httpx.AsyncClient(base_url=system.url, timeout=40) as client:
        candidate, employer = await meet(client, system)
        job_id = await live(candidate, employer)
        await check_copy(candidate)
        await asyncio.to_thread(quiet, system.database_url)
        before = traces_in(system, candidate)
        assert before.keys() == set(candidate.traces) - {fold(candidate.name)}  # it looks right
        assert not [where for where in set().union(*before.values()) if where.endswith(".log")]
        assert SSN not in str(_rows(system.database_url))
        if down:
            await asyncio.to_thread(system.kill, down)
        erasure_id = await erase(candidate)
        if down:
            await _wait_for(down, candidate.who, erasure_id)
            await asyncio.to_thread(system.start, down)
        await completed(employer.who, erasure_id)
        await asyncio.to_thread(quiet, system.database_url)
        assert traces_in(system, candidate) == {}
        await the_other_side(candidate, employer, job_id)
        assert traces_in(system, employer).keys() == set(employer.traces) - {fold(employer.name)}
        await completed(employer.who, await erase(employer))
        await asyncio.to_thread(quiet, system.database_url)
        assert traces_in(system, employer) == {}
        assert set(system.mail.glob("*")) == mails_of_others
        shown = await client.get(f"/api/v1/jobs/{job_id}")
        assert shown.json()["data"]["jobInfo"]["status"] == "Closed"
        await meet(client, system)  # address, number and name are free again


async def _wait_for(down: str, anybody: Person, erasure_id: str) -> None:
    """Wait until all but one have given their receipts."""
    stranger = Person(anybody.client, 0, "")
    pending = await stranger.until(
        lambda it: len(it["receipts"]) == len(SERVICES) - 1,
        "GET",
        f"/privacy/erasures/{erasure_id}",
    )
    assert pending["status"] == "pending"
    assert down not in {receipt["service"] for receipt in pending["receipts"]}
