"""The demo beside what is there already: what is in its way is said in a sentence."""

from typing import Any

import pytest

from deploy.seed import DEMO_ACCOUNTS, DEMO_PASSWORD, DemoRefused, seed_demo
from deploy.services import SERVICES
from libs.common.identity import Role
from libs.common.testing import Bench, BenchOf
from services.auth.commands.accounts import activate, add_account
from services.auth.commands.employers import create_company
from services.auth.commands.people import hold
from services.auth.schemas.accounts import RegisterIn
from services.auth.schemas.employers import CompanyIn
from services.jobs.tests import samples

SOMEBODY = {"email": "b@email.com", "username": "binh", "name": "Bình", "password": DEMO_PASSWORD}
COMPANY = {"taxNumber": "0101234567", "name": "X", "website": "https://x.vn", "country": "Vietnam"}
CANDIDATE, EMPLOYER = DEMO_ACCOUNTS["Candidate"], DEMO_ACCOUNTS["Employer"]


async def there_is(auth: Bench, role: Role, changes: dict[str, str]) -> None:
    """Have somebody with an active account; an employer with a company."""
    async with auth.db.write() as session:
        account = await add_account(session, RegisterIn.model_validate(SOMEBODY | changes), role)
        activate(session, *await hold(session, account.id))
        if role is Role.EMPLOYER:
            await create_company(session, account.id, CompanyIn.model_validate(COMPANY))


_NOT_OURS = f"""{CANDIDATE} does not sign in with the demo's password \
(POST /api/v1/auth/login: {{'code': 'INVALID_CREDENTIALS', 'details': None}})"""


@pytest.fixture
async def system(bench_of: BenchOf) -> Any:
    """The two services that the demo begins with, and what reaches both."""
    jobs, auth = await bench_of(SERVICES["jobs"]), await bench_of(SERVICES["auth"])

    async def gateway(scope: Any, receive: Any, send: Any) -> None:
        app = jobs.app if scope["path"] == "/api/v1/jobs" else auth.app
        await app(scope, receive, send)

    return gateway, {"auth": auth, "jobs": jobs}


@pytest.mark.parametrize(
    ("role", "changes", "told"),
    [
        (Role.EMPLOYER, {}, "another company has the tax number 0101234567"),
        (Role.CANDIDATE, {"username": "demo-admin"}, "another account is called demo-admin"),
        (Role.CANDIDATE, {"email": EMPLOYER}, f"{EMPLOYER} is already a Candidate's account"),
        (Role.CANDIDATE, {"email": CANDIDATE, "password": "Password123!"}, _NOT_OURS),
    ],
)
async def test_what_is_in_its_way_is_said(
    system: Any, role: Role, changes: dict[str, str], told: str
) -> None:
    gateway, benches = system
    await there_is(benches["auth"], role, changes)
    with pytest.raises(DemoRefused) as refused:
        await seed_demo(gateway, {name: bench.runtime for name, bench in benches.items()})
    assert str(refused.value) == (
        f"the demo cannot be loaded: {told}."
        " Change or remove that one, or do without the demo (DEMO_DATA=0)."
    )


async def test_once_it_is_loaded_its_people_may_change_their_passwords(system: Any) -> None:
    """Else nothing would start again where somebody tried that out."""
    gateway, benches = system
    await benches["jobs"].hear(samples.EMPLOYER, samples.COMPANY)
    await samples.posted(benches["jobs"])
    changed = {"email": CANDIDATE, "username": "demo-candidate", "password": "Password123!"}
    await there_is(benches["auth"], Role.CANDIDATE, changed)
    await seed_demo(gateway, {name: bench.runtime for name, bench in benches.items()})
    assert len(await benches["auth"].rows("SELECT id FROM accounts")) == len(DEMO_ACCOUNTS)
