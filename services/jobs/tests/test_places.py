"""Places as they are compared."""

import pytest

from services.jobs.places import place_key, place_keys


@pytest.mark.parametrize(
    "spelling",
    [
        *("HoChiMinh", "Ho Chi Minh", "Hồ Chí Minh", "TP. Hồ Chí Minh", "TP.HCM", "TPHCM"),
        *("thành phố Hồ Chí Minh", "Ho Chi Minh City", "HCMC", "Sài Gòn"),
    ],
)
def test_a_place_has_one_key(spelling: str) -> None:
    assert place_key(spelling) == "hochiminh"


def test_a_location_is_found_by_its_parts() -> None:
    assert place_keys("Quận 1, TP.HCM") == ["hochiminh", "quan1", "quan1tphcm"]
    assert {"hanoi", "danang"} <= set(place_keys("Hà Nội / Đà Nẵng"))
    assert place_keys("...") == []
