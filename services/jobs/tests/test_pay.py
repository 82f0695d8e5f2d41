"""Salaries are reckoned by PostgreSQL as they are here."""

from libs.common.reference.pay import FACTORS, monthly_usd
from libs.common.reference.salary import Salary
from libs.common.testing import Bench


async def test_sql_rounds_alike(bench: Bench) -> None:
    """The rows are reckoned by PostgreSQL, the bounds of a search here."""
    for (currency, period), factor in FACTORS.items():
        for amount in (1, 77, 1_250, 15_555_555):
            here, _ = monthly_usd(Salary(amount, None, currency, period))  # type: ignore[arg-type]
            [there] = await bench.rows(
                "SELECT CAST(least(round(:a * CAST(:f AS numeric)), 2000000000) AS integer) AS pay",
                a=amount,
                f=str(factor),
            )
            assert there["pay"] == here, (currency, period, amount)
