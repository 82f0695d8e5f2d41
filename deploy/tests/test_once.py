"""Twenty parallel identical applications are one: one row, one notification, one mail."""

import asyncio
import email
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg.rows import DictRow, dict_row

from deploy.tests import journey
from deploy.tests.identity import sign_up
from deploy.tests.journey import Person
from deploy.tests.ledger import quiet
from deploy.tests.systems import System
from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.events import Message

NUMBER = 8100  # of the people here, whom no other test knows
AT_ONCE = 20


@contextmanager
def database(system: System) -> Iterator[psycopg.Connection[DictRow]]:
    with psycopg.connect(system.database_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


async def test_twenty_at_once_are_one_in_the_end(demo: System) -> None:
    async with httpx.AsyncClient(base_url=demo.url, timeout=40) as client:
        employer = await sign_up(client, NUMBER, "Employer", demo.mails)
        candidate = await sign_up(client, NUMBER + 1, "Candidate", demo.mails)
        await journey.found_company(employer)
        job_id = await journey.post_job(employer)
        assert await _apply_at_once(candidate, job_id) == ["201"] + ["ALREADY_APPLIED"] * 19
        await employer.until(len, "GET", "/notifications")
        await _mailed(demo, employer)
        one = await asyncio.to_thread(_what_there_is, demo, employer, candidate)
        assert one == {"applied": 1, "told": ["NewApply"], "counted": 1, "mails": 1}
        await asyncio.to_thread(_tell_again, demo, candidate)
        assert await asyncio.to_thread(_what_there_is, demo, employer, candidate) == one
        [note] = await employer.call("GET", "/notifications")
        assert (note["type"], note["isRead"]) == ("NewApply", False)


async def _apply_at_once(candidate: Person, job_id: str) -> list[str]:
    async def one() -> str:
        answer = await candidate.client.post(
            f"/api/v1/jobs/{job_id}/apply",
            json={"coverLetter": "Một lần thôi.", "cvUrl": "https://example.com/cv.pdf"},
            headers=candidate.headers,
        )
        error = answer.json()["error"]
        return error["code"] if error else str(answer.status_code)

    return sorted(await asyncio.gather(*(one() for _ in range(AT_ONCE))))


async def _mailed(system: System, reader: Person) -> None:
    async def look() -> int | None:
        return await asyncio.to_thread(_mails, system.mail, reader.email) or None

    await journey.patiently(look)


def _mails(folder: Path, address: str) -> int:
    """Count the mails to somebody that are about an application."""
    mails = [
        email.message_from_bytes(file.read_bytes(), policy=default) for file in folder.glob("*.eml")
    ]
    return sum(mail["To"] == address and "ứng tuyển" in mail["Subject"] for mail in mails)


def _what_there_is(system: System, employer: Person, candidate: Person) -> dict[str, Any]:
    """Return what the application has led to, once nothing waits any more."""
    quiet(system.database_url)
    with database(system) as connection:

        def values(statement: str, whose: Person) -> list[Any]:
            found = connection.execute(statement, [whose.user_id])
            return [row["value"] for row in found]

        applied = "SELECT id AS value FROM applications.applications WHERE candidate_id = %s"
        told = "SELECT type AS value FROM messaging.notifications WHERE user_id = %s"
        counted = "SELECT job_id AS value FROM jobs.job_applies WHERE candidate_id = %s"
        return {
            "applied": len(values(applied, candidate)),
            "told": values(told, employer),
            "counted": len(values(counted, candidate)),
            "mails": _mails(system.mail, employer.email),
        }


def _tell_again(system: System, candidate: Person) -> None:
    """Say once more that he applied: as a new message, and that one a second time."""
    message = Message.of(_fact(system, UUID(candidate.user_id)))
    for _ in range(2):
        with database(system) as connection:
            connection.execute(
                "INSERT INTO applications.outbox (id, name, body) VALUES (%s, %s, %s)",
                [message.id, message.name, message.body.decode()],
            )
        quiet(system.database_url)
        with database(system) as connection:
            heard = connection.execute(
                "SELECT handler, state FROM messaging.inbox WHERE message_id = %s", [message.id]
            ).fetchall()
        assert heard == [{"handler": "on_application_submitted", "state": "done"}]


def _fact(system: System, candidate_id: UUID) -> ApplicationSubmitted:
    with database(system) as connection:
        row = connection.execute(
            """
            SELECT id, job_id, title, company_name, employer_id, name, applied_at
            FROM applications.applications JOIN applications.job_snapshots USING (job_id)
            JOIN applications.candidate_snapshots USING (candidate_id) WHERE candidate_id = %s
            """,
            [candidate_id],
        ).fetchone()
    assert row is not None
    assert isinstance(row["applied_at"], datetime)
    return ApplicationSubmitted(
        application_id=row["id"],
        job_id=row["job_id"],
        job_title=row["title"],
        company_name=row["company_name"],
        employer_id=row["employer_id"],
        candidate_id=candidate_id,
        candidate_name=row["name"],
        submitted_at=row["applied_at"],
    )
