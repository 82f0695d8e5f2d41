"""A query that is read into a model is read as FastAPI reads parameters that are declared."""

from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import FastAPI, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from libs.common.query import pairs_of, query_parameters, read_query, without_blanks

app = FastAPI()
Leaf = Annotated[str, Field(max_length=3)]
Sort = Literal["old", "new"]


class Asked(BaseModel):
    leaf: Leaf | None = Field(None, description="Its name.")
    kinds: Annotated[list[Leaf], Field(max_length=2)] = Field([], alias="kind")
    grams: int = Field(5, ge=1, le=9)
    hot: bool = False
    sort: Sort = "new"


@app.get("/ours", openapi_extra=query_parameters(Asked))
async def ours(request: Request) -> Any:
    return read_query(Asked, pairs_of(request))


@app.get("/theirs")
async def theirs(
    leaf: Annotated[Leaf | None, Query(description="Its name.")] = None,
    kind: Annotated[list[Leaf], Query(max_length=2)] = [],  # noqa: B006
    grams: Annotated[int, Query(ge=1, le=9)] = 5,
    hot: bool = False,
    sort: Sort = "new",
) -> Any:
    read = {"leaf": leaf, "kind": kind, "grams": grams, "hot": hot, "sort": sort}
    return Asked.model_validate(read)


@app.exception_handler(RequestValidationError)
async def refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return JSONResponse(jsonable_encoder(error.errors()), 422)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        *(("", 200), ("leaf=sen&grams=7&hot=yes&sort=old", 200), ("leaf=", 200)),
        *(("kind=a&kind=b", 200), ("leaf=a&leaf=b", 200), ("unknown=1", 200), ("kinds=a", 200)),
        *(("leaf=%C3%A0+%20", 200), ("leaf=%FF", 200), ("grams=%20%207", 200)),
        *(("leaf=long", 422), ("kind=a&kind=long", 422), ("kind=a&kind=b&kind=c", 422)),
        *(("grams=0", 422), ("grams=x&sort=other", 422), ("hot=", 422), ("grams=1.5", 422)),
    ],
)
async def test_as_fastapi_reads_it(query: str, status: int) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://teas") as client:
        ours, theirs = [await client.get(f"/{whose}?{query}") for whose in ("ours", "theirs")]
    assert (ours.status_code, ours.json()) == (status, theirs.json())


@pytest.mark.parametrize(
    ("query", "left"),
    [
        *((b"", b""), (b"leaf=", b""), (b"leaf", b""), (b"leaf=+%20%0A&hot= ", b"hot= ")),
        *((b"leaf=&grams=1", b"grams=1"), (b"kind=&kind=a&kind=%20", b"kind=a&")),
        *((b"leaf=%20x", b"leaf=%20x"), (b"leaf==", b"leaf=="), (b"a=1&cursor=", b"a=1&cursor=")),
    ],
)
def test_what_is_left_blank_is_left_out(query: bytes, left: bytes) -> None:
    assert without_blanks(query) == left


def test_openapi_lists_what_it_lists_for_fastapi() -> None:
    paths = app.openapi()["paths"]
    listed = [paths[path]["get"]["parameters"] for path in ("/ours", "/theirs")]
    assert listed[0] == listed[1]
