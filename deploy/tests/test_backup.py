"""A backup is written beside a running system, and brings everything back elsewhere."""

from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from deploy.tests.commands import ended
from deploy.tests.journey import Person, hire, log_in
from deploy.tests.ledger import ledger
from deploy.tests.systems import first_start, one_process
from deploy.tests.test_uploads import PDF

RECKONED = frozenset({"jobs.skill_rarities"})
"""Tables that a start reckons anew."""


async def test_what_was_backed_up_is_there_again(tmp_path: Path) -> None:
    backup = tmp_path / "monday"
    with one_process() as system:
        await hire(system.url, system.mails)
        async with httpx.AsyncClient(base_url=system.url) as client:
            candidate = Person(client, 0, "hoang0@email.com")
            await log_in(candidate)
            await candidate.call("PUT", "/candidates/me/cv", files={"file": ("cv.pdf", PDF)})
        expected = ledger(system.database_url, RECKONED)
        system.run("backup", str(backup))
        for command in ("backup", "restore"):
            code, said = ended((command, str(backup)), system.environment)
            assert (code, "there already" in said) == (1, True), said
    with first_start("restore", str(backup)) as restored:
        assert ledger(restored.database_url, RECKONED) == expected
        async with httpx.AsyncClient(base_url=restored.url) as client:
            candidate = Person(client, 0, "hoang0@email.com")
            await log_in(candidate)
            employer = Person(client, 0, "tuyendung0@email.com")
            await log_in(employer)
            seen = await employer.call("GET", f"/candidates/{candidate.user_id}")
            assert (await client.get(seen["cvUrl"])).content == PDF
            assert len(await candidate.call("GET", "/notifications")) == 2


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with TemporaryDirectory(prefix="waymark-") as folder:
        code, said = ended(("restore", str(tmp_path)), {"DATA_DIR": folder})
    assert (code, "holds no backup" in said) == (1, True), said
