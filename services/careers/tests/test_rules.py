"""What the credit says, and what an O*NET-SOC code is."""

import pytest

from services.careers.rules import ONET_DATABASE, ONET_WEB_SERVICES, credit, is_onet_code


def test_the_databases_credit_is_the_licences_own_words() -> None:
    assert credit(ONET_DATABASE, "30.1") == (
        "This page includes information from the O*NET 30.1 Database by the U.S. Department of "
        "Labor, Employment and Training Administration (USDOL/ETA). Used under the CC BY 4.0 "
        "license. O*NET® is a trademark of USDOL/ETA."
    )


def test_what_was_made_here_and_what_is_blss_is_said() -> None:
    line = credit(ONET_WEB_SERVICES, "30.2", modified=True, bls=True)
    for part in (
        "O*NET Web Services by the U.S. Department of Labor",
        "O*NET® is a trademark of USDOL/ETA.",
        "Waymark has modified all or some of this information.",
        "USDOL/ETA has not approved, endorsed, or tested these modifications.",
        "U.S. Bureau of Labor Statistics",
    ):
        assert part in line
    assert "modified" not in credit(ONET_WEB_SERVICES, "30.2")


@pytest.mark.parametrize("text", ["15-1252", "15-1252.0", " 15-1252.00", "١٥-1252.00", "x", ""])
def test_what_is_no_code(text: str) -> None:
    assert is_onet_code("15-1252.00")
    assert not is_onet_code(text)
    assert not is_onet_code(f"{text}\n")
