"""The formulas of O*NET OnLine, against what it was recorded to answer."""

import pytest

from services.careers.etl.rating import IMPORTANCE, INTEREST, half_up, rating


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1, 0), (5, 100), (4.12, 78), (2.82, 46), (2.5, 38), (1.02, 1), (1.01, 0), (4.98, 100)],
)
def test_importance_is_rounded_half_up_on_exact_hundredths(value: float, shown: int) -> None:
    assert rating(value, IMPORTANCE) == shown


def test_the_interests_of_mechanical_engineers_are_as_recorded() -> None:
    values = [6.6, 5.3, 2.2, 1.1, 1.76, 4.65]
    assert [rating(value, INTEREST) for value in values] == [93, 72, 20, 2, 13, 61]


@pytest.mark.parametrize(("value", "whole"), [(0.5, 1), (1.5, 2), (2.5, 3), (2.49, 2), (8.93, 9)])
def test_halves_go_up(value: float, whole: int) -> None:
    assert half_up(value) == whole
