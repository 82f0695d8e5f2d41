"""When two addresses are one posting: the canonical form of its URL; pure."""

import re
from urllib.parse import quote, unquote, urlsplit

MAX_URL = 2000
"""Characters; PostgreSQL cannot index a text much longer (a third of a page)."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[\w.-]*\w[\w.-]*|[0-9a-f:.]+:[0-9a-f:.]*")  # a name, IPv4, or IPv6
_DELIMITERS = "/:@!$&'()*+,;=~%"  # RFC 3986: what stands in a path as it is; `%` is an escape
_TRACKING = re.compile(
    r"utm_.*|mc_[ce]id|_hs(enc|mi)|_g[al]|(fb|g|dc|ms|y|tt|tw)clid|li_fat_id|[gw]braid|igshid"
    r"|trk|trackingid|refid",
    re.IGNORECASE,
)


class UnusableUrl(ValueError):
    """The text is no address of a posting; says why."""


def canonical_url(url: str) -> str:
    """Return the one form of all the addresses that lead to the same posting as `url`.

    Scheme and host in lower case, no default port, no user, no fragment, no slash at the end of
    the path, no parameters that only tell where a visitor came from; the others keep their order,
    which can mean something (RFC 3986, section 6).

    Raises:
        UnusableUrl: not an http or https address, without a host, or over `MAX_URL` characters.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
        path = quote(parts.path, safe=_DELIMITERS).rstrip("/")
        query = quote(_without_tracking(parts.query), safe=_DELIMITERS + "?")
    except ValueError as error:
        raise UnusableUrl("is no web address") from error
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        raise UnusableUrl("is no web address")
    address = f"[{host}]" if ":" in host else host
    if port not in {None, _DEFAULT_PORTS[parts.scheme]}:
        address += f":{port}"
    canonical = f"{parts.scheme}://{address}{path}" + (f"?{query}" if query else "")
    if len(canonical) > MAX_URL:
        raise UnusableUrl(f"is longer than {MAX_URL} characters")
    return canonical


def _without_tracking(query: str) -> str:
    pairs = [(pair, unquote(pair.partition("=")[0])) for pair in query.split("&")]
    return "&".join(pair for pair, name in pairs if name and not _TRACKING.fullmatch(name))
