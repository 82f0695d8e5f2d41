"""The same hire in one process and in seven: it works in both, and the same rows are left."""

from deploy.tests.journey import hire
from deploy.tests.ledger import ledger
from deploy.tests.systems import one_process, seven_processes


async def test_one_process_and_seven_end_with_the_same_rows(postgres_url: str) -> None:
    with one_process() as system:
        await hire(system.url, system.mail)
        alone = ledger(system.database_url)
    with seven_processes(postgres_url, "journey") as system:
        await hire(system.url, system.mail)
        apart = ledger(system.database_url)
    assert alone == apart
    assert len(alone["applications.applications"]) == 1
    assert len(alone["messaging.notifications"]) == 4
