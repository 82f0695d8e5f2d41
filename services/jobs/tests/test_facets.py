"""What the jobs that are found share, counted."""

import orjson

from libs.common.testing import Bench
from services.jobs.schemas.search import FoundJobsOut
from services.jobs.tests.many import many_jobs
from services.jobs.tests.samples import posted


async def test_facets_are_counted_over_all_that_is_found(bench: Bench) -> None:
    await posted(bench, jd={"location": "Hà Nội", "level": "junior"}, skillIds=[1, 14])
    await posted(bench, jd={"location": "Quận 1, TP.HCM", "level": "Junior", "jobType": "Remote"})
    await posted(bench, jd={"location": "Timbuktu", "level": None}, categoryIds=[5, 1])
    await posted(bench, skillIds=[3])
    answer = await bench.client.get("/api/v1/jobs?facets=true&skill=java&limit=1")
    data = answer.json()["data"]
    assert len(data["items"]) == 1
    assert data["facets"] == {
        "skills": [
            {"id": 1, "name": "Java", "count": 3},
            {"id": 2, "name": "Spring Boot", "count": 2},
            {"id": 14, "name": "Docker", "count": 1},
        ],
        "categories": [
            {"id": 5, "name": "Backend", "count": 3},
            {"id": 1, "name": "IT - Phần mềm", "count": 1},
        ],
        "locations": [{"name": name, "count": 1} for name in ("Hà Nội", "Hồ Chí Minh", "Timbuktu")],
        "levels": [{"name": "junior", "count": 2}],
        "jobTypes": [{"name": "Hybrid", "count": 2}, {"name": "Remote", "count": 1}],
    }
    assert (answer.headers["X-Total-Count"], answer.headers["X-Facets-Over"]) == ("3", "3")
    assert "next" in answer.links
    following = await bench.client.get(answer.links["next"]["url"])
    assert following.json()["data"]["facets"] == data["facets"]


async def test_facets_are_named_in_the_callers_language(bench: Bench) -> None:
    await posted(bench, categoryIds=[1])
    headers = {"Accept-Language": "en"}
    answer = await bench.client.get("/api/v1/jobs?facets=true", headers=headers)
    assert answer.json()["data"]["facets"]["categories"][0]["name"] == "IT - Software"


async def test_nothing_found_shares_nothing(bench: Bench) -> None:
    for query in ("", "&skill=no+such", "&q=nothing"):
        answer = await bench.client.get(f"/api/v1/jobs?facets=true{query}")
        data = answer.json()["data"]
        assert data["items"] == []
        assert set(map(tuple, data["facets"].values())) == {()}


async def test_slips_are_forgiven_in_facets_too(bench: Bench) -> None:
    await posted(bench)
    answer = await bench.client.get("/api/v1/jobs?facets=true&q=backedn")
    assert answer.json()["data"]["facets"]["levels"] == [{"name": "Senior", "count": 1}]


async def test_facets_are_of_the_newest_thousand(bench: Bench) -> None:
    await many_jobs(bench, 1500)
    answer = await bench.client.get("/api/v1/jobs?facets=true&q=developer")
    facets = answer.json()["data"]["facets"]
    assert sum(level["count"] for level in facets["levels"]) == 1000
    assert answer.headers["X-Facets-Over"] == answer.headers["X-Total-Count"] == "1000"
    assert len(facets["skills"]) == 20


async def test_the_bytes_are_what_the_schema_says(bench: Bench) -> None:
    await posted(bench)
    answer = await bench.client.get("/api/v1/jobs?facets=true")
    data = orjson.loads(answer.content)["data"]
    read = FoundJobsOut.model_validate_json(orjson.dumps(data), strict=True)
    assert read.model_dump(mode="json", by_alias=True, exclude_unset=True) == data


async def test_openapi_shows_both_shapes(bench: Bench) -> None:
    document = bench.app.openapi()
    operation = document["paths"]["/api/v1/jobs"]["get"]
    success = operation["responses"]["200"]
    headers = {"X-Total-Count", "X-Total-Capped", "X-Facets-Over", "X-Corrected", "Link"}
    assert headers <= set(success["headers"])
    schema = success["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    data = document["components"]["schemas"][schema]["properties"]["data"]
    shapes = [shape.get("$ref", shape.get("type", "")) for shape in data["anyOf"]]
    assert shapes == ["array", "#/components/schemas/FoundJobsOut"]
    named = {parameter["name"] for parameter in operation["parameters"]}
    assert {
        "q",
        "loc",
        "salary_min",
        "jobType",
        "contractType",
        "sort",
        "cursor",
        "facets",
    } <= named
