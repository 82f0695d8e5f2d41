"""To whom the texts of careers are credited; pure."""

ONET_CODE = r"^\d{2}-\d{4}\.\d{2}$"
"""An O*NET-SOC code, such as `15-1252.00`."""

ONET_DATABASE = "O*NET Database"
"""Source of what the FILES mode loads."""

LICENSE = "CC BY 4.0"
LICENSE_URL = "https://www.onetcenter.org/license_db.html"


def credit(source: str, version: str) -> str:
    """Return the line that the licence wants shown wherever texts of this source are."""
    return (
        f"Includes information from the {source} {version}, which the U.S. Department of Labor, "
        f"Employment and Training Administration (USDOL/ETA) publishes under {LICENSE}. "
        "O*NET® is a trademark of USDOL/ETA."
    )
