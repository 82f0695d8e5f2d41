"""One document out of many: nothing lost, nothing mixed up."""

from typing import Any

from gateway.openapi import merge


def document(path: str, schemas: dict[str, Any], name: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{name}"}
    content = {"application/json": {"schema": {"type": "array", "items": reference}}}
    return {
        "paths": {path: {"get": {"tags": ["x"], "responses": {"200": {"content": content}}}}},
        "components": {"schemas": schemas},
    }


def schema_of(merged: dict[str, Any], path: str) -> str:
    content = merged["paths"][path]["get"]["responses"]["200"]["content"]
    reference: str = content["application/json"]["schema"]["items"]["$ref"]
    return reference


def test_alike_is_shared_and_different_is_told_apart() -> None:
    error = {"type": "object"}
    holds_item = {"properties": {"item": {"$ref": "#/components/schemas/Item"}}}
    merged = merge(
        {
            "jobs": document(
                "/jobs", {"Error": error, "Item": {"type": "string"}, "Box": holds_item}, "Box"
            ),
            "careers": document(
                "/careers", {"Error": error, "Item": {"type": "integer"}, "Box": holds_item}, "Box"
            ),
        }
    )
    schemas = merged["components"]["schemas"]
    assert set(schemas) == {"Error", "JobsItem", "CareersItem", "JobsBox", "CareersBox"}
    assert schemas["CareersItem"] == {"type": "integer"}
    item = schemas["CareersBox"]["properties"]["item"]
    assert item == {"$ref": "#/components/schemas/CareersItem"}
    assert schema_of(merged, "/jobs") == "#/components/schemas/JobsBox"
    assert schema_of(merged, "/careers") == "#/components/schemas/CareersBox"


def test_what_the_document_says_of_itself() -> None:
    merged = merge({"jobs": document("/jobs", {}, "X"), "careers": {"paths": {}}})
    assert merged["info"]["title"] == "Waymark"
    assert merged["servers"] == [{"url": "/"}]
    assert merged["tags"] == [{"name": "jobs"}, {"name": "careers"}]
    assert merged["paths"]["/jobs"]["get"]["tags"] == ["jobs"]
    assert merged["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_methods_of_one_path_may_belong_to_two_services() -> None:
    jobs: dict[str, Any] = {"paths": {"/me": {"get": {}}}}
    careers: dict[str, Any] = {"paths": {"/me": {"post": {}}}}
    merged = merge({"jobs": jobs, "careers": careers})
    told = merged["paths"]["/me"]
    assert [told[method]["tags"] for method in ("get", "post")] == [["jobs"], ["careers"]]
    assert [told[method]["security"] for method in ("get", "post")] == [[], []]
