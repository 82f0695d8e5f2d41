"""What texts of jobs stand for."""

import pytest

from services.jobs.terms import FIELDS, terms_of


def keys(field: str, written: str) -> list[tuple[str, str]]:
    return sorted((term.kind, term.key) for term in terms_of(field, written))


@pytest.mark.parametrize("written", ["Full-time", "full time", "FULLTIME", "Full–Time "])
def test_spellings_of_a_type_are_one_term(written: str) -> None:
    assert keys("contractType", written) == [("contractType", "fulltime")]
    assert [term.name for term in terms_of("jobType", written)] == [written]


def test_a_location_is_a_city_and_places() -> None:
    found = [("city", "hochiminh"), ("place", "quan1"), ("place", "quan1saigon")]
    assert keys("location", "Quận 1, Sài Gòn") == [*found, ("place", "vietnam")]


def test_a_company_is_found_by_how_its_name_begins() -> None:
    begun = ["fpt", "fpt software", "fpt software ha", "fpt software ha noi"]
    assert keys("company", "FPT Software (Hà Nội)") == [("company", key) for key in begun]


def test_a_long_name_has_few_beginnings_and_itself() -> None:
    words = [f"w{n}" for n in range(40)]
    begun = {" ".join(words[:n]) for n in (*range(1, 7), 40)}
    assert keys("company", " ".join(words)) == sorted(("company", key) for key in begun)


def test_what_has_no_letters_stands_for_nothing() -> None:
    assert [terms_of(field, " -- ") for field in FIELDS] == [[]] * len(FIELDS)
