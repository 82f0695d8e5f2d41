"""The API's document is valid, and what it says of answers is true of real ones."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from deploy.tests.demo import signed_in
from gateway.openapi import EXAMPLES
from services.jobs.rules import COMPANY_NEEDS


@pytest.fixture(scope="module")
def document(api: httpx.Client) -> dict[str, Any]:
    """The merged OpenAPI document."""
    found: dict[str, Any] = api.get("/openapi.json").json()
    return found


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)


def test_every_operation_has_a_name_and_words_of_its_own(document: dict[str, Any]) -> None:
    operations = [o for item in document["paths"].values() for o in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names) >= 30
    assert all(operation["summary"] for operation in operations)


def _schemas(part: Any) -> Iterator[dict[str, Any]]:
    """Walk through all schemas of a part of the document, fields and parameters included."""
    if isinstance(part, list):
        for each in part:
            yield from _schemas(each)
    elif isinstance(part, dict):
        told = [value for key, value in part.items() if key in {"schema", "items"}]
        told += part.get("anyOf", []) + list(part.get("properties", {}).values())
        yield from (each for each in told if isinstance(each, dict))
        for key, value in part.items():
            if key not in {"examples", "example"}:
                yield from _schemas(value)


def test_ids_are_opaque_strings_everywhere(document: dict[str, Any]) -> None:
    """Contract §1: who reads them as UUIDs ties himself to what they are today."""
    assert [one for one in _schemas(document) if one.get("format") == "uuid"] == []


def test_what_a_client_generator_reads_is_plain(document: dict[str, Any]) -> None:
    """No name but letters and digits, no title in a name's stead, nothing untyped or foreign."""
    components = document["components"]["schemas"]
    assert [name for name in components if not name.isalnum()] == []
    for schema in [*components.values(), *_schemas(document)]:
        assert "title" not in schema
        assert schema.keys() & {"type", "anyOf", "$ref", "const"}, schema
        assert not schema.keys() & {"ge", "gt", "le", "lt"}, schema


def test_what_is_always_there_is_required(document: dict[str, Any]) -> None:
    may_be_absent = {"FacetOut": {"id"}}
    for name, schema in document["components"]["schemas"].items():
        if not name.endswith("In"):
            always = schema.get("properties", {}).keys() - may_be_absent.get(name, set())
            assert set(schema.get("required", [])) == always, name


def test_parameters_are_never_null_and_access_is_always_told(document: dict[str, Any]) -> None:
    operations = [o for item in document["paths"].values() for o in item.values()]
    assert all("security" in operation for operation in operations)
    for parameter in [p for o in operations for p in o.get("parameters", [])]:
        assert "null" not in str(parameter["schema"]), parameter


def test_each_error_code_is_a_type_of_its_own(document: dict[str, Any]) -> None:
    """So a generated client tells by `error.code` which `details` there are.

    What OAuth2 clients are answered is bare, as RFC 6749 has it.
    """
    components, codes = document["components"]["schemas"], set()
    operations = [o for item in document["paths"].values() for o in item.values()]
    for operation in [o for o in operations if o["operationId"] != "auth_login_form"]:
        for status, response in operation["responses"].items():
            content = response.get("content", {}) if status >= "400" else {}
            for schema in [told["schema"] for told in content.values()]:
                for reference in schema.get("anyOf", [schema]):
                    named = components[reference["$ref"].rpartition("/")[2]]
                    error = named["properties"]["error"]["properties"]
                    codes.add(error["code"]["const"])
                    assert error["details"].keys() & {"type", "anyOf"}
    assert codes > {"EMAIL_TAKEN", "VALIDATION_ERROR", "TOKEN_EXPIRED", "UNKNOWN_SKILL"}


def test_a_blank_parameter_asks_for_nothing(api: httpx.Client, document: dict[str, Any]) -> None:
    """A form sends every field it has: what is left empty is as if it were not there."""
    mine, tried = signed_in(api, "Candidate"), 0
    for template, item in document["paths"].items():
        listed = item.get("get", {}).get("parameters", [])
        optional = [p["name"] for p in listed if p["in"] == "query" and not p["required"]]
        blank = [name for name in optional if name != "cursor"]
        if blank and "{" not in template:
            needed = {p["name"]: "SQL" for p in listed if p["required"]}
            plain = api.get(template, params=needed, headers=mine)
            form = api.get(template, params=needed | dict.fromkeys(blank, " "), headers=mine)
            assert form.status_code == plain.status_code, (template, form.text)
            assert form.headers.get("x-total-count") == plain.headers.get("x-total-count")
            tried += 1
    assert tried >= 15


@pytest.mark.parametrize("path", ["/jobs", "/jobs/recommended", "/notifications"])
def test_a_list_that_is_counted_to_a_bound_says_so(document: dict[str, Any], path: str) -> None:
    headers = document["paths"][f"/api/v1{path}"]["get"]["responses"]["200"]["headers"]
    assert headers["X-Total-Capped"]["schema"] == {"type": "string", "enum": ["true"]}
    assert headers["X-Total-Count"]["schema"]["maximum"] >= 250
    assert headers.keys() > {"Link"}


def _conforms(answer: httpx.Response, document: dict[str, Any], template: str) -> None:
    """Hold an answer to the schema that its status and media type have in the document."""
    operation = document["paths"][template][answer.request.method.lower()]
    media_type = answer.headers["content-type"].partition(";")[0]
    schema = operation["responses"][str(answer.status_code)]["content"][media_type]["schema"]
    whole = {**schema, "components": document["components"]}
    told = answer.json() if media_type == "application/json" else answer.text
    Draft202012Validator(whole).validate(told)


@pytest.mark.parametrize("role", ["Candidate", "Employer"])
def test_real_answers_are_as_documented(
    api: httpx.Client, document: dict[str, Any], role: str
) -> None:
    mine = signed_in(api, role)
    tried = 0
    for template, item in document["paths"].items():
        endless = "text/event-stream" in str(item)
        if "get" in item and "{" not in template and template.startswith("/api/") and not endless:
            answer = api.get(template, params={"with_user_id": "somebody"}, headers=mine)
            _conforms(answer, document, template)
            tried += 1
    job = api.get("/api/v1/jobs").json()["data"][0]["jobId"]
    _conforms(api.get(f"/api/v1/jobs/{job}"), document, "/api/v1/jobs/{job_id}")
    _conforms(api.get("/api/v1/jobs/none"), document, "/api/v1/jobs/{job_id}")
    applied = api.post(f"/api/v1/jobs/{job}/apply", json={"cvUrl": 1}, headers=mine)
    _conforms(applied, document, "/api/v1/jobs/{job_id}/apply")
    _conforms(api.get("/api/v1/users/me"), document, "/api/v1/users/me")
    assert tried >= 9


SEED_B = {"password": "Password123!", "email": "hoang@email.com"}
SEED_N = {"password": "SecurePass123", "email": "user@example.com"}
PROFILE = {"skills": ["Python"], "target_roles": ["Backend Developer"], "location": "New York"}
REGISTER_B = SEED_B | {"username": "hoangnguyen", "phone": "0909123456", "userType": "Candidate"}


@pytest.mark.parametrize(
    ("call", "body", "valid"),
    [
        ("register", REGISTER_B | {"name": "Nguyễn Văn Hoàng"}, True),
        ("register", SEED_N | PROFILE | {"full_name": "John Doe"}, True),
        ("register", SEED_N | {"name": "John Doe", "full_name": "John Doe"}, False),
        ("register", SEED_N, False),
        ("login", {"emailOrPhone": SEED_B["email"], "password": SEED_B["password"]}, True),
        ("login", SEED_N, True),
        ("login", SEED_N | {"emailOrPhone": SEED_N["email"]}, False),
        ("login", {"password": SEED_N["password"]}, False),
    ],
)
def test_both_seeds_bodies_are_documented(
    api: httpx.Client, document: dict[str, Any], call: str, body: dict[str, Any], valid: bool
) -> None:
    path = f"/api/v1/auth/{call}"
    content = document["paths"][path]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    assert Draft202012Validator(whole).is_valid(body) is valid
    assert (api.post(path, json=body).status_code != 422) is valid


def test_what_a_company_needs_is_what_makes_one(document: dict[str, Any]) -> None:
    """Of the fields that POST /jobs/post says are missing, the form that mends it asks for each."""
    asked = document["components"]["schemas"]["CompanyIn"]["required"]
    assert sorted(COMPANY_NEEDS) == sorted(asked)


def test_examples_are_what_their_schemas_accept(document: dict[str, Any]) -> None:
    components = document["components"]
    for name, schema in components["schemas"].items():
        for shown in (schema, *schema.get("properties", {}).values()):
            for example in shown.get("examples", []):
                problems = Draft202012Validator({**shown, "components": components})
                assert problems.is_valid(example), (name, shown)


def test_no_example_is_of_what_is_not_there(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    fields = {field for schema in schemas.values() for field in schema.get("properties", {})}
    assert EXAMPLES["fields"].keys() <= fields
    assert EXAMPLES["bodies"].keys() <= schemas.keys()
    for name in EXAMPLES.keys() - {"fields", "bodies"}:
        assert EXAMPLES[name].keys() <= schemas[name]["properties"].keys(), name


def test_every_code_is_explained_and_every_role_named(document: dict[str, Any]) -> None:
    operations = document["paths"]
    taken = operations["/api/v1/auth/register"]["post"]["responses"]["409"]["description"]
    assert "`EMAIL_TAKEN`: This e-mail address is taken." in taken
    assert operations["/api/v1/jobs/post"]["post"]["description"].endswith("For: Employer.")
    for item in operations.values():
        for operation in item.values():
            for response in operation["responses"].values():
                assert "`: errors." not in response["description"], "a code without a text"
