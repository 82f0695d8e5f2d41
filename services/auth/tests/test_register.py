"""Making an account: seed B's body, seed N's body, what is taken, what is wrong."""

import asyncio
from typing import Any
from unicodedata import normalize
from uuid import UUID

import orjson
import pytest

from libs.common.contracts.auth import CandidateUpdated, EmployerUpdated, UserRegistered
from libs.common.testing import Bench
from services.auth.tests.people import (
    HOANG,
    PASSWORD,
    code_mailed,
    code_of,
    fields_of,
    log_in,
    post,
    register,
    verify,
)

SEED_N = {
    "email": "user@example.com",
    "password": "SecurePass123",
    "full_name": "John Doe",
    "skills": ["Python", "FastAPI"],
    "target_roles": ["Backend Developer"],
    "experience_level": "Mid",
    "location": "New York",
}


async def test_the_seeds_sample(bench: Bench) -> None:
    answer = await register(bench)
    assert answer.status_code == 201
    user_id = answer.json()["data"].pop("userId")
    assert answer.json() == {
        "message": "Đăng ký thành công. Vui lòng xác thực OTP để kích hoạt tài khoản.",
        "data": {
            "userId": user_id,
            "username": "hoangnguyen",
            "email": "hoang@email.com",
            "isActive": False,
        },
        "error": None,
    }
    [account] = await bench.rows("SELECT * FROM accounts")
    assert account["id"] == UUID(user_id)
    assert account["phone"] == "+84909123456"
    assert account["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(await bench.rows("SELECT FROM candidates")) == 1
    assert await bench.rows("SELECT FROM employers") == []


async def test_what_it_says_of_a_candidate(bench: Bench) -> None:
    user_id = (await register(bench)).json()["data"]["userId"]
    registered, candidate = await bench.published()
    assert registered == UserRegistered(
        user_id=user_id,
        role="Candidate",
        name="Nguyễn Văn Hoàng",
        avatar_url=None,
        is_active=False,
        email="hoang@email.com",
        language="vi",
        version=1,
    )
    assert candidate == CandidateUpdated(
        candidate_id=user_id,
        name="Nguyễn Văn Hoàng",
        email="hoang@email.com",
        cv_url=None,
        skill_ids=[],
        version=1,
    )


async def test_what_it_says_of_an_employer(bench: Bench) -> None:
    user_id = (await register(bench, userType="Employer")).json()["data"]["userId"]
    registered, employer = await bench.published()
    assert isinstance(registered, UserRegistered)
    assert registered.role == "Employer"
    assert employer == EmployerUpdated(
        employer_id=user_id, name="Nguyễn Văn Hoàng", company_id=None, version=1
    )
    assert await bench.rows("SELECT FROM candidates") == []


async def test_the_code_comes_by_mail_in_both_parts(bench: Bench) -> None:
    assert (await register(bench)).status_code == 201
    assert bench.mail.sent == []
    code = await code_mailed(bench)
    [mail] = bench.mail.sent
    assert (mail["To"], mail["Subject"]) == ("hoang@email.com", "Mã xác thực tài khoản Waymark")
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        assert code in body.get_content()


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_nobody_has_us_write_his_words_to_a_stranger(bench: Bench, language: str) -> None:
    """An address that is not proven may be anybody's, and a name may be an advertisement."""
    written = {"Accept-Language": language}
    named = HOANG | {"name": "Buy now at evil.example", "username": "evil.example"}
    await post(bench, "/auth/register", named, **written)
    await post(bench, "/auth/forgot-password", {"email": HOANG["email"]}, **written)
    await bench.settle()
    assert len(bench.mail.sent) == 2
    for mail in bench.mail.sent:
        assert "evil" not in str(mail["To"]) + str(mail["Subject"])
        for part in ("plain", "html"):
            body = mail.get_body((part,))
            assert body is not None
            assert "evil" not in body.get_content()


async def test_an_address_in_other_letters(bench: Bench) -> None:
    """Every mail server takes the name of a host in ASCII; of a mailbox there is no such form."""
    whose = {"email": "hoang@bücher.example.vn"}
    assert (await register(bench, **whose)).json()["data"]["email"] == whose["email"]
    code = await code_mailed(bench)
    assert bench.mail.sent[-1]["To"] == "hoang@xn--bcher-kva.example.vn"
    assert (await verify(bench, code, "hoang@xn--bcher-kva.example.vn")).status_code == 200
    refused = await register(bench, email="hồng@email.com", username="b.b", phone=None)
    assert fields_of(refused) == ["email"]
    assert "characters before the @-sign are not supported: 'ồ'" in refused.text


async def test_english_to_whom_asks_for_it(bench: Bench) -> None:
    answer = await post(bench, "/auth/register", HOANG, **{"Accept-Language": "en"})
    assert answer.json()["message"].startswith("Your account has been made")
    await bench.settle()
    assert bench.mail.sent[0]["Subject"] == "Your Waymark verification code"


async def test_seed_n_body(bench: Bench) -> None:
    answer = await post(bench, "/auth/register", SEED_N)
    assert answer.status_code == 201
    assert answer.json()["data"]["username"] == "user"
    [row] = await bench.rows("SELECT * FROM persons JOIN accounts ON id = account_id")
    assert (row["name"], row["role"], row["phone"]) == ("John Doe", "Candidate", None)
    assert (row["skills"], row["target_roles"]) == (["Python", "FastAPI"], ["Backend Developer"])
    assert (row["experience_level"], row["location"]) == ("Mid", "New York")


async def test_a_derived_username_gives_way(bench: Bench) -> None:
    assert (await register(bench, username="User")).status_code == 201
    second = await post(bench, "/auth/register", SEED_N)
    assert second.status_code == 201
    assert second.json()["data"]["username"].startswith("user-")
    assert code_of(await post(bench, "/auth/register", SEED_N)) == "EMAIL_TAKEN"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "EMAIL_TAKEN"),
        ({"email": "HOANG@Email.com", "username": "other", "phone": None}, "EMAIL_TAKEN"),
        ({"email": "b@email.com", "username": "HoangNguyen", "phone": None}, "USERNAME_TAKEN"),
        ({"email": "b@email.com", "username": "b.b", "phone": "+84909123456"}, "PHONE_TAKEN"),
    ],
)
async def test_taken(bench: Bench, changes: dict[str, Any], code: str) -> None:
    await register(bench)
    answer = await register(bench, **changes)
    assert (answer.status_code, code_of(answer)) == (409, code)
    assert len(await bench.rows("SELECT FROM accounts")) == 1


async def test_twenty_at_once_make_one_account(bench: Bench) -> None:
    answers = await asyncio.gather(
        *(register(bench, username=f"hoang{n}", phone=None) for n in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert {code_of(answer) for answer in answers if answer.is_error} == {"EMAIL_TAKEN"}
    assert len(await bench.rows("SELECT FROM accounts")) == 1
    assert len(await bench.rows("SELECT FROM persons")) == 1
    await bench.settle()
    assert len(bench.mail.sent) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "Short1!"}, "password"),
        ({"password": "Password123"}, "password"),
        ({"password": "Aa1" + "x" * 126}, "password"),
        ({"password": 12345678}, "password"),
        ({"email": "hoang"}, "email"),
        ({"email": f"{'a' * 250}@email.com"}, "email"),
        ({"email": "a\0@email.com"}, "email"),
        ({"email": ["hoang@email.com"]}, "email"),
        ({"phone": "12"}, "phone"),
        ({"phone": "0" * 100}, "phone"),
        ({"phone": "0909abcdef"}, "phone"),
        ({"phone": "0909123456 ext 5"}, "phone"),
        ({"location": "  "}, "location"),
        ({"phone": 909123456}, "phone"),
        ({"username": "ab"}, "username"),
        ({"username": "x" * 51}, "username"),
        ({"username": "a b c"}, "username"),
        ({"name": "   "}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": None}, "name"),
        ({"email": None}, "email"),
        ({"password": None}, "password"),
        ({"userType": "Admin"}, "userType"),
        ({"skills": ["x"] * 201}, "skills"),
        ({"skills": [1]}, "skills.0"),
        ({"isActive": True}, "isActive"),
        ({"full_name": "Twice"}, "full_name"),
    ],
)
async def test_what_is_wrong_is_named(bench: Bench, changes: dict[str, Any], field: str) -> None:
    answer = await register(bench, **changes)
    assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")
    assert [problem["field"] for problem in answer.json()["error"]["details"]] == [field]
    assert await bench.rows("SELECT FROM accounts") == []


async def test_a_password_keeps_its_spaces_in_any_spelling(bench: Bench) -> None:
    composed = "Mật khẩu 1 "
    await register(bench, password=normalize("NFD", composed))
    assert code_of(await log_in(bench, password=composed)) == "ACCOUNT_NOT_VERIFIED"
    assert code_of(await log_in(bench, password=composed.strip())) == "INVALID_CREDENTIALS"


async def test_media_type_and_json(bench: Bench) -> None:
    path = "/api/v1/auth/register"
    form = await bench.client.post(path, data={"email": "a@b.vn", "password": PASSWORD})
    assert (form.status_code, code_of(form)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    json = {"content-type": "application/json"}
    body = orjson.dumps(HOANG | {"name": "?"}).replace(b"?", rb"\ud800")
    surrogate = await bench.client.post(path, content=body, headers=json)
    assert (surrogate.status_code, code_of(surrogate)) == (422, "VALIDATION_ERROR")
    broken = await bench.client.post(path, content="{", headers=json)
    assert (broken.status_code, code_of(broken)) == (400, "MALFORMED_JSON")


WRONG = {"name": "", "password": "Short1", "email": "hoang", "userType": "Admin", "dob": 1}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "vi",
            {
                "name": "cần ít nhất 1 ký tự",
                "password": "cần ít nhất 8 ký tự",
                "email": "không phải là địa chỉ email hợp lệ: "
                "An email address must have an @-sign.",
                "userType": "phải là một trong: 'Candidate', 'Employer'",
                "dob": "không được hỗ trợ ở đây",
            },
        ),
        (
            "en",
            {
                "name": "must have 1 or more characters",
                "password": "must have at least 8 characters",
                "email": "is not an e-mail address: An email address must have an @-sign.",
                "userType": "must be one of: 'Candidate', 'Employer'",
                "dob": "is not known here",
            },
        ),
    ],
)
async def test_what_is_wrong_is_said_in_the_callers_language(
    bench: Bench, language: str, said: dict[str, str]
) -> None:
    answer = await post(bench, "/auth/register", HOANG | WRONG, **{"Accept-Language": language})
    problems = answer.json()["error"]["details"]
    assert {each["field"]: each["message"] for each in problems} == said
