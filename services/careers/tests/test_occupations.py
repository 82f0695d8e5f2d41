"""What anybody reads of occupations, without signing in: lists, searches, one in short."""

from typing import Any

import pytest

from libs.common.testing import Bench
from services.careers.models import Career
from services.careers.rules import LICENSES, ONET_DATABASE, ONET_WEB_SERVICES, credit
from services.careers.schemas.occupations import FittingCareerOut
from services.careers.tests.dossiers import ALL, ALL_OTHER, DEVELOPERS, MILITARY, SCIENTISTS, store

LICENSE, LICENSE_URL = LICENSES[ONET_DATABASE]
D, S, O, M = (one.onet_code for one in (DEVELOPERS, SCIENTISTS, ALL_OTHER, MILITARY))  # noqa: E741
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(autouse=True)
async def _loaded(bench: Bench) -> None:
    await store(bench, *ALL)


async def codes(bench: Bench, path: str = "", **query: Any) -> list[str]:
    answer = await bench.client.get(f"/api/v1/careers{path}", params=query)
    assert answer.status_code == 200, answer.text
    found = [career["onet_code"] for career in answer.json()["data"]]
    assert int(answer.headers["X-Total-Count"]) >= len(found)
    return found


async def test_careers_are_listed_by_code_to_anybody(bench: Bench) -> None:
    answer = await bench.client.get("/api/v1/careers", params={"limit": 2})
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Tìm thấy 4 nghề nghiệp",
        "data": [
            {
                "onet_code": "11-9199.00",
                "title_en": "Managers, All Other",
                "short_desc_en": "All managers not listed separately.",
                "job_zone": None,
                "riasec": None,
                "growth_label": None,
                "matched_title": None,
            },
            {
                "onet_code": "15-1252.00",
                "title_en": "Software Developers",
                "short_desc_en": "Research, design, and develop computer and network software.",
                "job_zone": 4,
                "riasec": "IRC",
                "growth_label": "Bright",
                "matched_title": None,
            },
        ],
        "error": None,
    }
    assert answer.headers["X-Total-Count"] == "4"
    assert await codes(bench, limit=2, offset=2) == [S, M]


async def test_a_list_says_in_headers_what_it_is_from_and_whom_to_credit(bench: Bench) -> None:
    answer = await bench.client.get("/api/v1/careers", params={"limit": 3})
    [[loaded]] = [row.values() for row in await bench.rows(
        "SELECT to_char(max(loaded_at), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM careers"
        f" WHERE onet_code <> '{M}'"
    )]  # fmt: skip
    assert answer.headers["X-Dataset"] == (
        f'"O*NET Database";version="30.1";loaded_at="{loaded}";license="CC BY 4.0"'
    )
    assert answer.headers["X-Attribution"] == credit(ONET_DATABASE, "30.1").replace("®", "(R)")
    assert answer.headers["Link"] == (
        f'</api/v1/careers?limit=3&offset=3>; rel="next", <{LICENSE_URL}>; rel="license"'
    )


async def test_a_list_of_several_datasets_names_each(bench: Bench) -> None:
    await bench_update(bench, M, source=ONET_WEB_SERVICES, source_version="31.0")
    answer = await bench.client.get("/api/v1/careers")
    named = [
        member.partition(";loaded_at")[0] for member in answer.headers["X-Dataset"].split(", ")
    ]
    assert sorted(named) == [
        '"O*NET Database";version="30.1"',
        '"O*NET Web Services";version="31.0"',
    ]
    for _, url in LICENSES.values():
        assert f'<{url}>; rel="license"' in answer.headers["Link"]


async def bench_update(bench: Bench, code: str, **values: str) -> None:
    """Change a row behind the loader's back."""
    async with bench.db.write() as session:
        career = await session.get_one(Career, code)
        career.sqlmodel_update(values)


async def test_past_the_end_the_total_is_known_and_nobody_to_credit(bench: Bench) -> None:
    answer = await bench.client.get("/api/v1/careers", params={"offset": 50})
    assert (answer.json()["data"], answer.headers["X-Total-Count"]) == ([], "4")
    assert not {"link", "x-dataset", "x-attribution"} & set(answer.headers)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("software", [D, O]),  # an own title goes before another
        ("DEVELOPERS soft", [D]),
        ("developer", [D, S]),
        ("data scientists", [S]),
        ("software engineers", [D]),
        ("kỹ sư PHẦN", [D]),
        ("ky su phan", [D]),
        ("js front", [D]),
        ("managers scientist", []),
        ("15-", [D, S]),
        ("15-1252.00", [D]),
        ("55", [M]),
        ("99-9", []),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("' & !:*", []),
        ("   ", [O, D, S, M]),
    ],
)
async def test_titles_and_codes_are_searched(bench: Bench, q: str, found: list[str]) -> None:
    assert await codes(bench, q=q) == found


async def test_a_search_says_by_which_other_title_it_found(bench: Bench) -> None:
    answer = await bench.client.get("/api/v1/careers", params={"q": "soft"})
    assert [row["matched_title"] for row in answer.json()["data"]] == [
        None,
        "Clean Room Software Manager",
    ]


async def test_a_title_that_is_what_was_asked_for_goes_before_one_that_holds_it(
    bench: Bench,
) -> None:
    assert await codes(bench, q="clean room software manager") == [O]
    assert (await codes(bench, q="developer of models"))[0] == S
    assert (await codes(bench, q="software developers"))[0] == D


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"job_zone": 4}, [D]),
        ({"job_zone": 1}, []),
        ({"riasec": "I"}, [D, S]),
        ({"riasec": "ir"}, [D]),
        ({"riasec": "R"}, []),
        ({"bright": True}, [D]),
        ({"bright": False}, [S]),  # of the others nobody says
        ({"q": "data", "riasec": "I", "job_zone": 5, "bright": False}, [S]),
        ({"q": "data", "job_zone": 4}, []),
    ],
)
async def test_lists_are_filtered(bench: Bench, query: dict[str, Any], found: list[str]) -> None:
    assert await codes(bench, **query) == found


@pytest.mark.parametrize(
    "query",
    [
        {"q": "x" * 101}, {"q": "a\0b"}, {"limit": 0}, {"limit": 101}, {"offset": -1},
        {"job_zone": 0}, {"job_zone": 6}, {"job_zone": "four"}, {"riasec": "X"},
        {"riasec": "II"}, {"riasec": "RIAS"}, {"bright": "very"},
    ],
)  # fmt: skip
async def test_a_bad_query_is_refused(bench: Bench, query: dict[str, Any]) -> None:
    answer = await bench.client.get("/api/v1/careers", params=query)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
    assert answer.json()["error"]["details"][0]["field"] == next(iter(query))


async def test_a_career_is_shown_in_short_with_source_and_credit(bench: Bench) -> None:
    answer = await bench.client.get(f"/api/v1/careers/{D}", headers=ENGLISH)
    assert answer.status_code == 200
    body = answer.json()
    assert body["message"] == "Here is the career"
    assert body["data"]["dataset"].pop("loaded_at").endswith("Z")
    assert body["data"] == {
        "onet_code": "15-1252.00",
        "title_en": "Software Developers",
        "short_desc_en": "Research, design, and develop computer and network software.",
        "job_zone": 4,
        "riasec": "IRC",
        "growth_label": "Bright",
        "absent": [],
        "dataset": {"name": "O*NET Database", "version": "30.1", "license": LICENSE},
        "attribution": {
            "text": credit(ONET_DATABASE, "30.1", bls=True),
            "license": LICENSE,
            "license_url": LICENSE_URL,
        },
    }


@pytest.mark.parametrize("code", [O, M])
async def test_a_career_without_data_says_so(bench: Bench, code: str) -> None:
    data = (await bench.client.get(f"/api/v1/careers/{code}")).json()["data"]
    assert (data["job_zone"], data["riasec"]) == (None, None)
    absent = {one["section"]: one["reason"] for one in data["absent"]}
    assert {"tasks", "technology", "skills", "prep", "interests", "related"} <= set(absent)
    assert "O*NET® Database 30.1" in absent["tasks"]


PATHS = ("/careers/{}", "/careers/{}/related", "/bff/catalog/career/{}")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("code", ["99-9999.00", "nonsense", "15-1252", "'; --", "x" * 3000])
async def test_an_unknown_code_is_not_found(bench: Bench, path: str, code: str) -> None:
    answer = await bench.client.get(f"/api/v1{path.format(code)}")
    assert answer.status_code == 404
    assert answer.json() == {
        "message": "Không tìm thấy nghề nghiệp với mã này.",
        "data": None,
        "error": {"code": "CAREER_NOT_FOUND", "details": None},
    }
    assert "cache-control" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
async def test_a_code_with_nul_is_refused(bench: Bench, path: str) -> None:
    answer = await bench.client.get(f"/api/v1{path.format('15%00')}")
    assert answer.status_code == 422


async def test_related_careers_come_closest_first(bench: Bench) -> None:
    answer = await bench.client.get(f"/api/v1/careers/{D}/related", params={"limit": 1})
    assert answer.json()["message"] == "Tìm thấy 2 nghề nghiệp liên quan"  # the third is not loaded
    assert answer.json()["data"] == [
        {
            "onet_code": "15-2051.00",
            "title_en": "Data Scientists",
            "short_desc_en": "Develop and implement a set of techniques or analytics applications.",
            "job_zone": 5,
            "riasec": "I",
            "growth_label": "Average",
            "tier": "Primary-Short",
        }
    ]
    assert 'rel="next"' in answer.headers["Link"]
    assert await codes(bench, f"/{D}/related") == [S, O]
    assert await codes(bench, f"/{M}/related") == []


async def test_careers_are_found_by_interests_with_the_score_taken_apart(bench: Bench) -> None:
    answer = await bench.client.get("/api/v1/careers/by-interests", params={"riasec": "IRA"})
    assert answer.json()["message"] == "Tìm thấy 2 nghề nghiệp theo sở thích"
    found = answer.json()["data"]
    assert set(found[0]) == set(FittingCareerOut.model_fields)
    # (3·90 + 2·43 + 1·29) / (|3, 2, 1| · |43, 90, 29, 10, 14, 62|), and 3 / |3, 2, 1|
    assert [(one["onet_code"], one["score"]) for one in found] == [(D, 84.2), (S, 80.2)]
    assert found[0]["parts"] == {"R": 18.8, "I": 59.1, "A": 6.3, "S": 0, "E": 0, "C": 0}
    assert found[1]["parts"] == {"R": 0, "I": 80.2, "A": 0, "S": 0, "E": 0, "C": 0}


async def test_the_same_proportions_fit_wholly(bench: Bench) -> None:
    weights = "4.3,9,2.9,1,1.4,6.2"
    answer = await bench.client.get(f"/api/v1/careers/by-interests?riasec={weights}&limit=1")
    assert [(one["onet_code"], one["score"]) for one in answer.json()["data"]] == [(D, 100)]
    assert answer.headers["X-Total-Count"] == "2"


@pytest.mark.parametrize("riasec", [None, "", "XYZ", "II", "1,2,3", "0,0,0,0,0,0", "x" * 61])
async def test_interests_that_cannot_be_read_are_refused(bench: Bench, riasec: str | None) -> None:
    query = {} if riasec is None else {"riasec": riasec}
    answer = await bench.client.get("/api/v1/careers/by-interests", params=query)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "riasec"


async def test_nothing_can_be_written(bench: Bench) -> None:
    answer = await bench.client.post("/api/v1/careers", json={})
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
