"""The caller's own person and profile; and who may not see or change them."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from libs.common import clock
from libs.common.contracts.auth import CandidateUpdated, EmployerUpdated, UserUpdated
from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from services.auth.facts import PROFILE
from services.auth.tests.people import (
    BINH,
    call,
    candidate,
    code_of,
    employer,
    fields_of,
    new_account,
)

CHANGES = {
    "name": "Nguyễn Văn Hoàng",
    "address": "Hà Nội",
    "dob": "2000-05-20",
    "ssn": "079098765432",
}


@pytest.mark.parametrize("path", ["/users/me", "/auth/me"])
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {})])
async def test_access(bench: Bench, method: str, path: str, body: Any) -> None:
    anonymous = await call(bench, method, path, None, body)
    assert (anonymous.status_code, code_of(anonymous)) == (401, "UNAUTHENTICATED")
    for role in Role:
        nobody = await call(bench, method, path, (role,), body)
        assert (nobody.status_code, code_of(nobody)) == (404, "NOT_FOUND")
        who = role, await new_account(bench, **(BINH | {"username": role, "email": f"{role}@a.vn"}))
        assert (await call(bench, method, path, who, body)).status_code == 200


async def test_me_is_the_seeds_sample(bench: Bench) -> None:
    who = await candidate(bench)
    answer = await call(bench, "GET", "/users/me", who)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Lấy thông tin thành công",
        "data": {
            "id": str(who[1]),
            "username": "hoangnguyen",
            "email": "hoang@email.com",
            "phone": "0909123456",
            "name": "Nguyễn Văn Hoàng",
            "address": None,
            "userType": "Candidate",
            "ssn": None,
            "dob": None,
            "avatar": None,
            "company": None,
        },
        "error": None,
    }


async def test_me_without_a_phone(bench: Bench) -> None:
    answer = await call(bench, "GET", "/users/me", await candidate(bench, phone=None))
    assert answer.json()["data"]["phone"] is None


async def test_changes_are_the_seeds_sample(bench: Bench) -> None:
    who = await candidate(bench)
    answer = await call(bench, "PUT", "/users/me", who, CHANGES)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Cập nhật thông tin thành công",
        "data": {"id": str(who[1]), "name": "Nguyễn Văn Hoàng", "dob": "2000-05-20"},
        "error": None,
    }
    me = (await call(bench, "GET", "/users/me", who)).json()["data"]
    assert {field: me[field] for field in CHANGES} == CHANGES


async def test_what_is_absent_stays_and_null_clears(bench: Bench) -> None:
    who = await candidate(bench)
    await call(bench, "PUT", "/users/me", who, CHANGES)
    for cleared in ("address", "dob", "ssn"):
        assert (await call(bench, "PUT", "/users/me", who, {cleared: None})).status_code == 200
        me = (await call(bench, "GET", "/users/me", who)).json()["data"]
        assert me[cleared] is None
        await call(bench, "PUT", "/users/me", who, {cleared: CHANGES[cleared]})
    await call(bench, "PUT", "/users/me", who, {})
    me = (await call(bench, "GET", "/users/me", who)).json()["data"]
    assert {field: me[field] for field in CHANGES} == CHANGES


async def test_the_ssn_is_not_in_the_database_nor_in_events(bench: Bench) -> None:
    who = await candidate(bench)
    await call(bench, "PUT", "/users/me", who, CHANGES | {"name": "Hoàng"})
    [row] = await bench.rows("SELECT persons::text AS row, ssn_sealed, ssn_key_id FROM persons")
    assert CHANGES["ssn"] not in row["row"]
    assert CHANGES["ssn"].encode() not in row["ssn_sealed"]
    assert len(row["ssn_key_id"]) == 16
    assert await bench.rows("SELECT FROM outbox WHERE body::text LIKE '%079098765432%'") == []


async def test_a_sealed_ssn_cannot_be_moved_to_another_person(bench: Bench) -> None:
    await call(bench, "PUT", "/users/me", await candidate(bench), CHANGES)
    thief = await candidate(bench, **BINH)
    async with bench.db.write() as session:
        await session.execute(
            text(
                "UPDATE persons SET (ssn_sealed, ssn_key_id) = (SELECT ssn_sealed, ssn_key_id"
                " FROM persons WHERE ssn_sealed IS NOT NULL)"
            )
        )
    answer = await call(bench, "GET", "/users/me", thief)
    assert (answer.status_code, code_of(answer)) == (503, "UNREADABLE")
    assert CHANGES["ssn"] not in answer.text


def birthday(years: int, days: int = 0) -> str:
    """Return the birthday of whoever turns `years` so many days from today (in Vietnam)."""
    then = clock.local_date(clock.now()) + timedelta(days=days)
    # Who was born on the day before is older still: no 29 February to trip over.
    day = date(then.year - years, then.month, min(then.day, 28))
    return str(day)


@pytest.mark.parametrize(("dob", "status"), [(birthday(18), 200), (birthday(18, 32), 422)])
async def test_candidates_are_adults(bench: Bench, dob: str, status: int) -> None:
    who = await candidate(bench)
    answer = await call(bench, "PUT", "/users/me", who, {"dob": dob, "address": "Huế"})
    assert answer.status_code == status
    me = (await call(bench, "GET", "/users/me", who)).json()["data"]
    if status == 422:
        assert code_of(answer) == "UNDERAGE"
        assert answer.json()["message"] == "Ứng viên phải từ đủ 18 tuổi."
        assert (me["dob"], me["address"]) == (None, None)
    else:
        assert me["dob"] == dob


async def test_the_refusal_speaks_english(bench: Bench) -> None:
    answer = await bench.client.put(
        "/api/v1/users/me",
        json={"dob": birthday(17)},
        headers=signed_in(*await candidate(bench)) | {"Accept-Language": "en"},
    )
    assert answer.json()["message"] == "A candidate must be at least 18 years old."


async def test_employers_may_be_of_any_age(bench: Bench) -> None:
    who = await employer(bench)
    assert (await call(bench, "PUT", "/users/me", who, {"dob": birthday(17)})).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Hoàng\0"}, "name"),
        ({"name": "Hoàng \u202egnàoH"}, "name"),
        ({"name": "\u200b"}, "name"),
        ({"name": 5}, "name"),
        ({"address": "x" * 201}, "address"),
        ({"address": "Hà\u202eNội"}, "address"),
        ({"dob": "20/05/2000"}, "dob"),
        ({"dob": "1899-12-31"}, "dob"),
        ({"dob": "2000-02-30"}, "dob"),
        ({"dob": str(clock.local_date(clock.now()) + timedelta(days=1))}, "dob"),
        ({"dob": 958780800}, "dob"),
        ({"ssn": "07909876543"}, "ssn"),
        ({"ssn": "0790987654321"}, "ssn"),
        ({"ssn": "07909876543x"}, "ssn"),
        ({"ssn": "０７９０９８７６５４３２"}, "ssn"),
        ({"ssn": 79098765432}, "ssn"),
        ({"email": "b@email.com"}, "email"),
        ({"avatar": "https://a.vn/a.png"}, "avatar"),
        ({"userType": "Admin"}, "userType"),
    ],
)
async def test_bad_changes(bench: Bench, changes: dict[str, Any], field: str) -> None:
    answer = await call(bench, "PUT", "/users/me", await candidate(bench), changes)
    assert fields_of(answer) == [field]
    assert "０７９" not in answer.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("vi", "phải từ 1900-01-01 trở lên"), ("en", "must be 1900-01-01 or more")],
)
async def test_a_date_is_said_as_it_is_sent(bench: Bench, language: str, said: str) -> None:
    answer = await bench.client.put(
        "/api/v1/users/me",
        json={"dob": "1899-12-31"},
        headers=signed_in(Role.CANDIDATE) | {"Accept-Language": language},
    )
    assert [problem["message"] for problem in answer.json()["error"]["details"]] == [said]


async def test_a_name_is_one_line(bench: Bench) -> None:
    changes = {"name": "Hoàng\r\nBcc: all@email.com"}
    answer = await call(bench, "PUT", "/users/me", await candidate(bench), changes)
    assert answer.json()["data"]["name"] == "Hoàng Bcc: all@email.com"


async def test_names_are_kept_in_nfc(bench: Bench) -> None:
    answer = await call(
        bench, "PUT", "/users/me", await candidate(bench), {"name": " Hoa\u0300ng  "}
    )
    assert answer.json()["data"]["name"] == "Ho\u00e0ng"


async def test_a_new_name_is_told_to_all_who_show_it(bench: Bench) -> None:
    who = await candidate(bench)
    await call(bench, "PUT", "/users/me", who, {"name": "Hoàng"})
    user, profile = (await bench.published())[-2:]
    assert isinstance(user, UserUpdated)
    assert (user.user_id, user.name, user.role, user.version) == (who[1], "Hoàng", "Candidate", 2)
    assert isinstance(profile, CandidateUpdated)
    assert (profile.candidate_id, profile.name, profile.version) == (who[1], "Hoàng", 2)
    chief = await employer(bench, **BINH)
    await call(bench, "PUT", "/users/me", chief, {"name": "Bình"})
    user, profile = (await bench.published())[-2:]
    assert isinstance(user, UserUpdated)
    assert isinstance(profile, EmployerUpdated)
    assert (profile.employer_id, profile.name, profile.version) == (chief[1], "Bình", 2)


async def test_what_nobody_else_sees_is_told_to_nobody(bench: Bench) -> None:
    who = await candidate(bench)
    before = await bench.published()
    await call(bench, "PUT", "/users/me", who, CHANGES)
    assert await bench.published() == before


async def test_a_candidates_profile_is_told_to_those_who_advise_him(bench: Bench) -> None:
    who = await registered_as_seed_n(bench)
    profile = {key: SEED_N[key] for key in ("skills", "target_roles", "location")}
    changes = {"skills": ["Go"], "experience_level": None, "location": "Huế"}
    told = [profile | {"experience_level": "Mid"}, profile | changes]
    for _ in range(2):  # what changes nothing is not told
        await call(bench, "PUT", "/auth/me", who, changes)
    said = [one for one in await bench.published() if isinstance(one, CandidateUpdated)]
    assert [event.model_dump(include=PROFILE) for event in said] == told
    assert [event.version for event in said] == [1, 2]


async def test_the_profile_of_an_employer_is_told_to_nobody(bench: Bench) -> None:
    who = await employer(bench, **BINH)
    before = await bench.published()
    await call(bench, "PUT", "/auth/me", who, {"skills": ["Hiring"], "location": "Huế"})
    assert await bench.published() == before


async def test_changes_at_once_lose_nothing(bench: Bench) -> None:
    who = await candidate(bench)
    one_each = [{"address": "Huế"}, {"dob": "2000-05-20"}, {"ssn": "079098765432"}]
    renamed = [{"name": f"Hoàng {n}"} for n in range(5)]
    others = [
        call(bench, "PUT", "/candidates/me/skills", who, {"skillIds": [1, 2]}),
        call(bench, "PUT", "/candidates/me/cv", who, {"cvUrl": "https://a.vn/cv.pdf"}),
        call(bench, "PUT", "/auth/me", who, {"location": "Huế"}),
    ]
    answers = await asyncio.gather(
        *(call(bench, "PUT", "/users/me", who, body) for body in one_each + renamed), *others
    )
    assert {answer.status_code for answer in answers} == {200}
    me = (await call(bench, "GET", "/users/me", who)).json()["data"]
    assert (me["address"], me["dob"], me["ssn"]) == ("Huế", "2000-05-20", "079098765432")
    said = await bench.published()
    users = [event for event in said if isinstance(event, UserUpdated)]
    profiles = [event for event in said if isinstance(event, CandidateUpdated)]
    assert sorted(event.version for event in users) == list(range(2, 7))
    assert sorted(event.version for event in profiles) == list(range(1, 10))
    assert max(users, key=lambda event: event.version).name == me["name"]
    last = max(profiles, key=lambda event: event.version)
    assert (last.name, last.skill_ids, last.cv_url) == (me["name"], [1, 2], "https://a.vn/cv.pdf")


SEED_N = {
    "email": "user@example.com",
    "full_name": "John Doe",
    "skills": ["Python", "FastAPI"],
    "target_roles": ["Backend Developer"],
    "experience_level": "Mid",
    "location": "New York",
}


async def registered_as_seed_n(bench: Bench) -> Any:
    body = SEED_N | {"password": "SecurePass123"}
    answer = await bench.client.post("/api/v1/auth/register", json=body)
    return Role.CANDIDATE, answer.json()["data"]["userId"]


async def test_profile_is_as_registered(bench: Bench) -> None:
    answer = await call(bench, "GET", "/auth/me", await registered_as_seed_n(bench))
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Lấy thông tin thành công",
        "data": SEED_N,
        "error": None,
    }


async def test_profile_changes(bench: Bench) -> None:
    who = await registered_as_seed_n(bench)
    changes: dict[str, Any] = {"full_name": "Jane Doe", "skills": [], "experience_level": None}
    answer = await call(bench, "PUT", "/auth/me", who, changes)
    assert (answer.status_code, answer.json()["data"]) == (200, SEED_N | changes)
    assert answer.json()["message"] == "Cập nhật thông tin thành công"
    assert (await call(bench, "GET", "/auth/me", who)).json()["data"] == SEED_N | changes
    assert (await call(bench, "GET", "/users/me", who)).json()["data"]["name"] == "Jane Doe"
    names = [event.event_name for event in (await bench.published())[-2:]]
    assert names == ["user.updated", "candidate.updated"]


async def test_a_profile_may_be_sent_as_it_was_shown(bench: Bench) -> None:
    who = await registered_as_seed_n(bench)
    before = await bench.published()
    for email in (SEED_N["email"], "USER@Example.com"):
        answer = await call(bench, "PUT", "/auth/me", who, SEED_N | {"email": email})
        assert (answer.status_code, answer.json()["data"]) == (200, SEED_N)
    assert await bench.published() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "new@example.com", "location": "Huế"}, "email"),
        ({"email": None}, "email"),
        ({"fullName": "Jane"}, "fullName"),
        ({"full_name": None}, "full_name"),
        ({"full_name": "Jane\x07Doe"}, "full_name"),
        ({"skills": None}, "skills"),
        ({"skills": "Python"}, "skills"),
        ({"skills": ["x"] * 201}, "skills"),
        ({"skills": ["x" * 101]}, "skills.0"),
        ({"skills": [""]}, "skills.0"),
        ({"target_roles": ["x"] * 21}, "target_roles"),
        ({"experience_level": ""}, "experience_level"),
        ({"location": "a\0"}, "location"),
    ],
)
async def test_bad_profiles(bench: Bench, changes: dict[str, Any], field: str) -> None:
    answer = await call(bench, "PUT", "/auth/me", await candidate(bench), changes)
    assert fields_of(answer) == [field]
