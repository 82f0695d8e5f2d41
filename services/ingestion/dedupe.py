"""When two postings are one: the canonical form of an address, and what near-copies share; pure."""

import re
from hashlib import sha256
from urllib.parse import quote, unquote, urlsplit

MAX_URL = 2000
"""Characters; PostgreSQL cannot index a text much longer (a third of a page)."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[\w.-]*\w[\w.-]*|[0-9a-f:.]+:[0-9a-f:.]*")  # a name, IPv4, or IPv6
_DELIMITERS = "/:@!$&'()*+,;=~%"  # RFC 3986: what stands in a path as it is; `%` is an escape
_TRACKING = re.compile(
    r"utm_.*|mc_.*|_hs(enc|mi)|_g[al]|(fb|g|dc|ms|y|tt|tw)clid|li_fat_id|[gw]braid|igshid"
    r"|trk|trackingid|refid|ref|src|source|gh_src|lever-(source|origin)",
    re.IGNORECASE,
)
_LINKEDIN = re.compile(r"(?:\w+\.)?linkedin\.com")
_LINKEDIN_JOB = re.compile(r"/jobs/view/(?:.*-)?(\d+)")
_INDEED = re.compile(r"(?:[\w.]+\.)?indeed\.com")


class UnusableUrl(ValueError):
    """The text is no address of a posting; says why."""


def canonical_url(url: str) -> str:
    """Return the one form of all the addresses that lead to the same posting as `url`.

    Scheme and host in lower case, no default port, no user, no fragment, no slash at the end of
    the path, no parameters that only tell where a visitor came from; the others keep their order,
    which can mean something (RFC 3986, section 6). A job of LinkedIn or Indeed is known by its
    number there, whichever country's host and title are around it.

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
    host, path, query = _on_big_boards(host, path, query)
    address = f"[{host}]" if ":" in host else host
    if port not in {None, _DEFAULT_PORTS[parts.scheme]}:
        address += f":{port}"
    canonical = f"{parts.scheme}://{address}{path}" + (f"?{query}" if query else "")
    if len(canonical) > MAX_URL:
        raise UnusableUrl(f"is longer than {MAX_URL} characters")
    return canonical


def fingerprint(title: str, company: str | None, description: str | None) -> bytes | None:
    """Return what near-copies share: title, company and text, but for case and blanks.

    The title and company come folded. None without a text: two that say nothing are no copies.
    """
    words = " ".join((description or "").casefold().split())
    if not words:
        return None
    return sha256("\0".join([title, company or "", words]).encode()).digest()


def _on_big_boards(host: str, path: str, query: str) -> tuple[str, str, str]:
    if _LINKEDIN.fullmatch(host) and (job := _LINKEDIN_JOB.fullmatch(path)):
        return "www.linkedin.com", f"/jobs/view/{job[1]}", ""
    if _INDEED.fullmatch(host):
        key = next((pair for pair in query.split("&") if pair.startswith("jk=")), None)
        return (host, "/viewjob", key) if key else (host, path, query)
    return host, path, query


def _without_tracking(query: str) -> str:
    pairs = [(pair, unquote(pair.partition("=")[0])) for pair in query.split("&")]
    return "&".join(pair for pair, name in pairs if name and not _TRACKING.fullmatch(name))
