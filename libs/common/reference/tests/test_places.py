"""Places as they are compared."""

import pytest

from libs.common.reference.places import place_key, places_in, places_wanted


@pytest.mark.parametrize(
    "spelling",
    [
        *("HoChiMinh", "Ho Chi Minh", "Hồ Chí Minh", "TP. Hồ Chí Minh", "TP.HCM", "TPHCM", "HCM"),
        *("thành phố Hồ Chí Minh", "Ho Chi Minh City", "HCMC", "HCM City", "Sài Gòn", "saigon"),
    ],
)
def test_a_place_has_one_key(spelling: str) -> None:
    assert place_key(spelling) == "hochiminh"


@pytest.mark.parametrize(
    ("location", "keys"),
    [
        ("Quận 1, TP.HCM", {"quan1", "quan1tphcm", "hochiminh", "vietnam"}),
        ("Quận 1 TP.HCM", {"quan1", "quan1tphcm", "hochiminh", "vietnam"}),
        ("Hà Nội / Đà Nẵng", {"hanoidanang", "hanoi", "danang", "vietnam"}),
        ("Bình Dương", {"binhduong", "hochiminh", "vietnam"}),
        ("Bà Rịa - Vũng Tàu", {"bariavungtau", "hochiminh", "vietnam", "baria"}),
        ("Tokyo (Remote)", {"tokyoremote", "tokyo", "japan", "remote"}),
        ("Xa lộ Hà Nội, HCMC", {"xalohanoi", "xalohanoihcmc", "hochiminh", "vietnam"}),
        ("Timbuktu", {"timbuktu"}),
        ("...", set()),
    ],
)
def test_a_location_is_found_by_its_parts_and_what_is_around(location: str, keys: set[str]) -> None:
    assert {place.key for place in places_in(location)} == keys


def test_cities_are_counted_by_their_names() -> None:
    assert [place.name for place in places_in("Quận 1, TP.HCM") if place.is_city] == ["Hồ Chí Minh"]
    assert [place.name for place in places_in("Timbuktu") if place.is_city] == ["Timbuktu"]


def test_what_is_asked_for_may_have_parts() -> None:
    assert places_wanted("Quan 1, Saigon") == ["hochiminh", "quan1"]
    assert places_wanted("Bà Rịa - Vũng Tàu") == ["bariavungtau"]
    assert places_wanted(" . ") == []
