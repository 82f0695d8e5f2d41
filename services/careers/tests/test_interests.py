"""How interests are asked about."""

import pytest

from services.careers.interests import ordered, weights_of


@pytest.mark.parametrize(
    ("asked", "weights"),
    [
        ("I", (0, 1, 0, 0, 0, 0)),
        ("IRA", (2, 3, 1, 0, 0, 0)),
        (" ira ", (2, 3, 1, 0, 0, 0)),
        ("RIASEC", (6, 5, 4, 3, 2, 1)),
        ("10, 20,0,0,0.5,999", (10, 20, 0, 0, 0.5, 999)),
    ],
)
def test_a_code_or_six_numbers_are_weights(asked: str, weights: tuple[float, ...]) -> None:
    assert weights_of(asked) == weights


@pytest.mark.parametrize(
    "asked",
    [
        *("", " ", "X", "II", "IRAX", "RIASECR", "1,2,3", "0,0,0,0,0,0", "1,2,3,4,5,6,7"),
        *("-1,2,3,4,5,6", "1000,0,0,0,0,0", "nan,1,1,1,1,1", "1e3,0,0,0,0,0", "1,,3,4,5,6"),
        "٣,0,0,0,0,0",
    ],
)
def test_anything_else_is_refused(asked: str) -> None:
    with pytest.raises(ValueError, match="Must be"):
        weights_of(asked)


def test_a_code_is_put_in_capitals() -> None:
    assert ordered(" ir ") == "IR"
