"""People who use the identity service: the seed's bodies, and the steps that tests share."""

import re
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from libs.common.testing import Bench

PASSWORD = "Password123!"
HOANG = {
    "username": "hoangnguyen",
    "password": PASSWORD,
    "email": "hoang@email.com",
    "phone": "0909123456",
    "name": "Nguyễn Văn Hoàng",
    "userType": "Candidate",
}
COMPANY = {
    "taxNumber": "0101234567",
    "name": "Tech Solutions Inc.",
    "foundedDate": "2010-10-10",
    "industry": "Software Outsourcing",
    "size": "100-500",
    "country": "Vietnam",
    "website": "https://techsolutions.com",
}


async def post(bench: Bench, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await bench.client.post(f"/api/v1{path}", json=body, headers=headers)


async def register(bench: Bench, **changes: Any) -> httpx.Response:
    body = {key: value for key, value in (HOANG | changes).items() if value is not None}
    return await post(bench, "/auth/register", body)


async def code_mailed(bench: Bench) -> str:
    """Work off the mail, and read the code in the last one."""
    await bench.settle()
    body = bench.mail.sent[-1].get_body(("plain",))
    assert body is not None
    [code] = re.findall(r"\b\d{6}\b", body.get_content())
    return str(code)


async def verify(bench: Bench, code: str, email: str = HOANG["email"]) -> httpx.Response:
    return await post(bench, "/auth/verify-otp", {"email": email, "otpCode": code})


async def log_in(bench: Bench, login: str = HOANG["email"], password: str = PASSWORD) -> Any:
    return await post(bench, "/auth/login", {"emailOrPhone": login, "password": password})


async def sign_up(bench: Bench, **changes: Any) -> dict[str, Any]:
    """Register, verify, log in; return the login's data."""
    email = changes.get("email", HOANG["email"])
    assert (await register(bench, **changes)).status_code == 201
    assert (await verify(bench, await code_mailed(bench), email)).status_code == 200
    answer = await log_in(bench, email)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def new_account(bench: Bench, **changes: Any) -> UUID:
    """Register only; return the account's id."""
    answer = await register(bench, **changes)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["data"]["userId"])


async def pass_time(bench: Bench, table: str, interval: str) -> None:
    """Make what stands in `table` older by `interval`."""
    columns = {
        "one_time_codes": ("created_at", "expires_at"),
        "refresh_tokens": ("created_at", "expires_at", "spent_at"),
    }[table]
    moved = ", ".join(f"{column} = {column} - interval '{interval}'" for column in columns)
    async with bench.db.write() as session:
        await session.execute(text(f"UPDATE {table} SET {moved}"))


def code_of(answer: httpx.Response) -> str:
    """Return the error code of an answer in the envelope."""
    body = answer.json()
    assert set(body) == {"message", "data", "error"}
    assert body["data"] is None
    code: str = body["error"]["code"]
    assert body["message"] != f"errors.{code}"
    return code
