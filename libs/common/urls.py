"""Web addresses that people give: checked, and kept in the form that was checked."""

import re
from typing import Annotated

from pydantic import AfterValidator, AnyUrl, StringConstraints, TypeAdapter, UrlConstraints

MAX_LENGTH = 2048

# An empty path stays empty: addresses in their normal form are kept byte for byte.
_PARSED = TypeAdapter(Annotated[AnyUrl, UrlConstraints(preserve_empty_path=True)])
_WRITTEN = re.compile(r"https?://[\w\[][^/?#@\\]*([/?#].*)?", re.IGNORECASE)


def web_url(text: str) -> str:
    """Return an http or https address in its normal form (WHATWG URL): ASCII, host in lower case.

    Raises:
        ValueError: it is no such address; has no host, or a user's name or password; or contains
            blanks, control or invisible characters, which parsers drop and readers do not see.
    """
    if " " in text or not text.isprintable():
        raise ValueError("must not contain blanks or control characters")
    if not _WRITTEN.fullmatch(text):
        raise ValueError("must be http(s)://host/…, without a user's name or password")
    url = str(_PARSED.validate_python(text))
    if len(url) > MAX_LENGTH:
        raise ValueError(f"must have at most {MAX_LENGTH} characters once it is percent-encoded")
    return url


def _https(url: str) -> str:
    if not url.startswith("https://"):
        raise ValueError("must begin with https://")
    return url


WebUrl = Annotated[str, StringConstraints(max_length=MAX_LENGTH), AfterValidator(web_url)]
"""An http or https address in a body."""
HttpsUrl = Annotated[WebUrl, AfterValidator(_https)]
"""An https address in a body."""
