"""The service as a whole: its schema, its keys for others, its words, its demo, its command."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

from click.testing import CliRunner, Result

import libs.common.errors
from libs.common.contracts.auth import UserActivated, UserRegistered
from libs.common.errors import ApiError
from libs.common.migrations import differences
from libs.common.service import Service
from libs.common.testing import Bench
from services.auth import errors
from services.auth.demo import PASSWORD, seed_demo
from services.auth.service import service
from services.auth.tests.people import code_of, log_in


def test_migrations_equal_the_models(migrated: Callable[[Service], str]) -> None:
    assert differences(migrated(service), "auth", service.metadata) == []


async def test_keys_are_shown_bare(bench: Bench) -> None:
    answer = await bench.client.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert set(answer.json()) == {"keys"}
    assert "max-age" in answer.headers["cache-control"]


def operations(bench: Bench) -> dict[str, dict[str, Any]]:
    paths = bench.app.openapi()["paths"]
    return {
        f"{method.upper()} {path}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


def test_every_route_and_error_has_its_words_in_both_languages(bench: Bench) -> None:
    said = bench.service.catalogue
    bare = {"auth_login_form", "auth_json_web_keys", "auth_get_file"}
    for operation in operations(bench).values():
        if operation["operationId"] not in bare:
            assert said.has(f"messages.{operation['operationId'].removeprefix('auth_')}")
    for cls in vars(errors).values():
        if (
            isinstance(cls, type)
            and issubclass(cls, ApiError)
            and cls.__module__ == errors.__name__
        ):
            assert said.has(f"errors.{cls.text}")
    for part in ("subject", "text", "html"):
        assert said.has(f"mail.activation_{part}")
    assert said.has(f"errors.{libs.common.errors.TokenExpired.code}")


def test_openapi_says_who_must_sign_in_and_how_the_form_looks(bench: Bench) -> None:
    found = operations(bench)
    for_everybody = {name for name, operation in found.items() if not operation.get("security")}
    assert for_everybody == {
        "POST /api/v1/auth/register",
        "POST /api/v1/auth/verify-otp",
        "POST /api/v1/auth/resend-otp",
        "POST /api/v1/auth/login",
        "POST /api/v1/auth/login/form",
        "POST /api/v1/auth/refresh-token",
        "POST /api/v1/auth/forgot-password",
        "POST /api/v1/auth/reset-password",
        "GET /api/v1/companies/{company_id}",
        "GET /api/v1/employers/{employer_id}",
        "GET /api/v1/files/{folder}/{account_id}/{name}",
        "GET /api/v1/privacy/erasures/{erasure_id}",
        "GET /.well-known/jwks.json",
    }
    form = found["POST /api/v1/auth/login/form"]
    assert list(form["requestBody"]["content"]) == ["application/x-www-form-urlencoded"]
    assert "access_token" in str(form["responses"]["200"])
    assert {"400", "413", "429"} <= set(form["responses"])


def test_openapi_says_what_an_account_can_be(bench: Bench) -> None:
    schemas = bench.app.openapi()["components"]["schemas"]
    for name in ("MeOut", "UserOut"):
        assert schemas[name]["properties"]["userType"] == {"$ref": "#/components/schemas/Role"}
    assert schemas["Role"]["enum"] == ["Candidate", "Employer", "Admin"]


def test_what_costs_much_or_can_be_guessed_at_is_limited(bench: Bench) -> None:
    limited = {
        name: operation["x-rate-limit"]["policy"]
        for name, operation in operations(bench).items()
        if "x-rate-limit" in operation
    }
    assert limited == {
        "POST /api/v1/auth/register": "register",
        "POST /api/v1/auth/verify-otp": "code-check",
        "POST /api/v1/auth/reset-password": "code-check",
        "POST /api/v1/auth/resend-otp": "code-request",
        "POST /api/v1/auth/forgot-password": "code-request",
        "POST /api/v1/auth/login": "sign-in",
        "POST /api/v1/auth/login/form": "sign-in",
        "POST /api/v1/auth/change-password": "sign-in",
        "DELETE /api/v1/users/me": "sign-in",
        "POST /api/v1/auth/refresh-token": "refresh",
        "GET /api/v1/users/me/export": "export",
        "POST /api/v1/users/me/avatar": "upload",
        "PUT /api/v1/candidates/me/cv": "upload",
    }


async def test_the_demo_can_be_seeded_again(bench: Bench) -> None:
    for _ in range(2):
        async with bench.db.write() as session:
            await seed_demo(session)
    emails = [f"{role}@demo.waymark" for role in ("candidate", "employer", "admin")]
    users = [(await log_in(bench, email, PASSWORD)).json()["data"]["user"] for email in emails]
    assert [user["userType"] for user in users] == ["Candidate", "Employer", "Admin"]
    names = [event.event_name for event in await bench.published()]
    assert names == [
        *("user.registered", "candidate.updated", "user.activated"),
        *("user.registered", "employer.updated", "user.activated"),
        *("company.updated", "employer.updated"),
        *("user.registered", "user.activated"),
    ]
    [company] = await bench.rows("SELECT name FROM companies")
    assert company["name"] == "Tech Solutions Inc."


def create_admin(bench: Bench, *arguments: str, typed: str | None = None) -> Result:
    """Run the command as `waymark` does: in a loop of its own, hence with a pool of its own."""

    @asynccontextmanager
    async def runtime() -> Any:
        yield bench.runtime
        await bench.db.close()

    assert service.commands is not None
    command = ["create", "--name", "Bà Chủ", *arguments]
    return CliRunner().invoke(service.commands, command, input=typed, obj=runtime)


async def run_in_thread(bench: Bench, *arguments: str, typed: str | None = None) -> Result:
    await bench.db.close()
    return await asyncio.to_thread(create_admin, bench, *arguments, typed=typed)


async def test_an_admin_is_made_by_command(bench: Bench) -> None:
    result = await run_in_thread(
        bench, "--email", "chu@email.com", typed="Password123!\nPassword123!\n"
    )
    assert result.exit_code == 0, result.output
    assert "chu@email.com is an admin now." in result.output
    assert "Password123!" not in result.output
    answer = await log_in(bench, "chu@email.com")
    assert answer.json()["data"]["user"]["userType"] == "Admin"
    assert [type(event) for event in await bench.published()] == [UserRegistered, UserActivated]


async def test_the_command_says_what_is_wrong(bench: Bench) -> None:
    weak = await run_in_thread(bench, "--email", "chu", "--password", "weak")
    assert weak.exit_code == 1
    assert "email: is not an e-mail address" in weak.output
    assert "password: " in weak.output
    assert "Value error" not in weak.output
    right = ("--email", "chu@email.com", "--password", "Password123!")
    assert (await run_in_thread(bench, *right)).exit_code == 0
    again = await run_in_thread(bench, *right)
    said = "Error: This e-mail address is taken."
    assert (again.exit_code, again.output.strip()) == (1, said)
    assert len(await bench.rows("SELECT FROM accounts")) == 1
    assert code_of(await log_in(bench, "chu@email.com", "weak")) == "INVALID_CREDENTIALS"
