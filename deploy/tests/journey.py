"""One hire, end to end, as a frontend would do it: through the gateway, and nothing else.

The same journey runs over every way of running Waymark. Between its steps a test may do harm;
the journey then tries again, as a patient frontend would.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

PASSWORD = "Password123!"
PATIENCE = 60.0  # seconds for one step, whatever is done to the system meanwhile

Harm = Callable[[str], Awaitable[None]]
Mails = Callable[[str], list[str]]
"""Gives the texts of the mails to an address."""


async def _no_harm(step: str) -> None:
    """Leave the system alone."""


@dataclass
class Person:
    """Somebody with a browser."""

    client: httpx.AsyncClient
    number: int
    email: str
    user_id: str = ""
    refresh_token: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    patience: float = PATIENCE

    async def call(
        self,
        method: str,
        path: str,
        *,
        accept: tuple[str, ...] = (),
        once: bool = False,
        **rest: Any,
    ) -> Any:
        """Make a call until it works, and return its data.

        Args:
            method: of the request.
            path: below `/api/v1`.
            accept: error codes that mean "wait and try again" or, after a lost answer, "done";
                the error's code is returned then.
            once: send an Idempotency-Key, the same at every try.
            rest: what httpx takes: json, params.
        """
        headers = dict(self.headers)
        if once:
            headers["Idempotency-Key"] = str(uuid4())
        async with asyncio.timeout(self.patience):
            while True:
                try:
                    answer = await self.client.request(
                        method, f"/api/v1{path}", headers=headers, **rest
                    )
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                    continue
                body = answer.json()
                assert set(body) == {"message", "data", "error"}, body
                if answer.status_code in {503, 504}:
                    await asyncio.sleep(0.1)
                    continue
                if body["error"] is None:
                    return body["data"]
                if body["error"]["code"] in accept:
                    return body["error"]["code"]
                raise AssertionError(f"{method} {path}: {answer.status_code} {body}")

    async def until(
        self, enough: Callable[[Any], object], method: str, path: str, **rest: Any
    ) -> Any:
        """Make a call until its data is `enough`: for what arrives as an event."""
        async with asyncio.timeout(self.patience):
            while not enough(data := await self.call(method, path, **rest)):
                await asyncio.sleep(0.05)
        return data


async def hire(url: str, mails: Mails, between: Harm = _no_harm, number: int = 0) -> None:
    """Hire somebody: two accounts, a company, a job, an application, its success, two messages.

    Args:
        url: of the gateway.
        mails: reads what was mailed.
        between: called with the name of each step before it.
        number: whose hire it is; hires of different numbers share nobody and nothing.
    """
    async with httpx.AsyncClient(base_url=url, timeout=40) as client:
        candidate = Person(client, number, f"hoang{number}@email.com")
        employer = Person(client, number, f"tuyendung{number}@email.com")
        await between("register")
        await register(candidate, "hoangnguyen", 909_123_456, "Nguyễn Văn Hoàng", "Candidate")
        await register(employer, "tuyendung", 912_345_678, "Trần Văn Tuyển Dụng", "Employer")
        await between("verify")
        for person in (candidate, employer):
            await verify(person, mails)
            await log_in(person)
            await _refresh(person)
        await between("company")
        await found_company(employer)
        await between("post")
        job_id = await post_job(employer)
        await between("search")
        await _find_job(candidate, job_id)
        await between("apply")
        apply_id = await apply(candidate, job_id)
        await between("move")
        await _move(employer, job_id, apply_id)
        await between("notified")
        await _notified(candidate, employer)
        await between("messages")
        await write(employer, candidate)


async def register(who: Person, username: str, phone: int, name: str, user_type: str) -> None:
    body = {
        "username": f"{username}{who.number}",
        "password": PASSWORD,
        "email": who.email,
        "phone": f"0{phone + who.number}",
        "name": name,
        "userType": user_type,
    }
    taken = ("EMAIL_TAKEN", "USERNAME_TAKEN", "PHONE_TAKEN")  # the answer was lost, not the deed
    data = await who.call("POST", "/auth/register", json=body, accept=taken)
    assert data in taken or (data["email"], data["isActive"]) == (who.email, False)


async def verify(who: Person, mails: Mails) -> None:
    code = await code_from_mail(who.email, mails)
    body = {"email": who.email, "otpCode": code}
    done = await who.call("POST", "/auth/verify-otp", json=body, accept=("INVALID_OTP",))
    assert done in (True, "INVALID_OTP")  # used already, where the first answer was lost


async def code_from_mail(address: str, mails: Mails, known: str = "") -> str:
    """Return the code that was mailed to `address`; not the one that is `known` already."""

    async def look() -> str | None:
        texts = await asyncio.to_thread(mails, address)
        codes = re.findall(r"\b\d{6}\b", "\n".join(texts))
        return next((code for code in codes if code != known), None)

    return str(await patiently(look))


async def patiently(look: Callable[[], Awaitable[Any]]) -> Any:
    """Look again and again until there is something; give up after `PATIENCE`."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (found := await look()) is not None:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("waited in vain")


async def log_in(who: Person) -> None:
    body = {"emailOrPhone": who.email, "password": PASSWORD}
    data = await who.call("POST", "/auth/login", json=body)
    who.user_id, who.refresh_token = data["user"]["id"], data["refreshToken"]
    who.headers["Authorization"] = f"Bearer {data['accessToken']}"


async def _refresh(who: Person) -> None:
    data = await who.call("POST", "/auth/refresh-token", json={"refreshToken": who.refresh_token})
    who.refresh_token = data["refreshToken"]
    who.headers["Authorization"] = f"Bearer {data['accessToken']}"
    me = await who.call("GET", "/users/me")
    assert (me["id"], me["email"]) == (who.user_id, who.email)


async def found_company(employer: Person) -> None:
    body = {
        "taxNumber": f"0{101_234_567 + employer.number}",
        "name": "Tech Solutions Inc.",
        "foundedDate": "2010-10-10",
        "industry": "Software Outsourcing",
        "size": "100-500",
        "country": "Vietnam",
        "website": "https://techsolutions.com",
    }
    lost = ("TAX_NUMBER_TAKEN", "COMPANY_ALREADY_LINKED")
    made = await employer.call("POST", "/companies", json=body, accept=lost)
    assert made in lost or made["name"] == "Tech Solutions Inc."


async def post_job(employer: Person) -> str:
    body = {
        "jobInfo": {"title": _title(employer), "expireDate": "2099-12-31"},
        "jdInfo": {
            "location": "Ho Chi Minh",
            "salary": "2000-3000 USD",
            "quantity": 5,
            "expYear": 3,
            "level": "Senior",
            "contractType": "Fulltime",
            "jobType": "Hybrid",
            "description": "Mô tả công việc chi tiết...",
        },
        "skillIds": [1, 2],
        "categoryIds": [5],
    }
    # the company's facts may still be on their way to the jobs service
    data = await employer.until(
        lambda it: it != "COMPANY_PROFILE_INCOMPLETE",
        "POST",
        "/jobs/post",
        json=body,
        once=True,
        accept=("COMPANY_PROFILE_INCOMPLETE",),
    )
    return str(data["jobId"])


def _title(who: Person) -> str:
    return f"Senior Backend Developer {_mark(who)}"


def _mark(who: Person) -> int:
    """Return what only his title bears: lower numbers name versions of Java, which the job asks."""
    return 10_000 + who.number


async def _find_job(candidate: Person, job_id: str) -> None:
    query = {"q": f"backend {_mark(candidate)}", "loc": "HoChiMinh", "skill": "Java"}
    found = await candidate.call("GET", "/jobs", params=query)
    assert [job["jobId"] for job in found] == [job_id]
    assert found[0]["companyName"] == "Tech Solutions Inc."
    detail = await candidate.call("GET", f"/jobs/{job_id}")
    assert detail["jobInfo"]["title"] == _title(candidate)
    assert detail["skills"] == ["Java", "Spring Boot"]


async def apply(candidate: Person, job_id: str) -> str:
    body = {"coverLetter": "Tôi có 3 năm kinh nghiệm...", "cvUrl": "https://example.com/cv.pdf"}
    path = f"/jobs/{job_id}/apply"
    applied = await candidate.call("POST", path, json=body, once=True)
    assert applied["status"] == "Applied"
    again = await candidate.call("POST", path, json=body, accept=("ALREADY_APPLIED",))
    assert again == "ALREADY_APPLIED"
    return str(applied["applyId"])


async def _move(employer: Person, job_id: str, apply_id: str) -> None:
    path = f"/jobs/{job_id}/applies"
    [seen] = await employer.until(lambda rows: rows and rows[0]["name"], "GET", path)
    assert (seen["applyId"], seen["name"]) == (apply_id, "Nguyễn Văn Hoàng")
    status = {"status": "Interviewed"}
    moved = await employer.call("PUT", f"/applies/{apply_id}/status", json=status)
    assert moved["status"] == "Interviewed"


async def _notified(candidate: Person, employer: Person) -> None:
    for who, kind in ((candidate, "ApplyStatus"), (employer, "NewApply")):
        notes = await who.until(len, "GET", "/notifications")
        assert [note["type"] for note in notes] == [kind]
        read = await who.call("PUT", f"/notifications/{notes[0]['id']}/read")
        assert read["isRead"] is True


async def write(employer: Person, candidate: Person) -> None:
    for sender, receiver, text in (
        (employer, candidate, "Chào bạn, bên mình đã nhận được CV."),
        (candidate, employer, "Dạ vâng, cảm ơn anh/chị."),
    ):
        body = {"receiverId": receiver.user_id, "content": text}
        sent = await sender.until(
            lambda it: it != "RECEIVER_NOT_FOUND",
            "POST",
            "/messages",
            json=body,
            once=True,
            accept=("RECEIVER_NOT_FOUND",),
        )
        assert sent["status"] == "Sent"
    thread = await candidate.call("GET", "/messages", params={"with_user_id": employer.user_id})
    assert [message["senderId"] for message in thread] == [employer.user_id, candidate.user_id]
