"""The fake upstream for the tests of this folder, which are about O*NET Web Services."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from services.careers.etl import fetch, runs
from services.careers.etl.client import open_client
from services.careers.tests.fake_onet.release import Release
from services.careers.tests.fake_onet.server import FakeOnet, serving
from services.careers.tests.upstream.varied import VARIED
from services.careers.tests.upstream.whole_runs import knobs, small_release


@pytest.fixture(scope="session")
def known(shared_data: Path) -> Release:
    """What the fake knows."""
    return Release(shared_data / "onet", VARIED)


@pytest.fixture(scope="session")
async def served(known: Release) -> AsyncIterator[FakeOnet]:
    """One fake for all tests."""
    async with serving(known) as fake:
        yield fake


@pytest.fixture
def fake(served: FakeOnet, monkeypatch: pytest.MonkeyPatch) -> FakeOnet:
    """The fake as new; runs find it, and do not wait long."""
    served.forget()
    monkeypatch.setattr(fetch, "open_client", partial(open_client, backoff=0.001))
    monkeypatch.setattr(runs, "settings", lambda: knobs(served))
    return served


@pytest.fixture(scope="session")
def small(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release and BLS's files, with the lines of a few occupations: quick to read."""
    return small_release(shared_data / "onet", VARIED, tmp_path_factory.mktemp("small"))
