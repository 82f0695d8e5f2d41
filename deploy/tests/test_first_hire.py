"""What a newcomer tries: the demo has something to show, the walk in docs/first-hire.md works."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from deploy.tests.demo import signed_in
from deploy.tests.systems import System, one_process

GUIDE = Path(__file__).parents[2] / "docs" / "first-hire.md"


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """As a newcomer finds it."""
    with one_process(DEMO_DATA="1") as system:
        yield system


def test_the_demos_candidate_is_recommended_what_suits_him(system: System) -> None:
    with httpx.Client(base_url=system.url) as api:
        mine = signed_in(api, "Candidate")
        deadline = time.monotonic() + 5
        while not (found := api.get("/api/v1/jobs/recommended", headers=mine).json()["data"]):
            assert time.monotonic() < deadline, "nothing is recommended"
            time.sleep(0.05)
    assert found[0]["title"] == "Data Engineer"


@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide wants curl")
def test_the_guide_can_be_pasted(system: System) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
    assert len(blocks) >= 5
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        env={**system.environment, "API": system.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    last_answer = done.stdout[done.stdout.rindex('{"message"') :]
    [notification] = orjson.loads(last_answer)["data"]
    assert notification["type"] == "ApplyStatus"
    assert "Acme" in notification["content"]
