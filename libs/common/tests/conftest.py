"""What the tests of the library share."""

import pytest

from libs.common.migrations import ensure_roles


@pytest.fixture(scope="session")
def leaf_url(postgres_url: str) -> str:
    """A database's URL, on which there is a role for the service `leaf`, which has no tables."""
    ensure_roles(postgres_url, ["leaf"])
    return postgres_url
