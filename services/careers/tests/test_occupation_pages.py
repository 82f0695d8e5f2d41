"""The page "See more", and that nobody is sent it twice."""

from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest

from libs.common.testing import Bench
from services.careers.rules import ONET_DATABASE, credit
from services.careers.schemas.occupations import CareerPageOut
from services.careers.tests.dossiers import ALL, ALL_OTHER, DEVELOPERS, MILITARY, SCIENTISTS, store

LISTS = ("/careers", "/careers/by-interests?riasec=I", "/careers/15-1252.00/related")
CACHED = (*LISTS, "/careers/15-1252.00", "/bff/catalog/career/15-1252.00")


@pytest.fixture(autouse=True)
async def _loaded(bench: Bench) -> None:
    await store(bench, *ALL)


async def page(bench: Bench, code: str) -> dict[str, Any]:
    data: dict[str, Any] = (await read(bench, code)).json()["data"]
    return data


async def read(bench: Bench, code: str, **headers: str) -> httpx.Response:
    return await bench.client.get(f"/api/v1/bff/catalog/career/{code}", headers=headers)


@pytest.mark.parametrize("code", [one.onet_code for one in ALL])
async def test_a_page_is_of_the_documented_shape(bench: Bench, code: str) -> None:
    data = await page(bench, code)
    shown = CareerPageOut.model_validate(data).model_dump(mode="json")
    assert shown.pop("dataset")["name"] == data.pop("dataset")["name"]  # instants differ in form
    assert shown == data


async def test_everything_on_an_occupation_is_in_one_answer(bench: Bench) -> None:
    answer = await read(bench, DEVELOPERS.onet_code)
    assert answer.json()["message"] == "Lấy chi tiết nghề nghiệp thành công"
    data = answer.json()["data"]
    assert data["absent"] == []
    assert data["header"]["title_en"] == "Software Developers"
    assert data["also_called"] == ["Software Engineer"]
    assert [task["source"] for task in data["tasks"]] == ["onet"] * 5
    assert data["technology"][0] == {
        "category": "Object oriented development software",
        "example": "Python",
        "hot_flag": True,
        "in_demand": True,
    }
    assert [data[kind][0]["rating"] for kind in ("knowledge", "skills", "abilities")] == [
        92,
        72,
        75,
    ]
    assert data["prep"]["job_zone"] == 4
    assert data["interests"]["scores"] == {"R": 43, "I": 90, "A": 29, "S": 10, "E": 14, "C": 62}
    assert data["outlook"]["openings_est"] == 115_200
    assert data["work_context"][0]["responses"] == [{"name": "Every day", "percentage": 100}]
    assert data["education_pct"][0] == {"level": "Bachelor's degree", "percentage": 75}
    assert data["wages"]["annual_median"] == 135_980
    assert [one["onet_code"] for one in data["related"]][:2] == ["15-2051.00", "11-9199.00"]
    assert data["dataset"]["version"] == "30.1"
    assert data["attribution"]["text"] == credit(ONET_DATABASE, "30.1", bls=True)


@pytest.mark.parametrize("dossier", [ALL_OTHER, MILITARY])
async def test_a_page_without_data_reads_well(bench: Bench, dossier: Any) -> None:
    data = await page(bench, dossier.onet_code)
    empty = {name for name, section in data.items() if section in (None, [])}
    assert empty == {one["section"] for one in data["absent"]}
    assert {"tasks", "skills", "interests", "wages"} <= empty
    assert ("outlook" in empty) == (dossier is MILITARY)
    assert data["header"]["short_desc_en"] == dossier.header.short_desc_en


async def test_ratings_that_nobody_gave_are_null(bench: Bench) -> None:
    data = await page(bench, SCIENTISTS.onet_code)
    assert data["tasks"][0]["importance"] is None
    assert data["interests"] == {"top": "I", "code": "I", "scores": None}
    assert {"knowledge", "skills", "abilities"} <= {one["section"] for one in data["absent"]}


@pytest.mark.parametrize("path", CACHED)
async def test_nobody_is_sent_twice_what_he_has(bench: Bench, path: str) -> None:
    first = await bench.client.get(f"/api/v1{path}")
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    etag = first.headers["ETag"]
    for held in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await bench.client.get(f"/api/v1{path}", headers={"If-None-Match": held})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == etag
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert not {"content-type", "content-length"} & set(again.headers)
    other = await bench.client.get(f"/api/v1{path}", headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("path", CACHED)
async def test_each_language_has_a_tag_of_its_own(bench: Bench, path: str) -> None:
    vietnamese = await bench.client.get(f"/api/v1{path}")
    asked = {"Accept-Language": "en", "If-None-Match": vietnamese.headers["ETag"]}
    english = await bench.client.get(f"/api/v1{path}", headers=asked)
    assert english.status_code == 200
    assert english.json()["message"] != vietnamese.json()["message"]
    assert english.json()["data"] == vietnamese.json()["data"]


async def test_a_page_that_was_loaded_anew_is_sent_anew(bench: Bench) -> None:
    before = await read(bench, DEVELOPERS.onet_code)
    await store(bench, replace(SCIENTISTS, onet_code=DEVELOPERS.onet_code))
    after = await read(bench, DEVELOPERS.onet_code, **{"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.json()["data"]["header"]["title_en"] == "Data Scientists"
    assert after.headers["ETag"] != before.headers["ETag"]


async def test_a_server_that_ended_our_connections_costs_no_reader_his_page(
    bench: Bench, postgres_url: str
) -> None:
    assert (await read(bench, DEVELOPERS.onet_code)).status_code == 200
    async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'waymark-careers'"
        )
    assert (await read(bench, DEVELOPERS.onet_code)).status_code == 200
