"""The walk through the API in docs/first-hire.md works as it stands there."""

import re
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from deploy.tests.systems import one_process

GUIDE = Path(__file__).parents[2] / "docs" / "first-hire.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide wants curl")
def test_the_guide_can_be_pasted() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
    assert len(blocks) >= 5
    with one_process(DEMO_DATA="1") as system:
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
