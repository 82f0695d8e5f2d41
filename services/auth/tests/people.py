"""People who use the identity service: the seed's bodies, and the steps that tests share."""

import re
from typing import Any
from uuid import UUID

import httpx
import jwt
from sqlalchemy import text

from libs.common.identity import Role
from libs.common.testing import Bench, make_token, signed_in

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


def bearer(data: dict[str, Any]) -> dict[str, str]:
    """Return the headers of whoever got `data` when he signed in, as the bench's verifier likes."""
    claims = jwt.decode(data["accessToken"], options={"verify_signature": False})
    token = make_token(Role(claims["role"]), UUID(claims["sub"]), sid=claims["sid"])
    return {"Authorization": f"Bearer {token}"}


def session_in(data: dict[str, Any]) -> str:
    """Return the id of the session that `data` opened."""
    claims = jwt.decode(data["accessToken"], options={"verify_signature": False})
    return str(claims["sid"])


async def new_account(bench: Bench, **changes: Any) -> UUID:
    """Register only; return the account's id."""
    answer = await register(bench, **changes)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["data"]["userId"])


Who = tuple[Role, UUID]
BINH = {"username": "binh", "email": "binh@email.com", "phone": None, "name": "Lê Thị Bình"}
"""What makes a second account another one."""


async def candidate(bench: Bench, **changes: Any) -> Who:
    """Register a candidate."""
    return Role.CANDIDATE, await new_account(bench, **changes)


async def employer(bench: Bench, **changes: Any) -> Who:
    """Register an employer."""
    return Role.EMPLOYER, await new_account(bench, userType="Employer", **changes)


async def activate_all(bench: Bench) -> None:
    """Take every address for proven."""
    async with bench.db.write() as session:
        await session.execute(text("UPDATE accounts SET is_active = true"))


async def call(
    bench: Bench, method: str, path: str, who: Who | tuple[Role] | None = None, body: Any = None
) -> Any:
    """Make a call as `who`; a role alone is somebody without an account."""
    headers = signed_in(*who) if who else {}
    return await bench.client.request(method, f"/api/v1{path}", headers=headers, json=body)


def fields_of(answer: httpx.Response) -> list[str]:
    """Return the fields that a 422 names."""
    assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR"), answer.text
    return [problem["field"] for problem in answer.json()["error"]["details"]]


async def pass_time(bench: Bench, table: str, interval: str) -> None:
    """Make what stands in `table` older by `interval`."""
    columns = {
        "accounts": ("created_at",),
        "one_time_codes": ("created_at", "expires_at", "counted_since"),
        "refresh_tokens": ("created_at", "expires_at", "spent_at"),
        "sessions": ("created_at", "last_used_at", "expires_at", "revoked_at"),
        "revocations": ("revoked_at",),
        "sign_in_failures": ("last_failed_at", "locked_until"),
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
