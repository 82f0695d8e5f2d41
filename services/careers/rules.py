"""How careers are searched, and to whom their texts are credited; pure."""

import unicodedata

ONET_CODE = r"^\d{2}-\d{4}\.\d{2}$"
"""An O*NET-SOC code, such as `15-1252.00`."""

ONET_DATABASE = "O*NET Database"
"""Source of what the FILES mode loads."""

LICENSE = "CC BY 4.0"
LICENSE_URL = "https://www.onetcenter.org/license_db.html"


def fold(text: str) -> str:
    """Return `text` as it is searched: without case and without diacritics (đ is d)."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in letters if not unicodedata.combining(c)).replace("đ", "d")


def credit(source: str, version: str) -> str:
    """Return the line that the licence wants shown wherever texts of this source are."""
    return (
        f"Includes information from the {source} {version}, which the U.S. Department of Labor, "
        f"Employment and Training Administration (USDOL/ETA) publishes under {LICENSE}. "
        "O*NET® is a trademark of USDOL/ETA."
    )
