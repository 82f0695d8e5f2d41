"""What the credit says."""

from services.careers.rules import LICENSE, credit


def test_the_credit_names_publisher_release_licence_and_trademark() -> None:
    line = credit("O*NET Database", "30.1")
    for part in ("O*NET Database 30.1", "USDOL/ETA", LICENSE, "trademark"):
        assert part in line
