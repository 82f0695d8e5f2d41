"""Everything that the identity service promises (contract §2), tried through the gateway.

Like the journey, it runs over every way of running Waymark.
"""

import asyncio
import io
import re
import time
from typing import Any

import httpx
from PIL import Image

from deploy.tests import journey
from deploy.tests.journey import PASSWORD, Mails, Person, code_from_mail

NEW_PASSWORD = "NewPassword123!"
A_SECOND = 1.0
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


async def sign_up(client: httpx.AsyncClient, number: int, kind: str, mails: Mails) -> Person:
    """Make an active account and sign in."""
    who = Person(client, number, f"{kind.lower()}{number}@identity.example")
    name = {"Candidate": "Nguyễn Văn Hoàng", "Employer": "Trần Văn Tuyển Dụng"}[kind]
    await journey.register(who, f"{kind.lower()}.", 920_000_000, name, kind)
    await journey.verify(who, mails)
    await journey.log_in(who)
    return who


async def refused(who: Person, code: str, method: str, path: str, **rest: Any) -> httpx.Response:
    """Make a call that must be refused with `code`."""
    answer = await who.client.request(method, f"/api/v1{path}", headers=who.headers, **rest)
    assert answer.json()["error"]["code"] == code, f"{method} {path}: {answer.text}"
    return answer


async def another_device(who: Person, password: str = PASSWORD) -> Person:
    """Sign the same person in once more."""
    other = Person(who.client, who.number, who.email)
    body = {"emailOrPhone": who.email, "password": password}
    data = await other.call("POST", "/auth/login", json=body)
    other.user_id, other.refresh_token = data["user"]["id"], data["refreshToken"]
    other.headers["Authorization"] = f"Bearer {data['accessToken']}"
    return other


async def dead_within_a_second(who: Person) -> None:
    """Hold a signed-out device's access token to being refused everywhere, and soon."""
    begun = time.monotonic()
    for path in ("/users/me", "/notifications"):
        while True:
            answer = await who.client.get(f"/api/v1{path}", headers=who.headers)
            if answer.status_code == 401:
                break
            assert time.monotonic() - begun < A_SECOND, f"{path} still answers"
            await asyncio.sleep(0.02)
        assert answer.json()["error"]["code"] == "TOKEN_INVALID"


async def people(candidate: Person) -> None:
    """Read and change oneself, by seed B and by seed N."""
    body = {"name": "Nguyễn Văn Hoàng", "address": "Hà Nội", "dob": "2000-05-20",
            "ssn": "079098765432"}  # fmt: skip
    changed = await candidate.call("PUT", "/users/me", json=body)
    assert changed == {"id": candidate.user_id, "name": body["name"], "dob": "2000-05-20"}
    me = await candidate.call("GET", "/users/me")
    assert {key: me[key] for key in body} == body
    await refused(candidate, "UNDERAGE", "PUT", "/users/me", json={"dob": "2020-01-01"})
    profile = {"full_name": "Nguyễn Văn Hoàng", "skills": ["Python"], "target_roles": ["Backend"],
               "experience_level": "Mid", "location": "Hà Nội"}  # fmt: skip
    await candidate.call("PUT", "/auth/me", json=profile)
    assert await candidate.call("GET", "/auth/me") == profile | {"email": candidate.email}


async def files(candidate: Person, employer: Person) -> None:
    """A picture and a CV go up, and come down by links that nobody else gets."""
    picture = io.BytesIO()
    Image.new("RGB", (600, 300), "teal").save(picture, "PNG")
    upload = {"file": ("me.txt", picture.getvalue(), "text/plain")}
    avatar = (await candidate.call("POST", "/users/me/avatar", files=upload))["avatarUrl"]
    got = await candidate.client.get(avatar)
    assert (got.status_code, got.headers["content-type"]) == (200, "image/webp")
    cv = await candidate.call("PUT", "/candidates/me/cv", files={"file": ("cv.pdf", PDF)})
    seen = await employer.call("GET", f"/candidates/{candidate.user_id}")
    for link in (cv["cvUrl"], seen["cvUrl"]):
        got = await candidate.client.get(link)
        assert (got.status_code, got.content) == (200, PDF)
    forged = re.sub(r"expires=\d+", "expires=9999999999", cv["cvUrl"])
    assert (await candidate.client.get(forged)).status_code == 403
    await refused(candidate, "UNSUPPORTED_MEDIA_TYPE", "POST", "/users/me/avatar",
                  files={"file": ("me.png", b"no picture")})  # fmt: skip


async def candidates(candidate: Person, employer: Person) -> None:
    """Skills and history, and what an employer sees of them."""
    names = await candidate.call("PUT", "/candidates/me/skills", json={"skillIds": [1, 2, 5]})
    assert names == ["Java", "Spring Boot", "SQL"]
    await refused(candidate, "UNKNOWN_SKILL", "PUT", "/candidates/me/skills",
                  json={"skillIds": [10**9]})  # fmt: skip
    job = {"comName": "FPT Software", "position": "Junior Developer",
           "startTime": "2023-01-01", "endTime": "2024-01-01", "duration": "1 year"}  # fmt: skip
    history = "/candidates/me/job-history"
    added = await candidate.call("POST", history, json=job)
    assert await candidate.call("GET", history) == [job | {"historyId": added["historyId"]}]
    await refused(candidate, "VALIDATION_ERROR", "PUT", f"{history}/{added['historyId']}",
                  json={"endTime": "2022-01-01"})  # fmt: skip
    seen = await employer.call("GET", f"/candidates/{candidate.user_id}")
    assert seen["skills"] == names
    brief = {key: job[key] for key in ("comName", "position", "duration")}
    assert seen["jobHistory"] == [brief]
    await refused(candidate, "FORBIDDEN", "GET", f"/candidates/{candidate.user_id}")
    await candidate.call("DELETE", f"{history}/{added['historyId']}")


async def employers(employer: Person) -> None:
    """A company, the employer's own profile, and his page."""
    change = {"name": "Trần Văn Tuyển Dụng", "address": "Tầng 5, Tòa nhà ABC, Hà Nội"}
    company = {"name": "Tech Solutions Inc.", "website": "https://new-domain.com"}
    await refused(employer, "COMPANY_NOT_LINKED", "PUT", "/employers/me",
                  json=change | {"companyInfo": company})  # fmt: skip
    await journey.found_company(employer)
    done = await employer.call("PUT", "/employers/me", json=change | {"companyInfo": company})
    assert done["company"] | company == done["company"]
    await journey.post_job(employer)
    page = f"/employers/{employer.user_id}"
    shown = await employer.until(lambda it: it["activeJobs"] == 1, "GET", page)
    assert shown["company"]["name"] == company["name"]


async def sessions(who: Person) -> None:
    """Devices: listed, signed out here and there; refreshed by many at once, and stolen."""
    phone, laptop = await another_device(who), await another_device(who)
    listed = await phone.call("GET", "/auth/sessions")
    assert len(listed) == 3
    [current] = [one for one in listed if one["current"]]
    await phone.call("POST", "/auth/logout")
    await dead_within_a_second(phone)
    await refused(phone, "TOKEN_INVALID", "GET", "/auth/sessions")
    rest = await laptop.call("GET", "/auth/sessions")
    assert current["id"] not in [one["id"] for one in rest]
    [other] = [one for one in rest if not one["current"]]
    first = {"refreshToken": laptop.refresh_token}
    pairs = await asyncio.gather(
        *(laptop.call("POST", "/auth/refresh-token", json=first) for _ in range(50))
    )
    assert all(pair == pairs[0] for pair in pairs)
    laptop.headers["Authorization"] = f"Bearer {pairs[0]['accessToken']}"
    second = {"refreshToken": pairs[0]["refreshToken"]}
    await laptop.call("POST", "/auth/refresh-token", json=second)
    await refused(laptop, "TOKEN_REUSED", "POST", "/auth/refresh-token", json=first)
    await dead_within_a_second(laptop)
    assert [one["id"] for one in await who.call("GET", "/auth/sessions")] == [other["id"]]


async def passwords(who: Person, mails: Mails) -> None:
    """Forgotten, reset, changed, and guessed too often."""
    known = await code_from_mail(who.email, mails)
    elsewhere = await another_device(who)
    asked = await who.call("POST", "/auth/forgot-password", json={"email": who.email})
    assert asked == {"email": who.email, "timeout": 300}
    nobody = {"email": "nobody@identity.example"}
    assert (await who.call("POST", "/auth/forgot-password", json=nobody))["timeout"] == 300
    code = await code_from_mail(who.email, mails, known)
    reset = {"email": who.email, "otpCode": code, "newPassword": NEW_PASSWORD}
    assert await who.call("POST", "/auth/reset-password", json=reset) is True
    await refused(who, "INVALID_OTP", "POST", "/auth/reset-password", json=reset)
    await dead_within_a_second(elsewhere)
    here, there = await another_device(who, NEW_PASSWORD), await another_device(who, NEW_PASSWORD)
    change = {"currentPassword": NEW_PASSWORD, "newPassword": PASSWORD}
    await here.call("POST", "/auth/change-password", json=change)
    await dead_within_a_second(there)
    await here.call("GET", "/users/me")
    wrong = {"emailOrPhone": who.email, "password": "Wrong123!"}
    for _ in range(10):
        await refused(who, "INVALID_CREDENTIALS", "POST", "/auth/login", json=wrong)
    right = {"emailOrPhone": who.email, "password": PASSWORD}
    late = await refused(who, "TOO_MANY_ATTEMPTS", "POST", "/auth/login", json=right)
    assert int(late.headers["retry-after"]) > 0
    who.headers = here.headers


async def deactivated(admin: Person, who: Person) -> None:
    """An admin shuts somebody out, and lets him in again."""
    path = f"/admin/users/{who.user_id}/active"
    await admin.call("PUT", path, json={"isActive": False})
    await dead_within_a_second(who)
    body = {"emailOrPhone": who.email, "password": PASSWORD}
    await refused(who, "ACCOUNT_DEACTIVATED", "POST", "/auth/login", json=body)
    await admin.call("PUT", path, json={"isActive": True})
    await journey.log_in(who)


async def twenty_of_one_address(client: httpx.AsyncClient, number: int) -> None:
    """Twenty registrations at once make one account."""
    body = {"email": f"twenty{number}@identity.example", "password": PASSWORD, "name": "Hai Mươi"}
    answers = await asyncio.gather(
        *(client.post("/api/v1/auth/register", json=body) for _ in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19


async def identity(url: str, mails: Mails, admin_email: str, number: int = 0) -> None:
    """Try all of it; `number` sets the people apart from those of other walks."""
    # shorter than the server's five seconds, which else may end a connection as it is used again
    limits = httpx.Limits(max_connections=60, keepalive_expiry=2)
    async with httpx.AsyncClient(base_url=url, timeout=40, limits=limits) as client:
        candidate = await sign_up(client, number, "Candidate", mails)
        employer = await sign_up(client, number + 1, "Employer", mails)
        forgetful = await sign_up(client, number + 2, "Candidate", mails)
        admin = await another_device(Person(client, number, admin_email))
        await people(candidate)
        await employers(employer)
        await candidates(candidate, employer)
        await files(candidate, employer)
        await sessions(candidate)
        await passwords(forgetful, mails)
        await deactivated(admin, employer)
        await twenty_of_one_address(client, number)
