"""A skill that an admin tends in the jobs service, as it is known in the identity service."""

from typing import Any

from deploy.services import SERVICES
from libs.common.contracts.auth import CandidateUpdated
from libs.common.contracts.jobs import SkillUpdated
from libs.common.events import Event
from libs.common.identity import Role
from libs.common.testing import Bench, BenchOf, signed_in

HOANG = {
    "username": "hoang",
    "password": "Password123!",
    "email": "hoang@skills.example",
    "phone": "0931234567",
    "name": "Hoàng",
    "userType": "Candidate",
}


async def carry(giver: Bench, taker: Bench, event: type[Event] = SkillUpdated) -> None:
    """Bring events of a kind from one to the other."""
    await taker.hear(*(said for said in await giver.published() if isinstance(said, event)))


async def ask(bench: Bench, path: str, role: Role, *who: Any, **body: Any) -> Any:
    """Make a call that works (with a body: PUT to candidates, POST to admins); give its data."""
    method = "GET" if not body else "PUT" if role is Role.CANDIDATE else "POST"
    answer = await bench.client.request(
        method, f"/api/v1{path}", headers=signed_in(role, *who), json=body or None
    )
    assert answer.is_success, answer.text
    return answer.json()["data"]


async def test_a_skill_from_its_making_to_its_end(bench_of: BenchOf) -> None:
    """Added, chosen, merged: the candidate has at each time what the admin made of it."""
    auth, jobs = await bench_of(SERVICES["auth"]), await bench_of(SERVICES["jobs"])
    assert (await auth.client.post("/api/v1/auth/register", json=HOANG)).status_code == 201
    [me] = await auth.rows("SELECT id FROM accounts")
    mine = (auth, "/candidates/me/skills", Role.CANDIDATE, me["id"])

    added = await ask(jobs, "/admin/skills", Role.ADMIN, name="Zigbee2MQTT")
    await carry(jobs, auth)
    assert await ask(*mine, skillIds=[added["id"], 3]) == ["Zigbee2MQTT", "ReactJS"]
    await carry(auth, jobs, CandidateUpdated)
    [known] = await jobs.rows("SELECT skill_ids FROM candidate_snapshots")
    assert known["skill_ids"] == [3, added["id"]]

    await ask(jobs, f"/admin/skills/{added['id']}/merge", Role.ADMIN, intoId=1)
    await carry(jobs, auth)
    assert await ask(*mine) == ["Java", "ReactJS"]
    assert await ask(*mine, skillIds=[1, added["id"]]) == ["Java"]
