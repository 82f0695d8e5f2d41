"""Where the texts of careers come from, and to whom they are credited; pure."""

import re

ONET_CODE = r"^\d{2}-\d{4}\.\d{2}$"
"""An O*NET-SOC code, such as `15-1252.00`."""

ONET_DATABASE = "O*NET Database"
"""Source of what the FILES mode loads."""
ONET_WEB_SERVICES = "O*NET Web Services"
"""Source of what the modes MNM, ONLINE and HYBRID load."""

LICENSES = {
    ONET_DATABASE: ("CC BY 4.0", "https://www.onetcenter.org/license_db.html"),
    ONET_WEB_SERVICES: (
        "O*NET Web Services Data License",
        "https://services.onetcenter.org/help/license_data",
    ),
}
"""Source -> name and address of its licence."""

_PUBLISHER = "by the U.S. Department of Labor, Employment and Training Administration (USDOL/ETA)."
_TRADEMARK = "O*NET® is a trademark of USDOL/ETA."
_MODIFIED = (
    "Waymark has modified all or some of this information. USDOL/ETA has not approved, endorsed, "
    "or tested these modifications."
)
_BLS = "Wages and employment projections: U.S. Bureau of Labor Statistics."


def is_onet_code(text: str) -> bool:
    """Tell whether a text is an O*NET-SOC code."""
    return re.fullmatch(ONET_CODE, text, re.ASCII) is not None


def credit(source: str, version: str, *, modified: bool = False, bls: bool = False) -> str:
    """Return the line that the licence wants shown wherever texts of this source are.

    Args:
        source: `ONET_DATABASE` or `ONET_WEB_SERVICES`.
        version: of the database.
        modified: something of it was made here (derived tasks).
        bls: figures of the Bureau of Labor Statistics stand beside.
    """
    if source == ONET_WEB_SERVICES:
        first = f"This site incorporates information from O*NET Web Services {_PUBLISHER}"
    else:
        first = (
            f"This page includes information from the O*NET {version} Database {_PUBLISHER} "
            "Used under the CC BY 4.0 license."
        )
    return " ".join([first, _TRADEMARK, *([_MODIFIED] * modified), *([_BLS] * bls)])
