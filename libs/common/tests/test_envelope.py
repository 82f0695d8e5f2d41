"""Every answer of a service is in the envelope: what endpoints return, and what goes wrong."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import psycopg
import pytest
from fastapi import Depends, FastAPI, Query, Request, Response
from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError

from libs.common import errors
from libs.common.app import EnvelopeApp
from libs.common.envelope import SqlJson, Told
from libs.common.i18n import Catalogue
from libs.common.ids import NIL, Id
from libs.common.pagination import Page, Paging, page
from libs.common.schemas import Day, In, Out
from libs.common.service import service_router


class TeaIn(In):
    leaf_name: str = Field(max_length=20)
    grams: int = Field(ge=1, le=500)
    notes: list[str] = Field(default_factory=list)


class TeaOut(Out):
    leaf_name: str


router = service_router("teas")


@router.post("/teas", status_code=201)
async def brew(tea: TeaIn) -> TeaOut:
    return TeaOut(leaf_name=tea.leaf_name)


@router.get("/teas")
async def list_teas(paging: Paging) -> Page[TeaOut]:
    return page([TeaOut(leaf_name="sen")] * paging.limit, 45, paging)


@router.get("/teas/raw")
async def raw_teas() -> SqlJson[list[TeaOut]]:
    return SqlJson(b'[{"leafName":"sen"}]', {"X-Total-Count": "1"}, total=1)


@router.get("/teas/pour")
async def pour(hot: bool) -> Told[bool]:
    return Told("brew" if hot else "list_teas", hot)


@router.get("/teas/file")
async def tea_file() -> Response:
    return Response(b"leaves", media_type="text/plain")


@router.get("/teas/fault")
async def fault(kind: Annotated[str, Query()]) -> None:
    raise FAULTS[kind]


@router.get("/teas/boxes/{number}")
async def read_box(number: int) -> int:
    return number


@router.get("/teas/{tea_id}")
async def read_tea(tea_id: Id) -> str:
    if tea_id == NIL:
        raise errors.NotFound
    return str(tea_id)


FAULTS: dict[str, Exception] = {
    "bug": RuntimeError("a secret"),
    "database": OperationalError("SELECT", {}, psycopg.OperationalError("gone")),
    "driver": psycopg.OperationalError("gone"),
    "data": DBAPIError("SELECT", {}, psycopg.DataError("NUL")),
    "driver's data": psycopg.DataError("NUL"),
    "constraint": DBAPIError("INSERT", {}, psycopg.errors.UniqueViolation("unknown")),
}

CATALOGUE = """
[messages]
brew = "Pha trà"
list_teas = "Có {total} loại trà"
raw_teas = "Có {total} loại trà"
read_tea = "Trà"
"""


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    for language in ("vi", "en"):
        (tmp_path / f"{language}.toml").write_text(CATALOGUE, "utf-8")
    app = EnvelopeApp(Catalogue(tmp_path))
    app.router.routes += router.routes  # as `create_app` does
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://teas/api/v1"
    ) as client:
        yield client


async def test_a_model_becomes_data(client: httpx.AsyncClient) -> None:
    answer = await client.post("/teas", json={"leafName": "Trà sen", "grams": 5})
    assert answer.status_code == 201
    assert answer.json() == {"message": "Pha trà", "data": {"leafName": "Trà sen"}, "error": None}


async def test_text_is_stored_in_nfc(client: httpx.AsyncClient) -> None:
    answer = await client.post("/teas", json={"leafName": "Tra\u0300", "grams": 5})
    assert answer.json()["data"]["leafName"] == "Trà"


async def test_a_page_keeps_data_an_array_and_links_to_the_next(client: httpx.AsyncClient) -> None:
    answer = await client.get("/teas?limit=2&offset=4&q=a b")
    assert answer.json()["message"] == "Có 45 loại trà"
    assert len(answer.json()["data"]) == 2
    assert answer.headers["X-Total-Count"] == "45"
    assert answer.headers["Link"] == '</api/v1/teas?q=a+b&limit=2&offset=6>; rel="next"'
    last = await client.get("/teas?limit=1&offset=44")
    assert "Link" not in last.headers


async def test_json_from_sql_is_passed_through(client: httpx.AsyncClient) -> None:
    answer = await client.get("/teas/raw")
    assert answer.json()["data"] == [{"leafName": "sen"}]
    assert answer.json()["message"] == "Có 1 loại trà"
    assert answer.headers["X-Total-Count"] == "1"


async def test_one_route_may_say_several_things(client: httpx.AsyncClient) -> None:
    assert (await client.get("/teas/pour?hot=true")).json()["message"] == "Pha trà"


async def test_what_stands_in_a_path_is_read_and_checked(client: httpx.AsyncClient) -> None:
    assert (await client.get("/teas/boxes/12")).json()["data"] == 12
    refused = await client.get("/teas/boxes/twelve")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert [problem["field"] for problem in refused.json()["error"]["details"]] == ["number"]


@pytest.mark.parametrize(("path", "status"), [("/teas/raw", 200), ("/teas", 500)])
async def test_what_asks_for_the_request_only_is_not_searched_for_more(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    """It rests on how FastAPI makes routes: another version of it must not bring the 60 µs back."""

    async def searched(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("fastapi.routing.solve_dependencies", searched)
    assert (await client.get(path)).status_code == status


async def test_what_a_router_asks_for_is_asked_of_the_routes_it_includes() -> None:
    async def refuse(request: Request) -> None:
        raise errors.Forbidden

    app = EnvelopeApp(Catalogue())
    app.include_router(router, dependencies=[Depends(refuse)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://teas/api/v1") as client:
        assert (await client.get("/teas/raw")).status_code == 403


async def test_a_response_is_left_alone(client: httpx.AsyncClient) -> None:
    assert (await client.get("/teas/file")).content == b"leaves"


async def test_openapi_shows_the_envelope(client: httpx.AsyncClient) -> None:
    app = FastAPI()
    app.include_router(router)
    operation = app.openapi()["paths"]["/api/v1/teas"]["get"]
    shown = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    envelope = app.openapi()["components"]["schemas"][shown.rpartition("/")[2]]
    assert set(envelope["properties"]) == {"message", "data", "error"}
    assert envelope["properties"]["data"]["type"] == "array"


BAD_BODIES: list[tuple[bytes, str, int, str]] = [
    (b'{"leafName": 1, "grams": 5}', "application/json", 422, "VALIDATION_ERROR"),
    (b'{"leafName": "a", "grams": 5, "x": 1}', "application/json", 422, "VALIDATION_ERROR"),
    (b'{"leafName": "a\\u0000", "grams": 5}', "application/json", 422, "VALIDATION_ERROR"),
    (
        b'{"leafName": "a", "grams": 5, "notes": ["\\u0000"]}',
        "application/json",
        422,
        "VALIDATION_ERROR",
    ),
    (b'{"leafName": "\\ud800", "grams": 5}', "application/json", 422, "VALIDATION_ERROR"),
    (b'{"\\ud800": "a", "grams": 5}', "application/json", 422, "VALIDATION_ERROR"),
    (b'{"leafName": "a", "grams": NaN}', "application/json", 422, "VALIDATION_ERROR"),
    (b"[]", "application/json", 422, "VALIDATION_ERROR"),
    (b"", "application/json", 422, "VALIDATION_ERROR"),
    (b'{"leafName": ', "application/json", 400, "MALFORMED_JSON"),
    (b"\xff\xfe", "application/json", 400, "MALFORMED_JSON"),
    (b"[" * 100_000, "application/json", 400, "MALFORMED_JSON"),
    (b'{"grams": ' + b"9" * 5000 + b"}", "application/json", 400, "MALFORMED_JSON"),
    (b"leafName=a", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
    (b"<a/>", "text/xml; charset=utf-8", 415, "UNSUPPORTED_MEDIA_TYPE"),
]


@pytest.mark.parametrize(("body", "media_type", "status", "code"), BAD_BODIES)
async def test_bad_bodies_get_a_clear_error(
    client: httpx.AsyncClient, body: bytes, media_type: str, status: int, code: str
) -> None:
    answer = await client.post("/teas", content=body, headers={"Content-Type": media_type})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["data"] is None


async def test_a_body_says_that_it_is_json(client: httpx.AsyncClient) -> None:
    answer = await client.post("/teas", content=b'{"leafName": "a", "grams": 5}')
    assert "content-type" not in answer.request.headers
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert answer.json()["error"]["details"] == {"accepted": ["application/json"]}
    nothing = await client.post("/teas")
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (422, "VALIDATION_ERROR")


async def test_validation_names_the_field(client: httpx.AsyncClient) -> None:
    answer = await client.post("/teas", json={"leafName": "a", "grams": 0})
    [problem] = answer.json()["error"]["details"]
    assert (problem["field"], problem["type"]) == ("grams", "greater_than_equal")


@pytest.mark.parametrize(
    ("lang", "words"), [("vi", "không được chứa ký tự NUL"), ("en", "must not contain NUL")]
)
async def test_our_own_rules_are_told_in_our_own_words(
    client: httpx.AsyncClient, lang: str, words: str
) -> None:
    """As where a command refuses a field: nobody is shown what library found it."""
    asked = {"Accept-Language": lang}
    answer = await client.post("/teas", json={"leafName": "a\0", "grams": 5}, headers=asked)
    [problem] = answer.json()["error"]["details"]
    assert (problem["message"], problem["type"]) == (words, "value_error")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "offset=-1", "limit=many"])
async def test_paging_out_of_bounds_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/teas?{query}")).status_code == 422


@pytest.mark.parametrize("tea_id", ["888", "not-an-id", "%00", "é"])
async def test_an_id_that_cannot_be_ours_names_nothing(
    client: httpx.AsyncClient, tea_id: str
) -> None:
    answer = await client.get(f"/teas/{tea_id}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_unknown_paths_and_methods_are_in_the_envelope(client: httpx.AsyncClient) -> None:
    unknown = await client.get("/coffee")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "NOT_FOUND")
    wrong = await client.delete("/teas/file")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert wrong.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("bug", 500, "INTERNAL_ERROR"),
        ("database", 503, "SERVICE_UNAVAILABLE"),
        ("driver", 503, "SERVICE_UNAVAILABLE"),
        ("data", 422, "VALIDATION_ERROR"),
        ("driver's data", 422, "VALIDATION_ERROR"),
        ("constraint", 409, "CONFLICT"),
    ],
)
async def test_faults_are_in_the_envelope_and_tell_no_secret(
    client: httpx.AsyncClient, kind: str, status: int, code: str
) -> None:
    answer = await client.get(f"/teas/fault?kind={kind}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert "secret" not in answer.text


async def test_the_caller_chooses_the_language(client: httpx.AsyncClient) -> None:
    codes: dict[str, Any] = {}
    for language in ("vi", "en"):
        answer = await client.get("/coffee", headers={"Accept-Language": language})
        codes[answer.json()["message"]] = answer.json()["error"]["code"]
    assert len(codes) == 2
    assert set(codes.values()) == {"NOT_FOUND"}


@pytest.mark.parametrize("sent", [0, 1767139200, "1767139200", "2026-11-21T00:00:00", "", None, []])
def test_a_day_is_written_out(sent: object) -> None:
    adapter = TypeAdapter(Day)
    assert str(adapter.validate_python("2026-11-21")) == "2026-11-21"
    with pytest.raises(ValidationError):
        adapter.validate_python(sent)
