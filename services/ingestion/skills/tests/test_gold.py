"""The floor under the extractor's scores, where the shared gold is at hand."""

import pytest

from bench.skills import GOLD, scores

pytestmark = pytest.mark.skipif(not GOLD.exists(), reason="the shared data is not here")


@pytest.mark.parametrize("part", ["dev", "test"])
def test_scores_on_gold_postings_do_not_fall(part: str) -> None:
    found = scores(part)
    assert found.document.f1 >= 0.92
    assert found.exact.f1 >= 0.90
    assert found.overlap.precision >= 0.97
