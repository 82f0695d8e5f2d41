"""Canonical addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingestion.dedupe import MAX_URL, UnusableUrl, canonical_url, fingerprint

ONE_POSTING = "https://jobs.example/view/42?id=7&lang=vi"


@pytest.mark.parametrize(
    "url",
    [
        ONE_POSTING,
        "HTTPS://Jobs.Example/view/42?id=7&lang=vi",
        "https://jobs.example:443/view/42/?id=7&lang=vi",
        "https://jobs.example/view/42?id=7&lang=vi#apply",
        "https://jobs.example/view/42?utm_source=x&id=7&UTM_Campaign=y&lang=vi&gclid=1&fbclid=2",
        "  https://me:secret@jobs.example/view/42//?id=7&&lang=vi&trk=a&%75tm_medium=b \n",
    ],
)
def test_addresses_of_one_posting_have_one_form(url: str) -> None:
    assert canonical_url(url) == ONE_POSTING


@pytest.mark.parametrize(
    "url",
    [
        "http://jobs.example/view/42?id=7&lang=vi",
        "https://jobs.example:8443/view/42?id=7&lang=vi",
        "https://jobs.example/View/42?id=7&lang=vi",
        "https://jobs.example/view/42?lang=vi&id=7",
        "https://jobs.example/view/42?id=8&lang=vi",
        "https://jobs.example/view/42?id=7&lang=vi&uid=1",
    ],
)
def test_addresses_that_may_be_of_another_stay_apart(url: str) -> None:
    assert canonical_url(url) == url


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        (
            "https://de.linkedin.com/jobs/view/senior-engineer-at-acme-4242?position=1&trk=x",
            "https://www.linkedin.com/jobs/view/4242",
        ),
        ("https://linkedin.com/jobs/view/4242/", "https://www.linkedin.com/jobs/view/4242"),
        ("https://linkedin.com/company/acme", "https://linkedin.com/company/acme"),
        (
            "https://de.indeed.com/rc/clk?from=vj&jk=ab12&fccid=3",
            "https://de.indeed.com/viewjob?jk=ab12",
        ),
        (
            "https://acme.example/jobs?gh_jid=7&gh_src=x&ref=y&source=z&lever-source=w",
            "https://acme.example/jobs?gh_jid=7",
        ),
        ("https://notlinkedin.com/jobs/view/1?a=1", "https://notlinkedin.com/jobs/view/1?a=1"),
        ("https://jobs.example/", "https://jobs.example"),
        ("https://việc.example/kỹ sư", "https://việc.example/k%E1%BB%B9%20s%C6%B0"),
        ("http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"),
    ],
)
def test_the_form_itself(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        *("", "jobs.example/42", "ftp://jobs.example/42", "javascript:alert(1)", "https://"),
        *("https://a b.example/", "https://jobs.example:port/", "https://[::1/", "https://..."),
        *("https://jobs.example/" + "x" * MAX_URL, "mailto:a@jobs.example", 'https://a"b.example'),
    ],
)
def test_what_is_no_address_of_a_posting_is_refused(url: str) -> None:
    with pytest.raises(UnusableUrl):
        canonical_url(url)


ADDRESSES = st.builds(
    "{}://{}{}{}?{}#{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.from_regex(r"[\w.-]{1,20}|\[[0-9A-F:]{2,12}\]", fullmatch=True),
    st.sampled_from(["", ":80", ":443", ":8080", ":"]),
    st.text().map("/{}".format),
    st.lists(st.text() | st.sampled_from(["utm_source=a", "id=1", "&", "gclid"])).map("&".join),
    st.text(),
)


@given(st.text() | ADDRESSES)
def test_the_canonical_form_is_its_own_canonical_form(url: str) -> None:
    try:
        once = canonical_url(url)
    except UnusableUrl:
        return
    assert canonical_url(once) == once
    assert "#" not in once
    assert len(once) <= MAX_URL


def test_near_copies_share_a_fingerprint() -> None:
    one = fingerprint("ky su", "a", "Viết  mã\nsạch.")
    assert one == fingerprint("ky su", "a", "VIẾT MÃ SẠCH. ")
    others = [
        ("ky su 2", "a", "Viết mã sạch."),
        ("ky su", "b", "Viết mã sạch."),
        ("ky su", "a", "x"),
    ]
    assert len({one, *(fingerprint(*other) for other in others)}) == 4
    assert fingerprint("ky su", None, "x") == fingerprint("ky su", None, "X")
    assert fingerprint("ky su", "a", None) is None
    assert fingerprint("ky su", "a", " \n") is None
