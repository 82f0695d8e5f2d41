"""The rules of the house that no linter knows; each says why."""

import ast
import re
import tomllib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import ValidationError

from deploy.runtime import openapi_of
from deploy.services import SERVICES
from deploy.settings import DeploySettings
from gateway.app import CATALOGUE
from gateway.settings import GatewaySettings
from libs.common import errors, events
from libs.common.context import LANGUAGES
from libs.common.schemas import In
from libs.common.service import Service

ROOT = Path(__file__).parents[2]
FREE_TEXT = {"coverLetter", "content", "note", "description", "requirements", "benefits", "text"}
NOT_SHOWN = {"password", "currentPassword", "newPassword", "refreshToken", "emailOrPhone"}
NOT_SHOWN |= {"receiverId", "withUserId", "upTo", "relatedJobId"}
PRIVATE = {"outbox", "inbox", "idempotency"}
services = pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))


def files(pattern: str = "**/*") -> list[Path]:
    """Return the project's own files: all but what is made (caches, environments, data)."""
    found = (file for file in ROOT.glob(pattern) if file.is_file())
    return [file for file in found if not _is_made(file.relative_to(ROOT))]


def _is_made(file: Path) -> bool:
    folders = set(file.parts[:-1]) - {".ci"}
    return any(name.startswith(".") or name == "__pycache__" for name in folders)


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function of a file."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body, without its docstring."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_files_are_small() -> None:
    """What does not fit on a few screens is two things."""
    long = {
        f.name: n for f in files("**/*.py") if (n := len(f.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}


def test_names_say_what_is_inside() -> None:
    """`utils` and `helpers` are where things go that nobody found a name for."""
    assert [f for f in files("**/*.py") if f.stem in {"utils", "helpers", "misc", "common"}] == []


def test_endpoints_are_short() -> None:
    """An endpoint parses, authorises, calls one command or query, returns: decisions live below."""
    for file in files("services/*/api.py") + files("services/*/api/*.py"):
        for function in functions(file):
            assert length(function) <= 10, f"{file}: {function.name}"


def test_commands_are_short() -> None:
    """A command loads, decides, saves, publishes: the deciding is in rules.py."""
    for file in files("services/*/commands.py") + files("services/*/commands/*.py"):
        for function in functions(file):
            assert length(function) <= 25, f"{file}: {function.name}"


def test_nobody_commits_but_who_opened() -> None:
    """One request or event is one transaction: half of a command is never to be seen."""
    for file in files("services/**/*.py"):
        assert ".commit()" not in file.read_text("utf-8"), file


def test_one_process_is_no_special_case() -> None:
    """What differs between one process and many is three objects made in deploy/runtime.py."""
    for file in [f for f in files("**/*.py") if "tests" not in f.parts]:
        assert not re.search(r"if .*\bembedded\b", file.read_text("utf-8")), file


def test_no_registry_is_named() -> None:
    """The locks hold hashes only: everyone installs from the registry that he trusts."""
    hosts = re.compile("py" + r"pi\.org|python" + r"hosted\.org|registry\.np" + "mjs")
    for file in files():
        if file.suffix not in {".gz", ".png"}:
            assert not hosts.search(file.read_text("utf-8", "ignore")), file


@services
def test_a_service_says_what_it_owns_publishes_and_consumes(service: Service) -> None:
    """The first thing that a newcomer reads of a service is true."""
    text = (service.folder / "__init__.py").read_text("utf-8")
    tables = {table.name for table in service.metadata.tables.values()} - PRIVATE
    assert _listed(text, "Owns") == tables
    assert _listed(text, "Publishes") == _published(service)
    assert _listed(text, "Consumes") == service.consumed


def _listed(text: str, heading: str) -> set[str]:
    found = re.search(rf"^{heading}: ([^:]*?)\.?$(?=\n[A-Z]|\n\"|\n*\Z)", text, re.M | re.S)
    assert found, f"no line {heading}:"
    names = {name.strip(' .\n`"') for name in found[1].replace("\n", " ").split(",")}
    return names - {"nothing", ""}


def _published(service: Service) -> set[str]:
    """Return what all say, and the events of its own contract that the service's code names."""
    own = {cls for cls in events.REGISTRY.values() if cls.event_source == service.name}
    shared = {cls.event_name for cls in events.REGISTRY.values() if cls.event_source is None}
    code = [file for file in service.folder.rglob("*.py") if "tests" not in file.parts]
    trees = [ast.parse(file.read_text("utf-8")) for file in code]
    named = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return shared | {cls.event_name for cls in own if cls.__name__ in named}


@services
def test_a_service_says_what_it_holds_of_people(service: Service) -> None:
    """Whoever asks for his data, or to be forgotten, has that right against all of them."""
    assert service.personal_data.holds.endswith(".")
    assert "user.erased" in service.consumed
    columns = {column.name for table in service.metadata.tables.values() for column in table.c}
    about_people = columns & {"account_id", "user_id", "candidate_id", "employer_id"}
    assert service.personal_data.holds.startswith("Nothing: ") != bool(about_people)


def test_events_say_of_whom_they_tell() -> None:
    """An event that waits or is dead, and tells of a person, is forgotten with him."""
    telling = {"name", "candidate_name", "email", "phone", "to", "people"}
    people = {"user_id", "employer_id", "candidate_id", "people"}
    for cls in events.REGISTRY.values():
        if telling & cls.model_fields.keys() and people & cls.model_fields.keys():
            assert cls.event_person in people, cls.__name__


@services
def test_every_route_and_error_speaks_both_languages(service: Service) -> None:
    """A message key that reaches a person is a defect."""
    catalogue = service.catalogue
    names = _enveloped_routes(service)
    assert names
    for name in names:
        assert catalogue.has(f"messages.{name}"), name
    for cls in _error_classes(errors.ApiError):
        if cls.__module__.startswith(f"services.{service.name}."):
            assert catalogue.has(f"errors.{cls.text}"), cls.text


def _enveloped_routes(service: Service) -> list[str]:
    operations = [op for item in openapi_of(service)["paths"].values() for op in item.values()]
    prefix = f"{service.name}_"
    return [
        operation["operationId"].removeprefix(prefix)
        for operation in operations
        if "Envelope" in str([operation["responses"].get(code) for code in ("200", "201")])
    ]


def _error_classes(cls: type[errors.ApiError]) -> Iterator[type[errors.ApiError]]:
    for child in cls.__subclasses__():
        yield child
        yield from _error_classes(child)


def test_the_errors_of_all_speak_both_languages() -> None:
    """The same, for what the libraries and the gateway answer."""
    shared = [cls for cls in _error_classes(errors.ApiError) if _is_shared(cls)]
    assert shared
    for cls in shared:
        assert CATALOGUE.has(f"errors.{cls.text}"), cls.text


def _is_shared(cls: type[errors.ApiError]) -> bool:
    ours = cls.__module__.startswith(("libs.", "gateway.")) and ".tests." not in cls.__module__
    return ours and not cls.__subclasses__()


@services
def test_the_languages_say_the_same_things(service: Service) -> None:
    """A text that only one language has was forgotten in the other."""
    vietnamese, english = (_keys(service.folder / f"messages/{lang}.toml") for lang in LANGUAGES)
    assert vietnamese == english


CHECKS = {"schemas", "rules", "contacts", "urls"}
"""Modules and packages whose `ValueError` somebody reads beside a field of his form."""


def test_what_is_wrong_with_a_field_is_said_in_both_languages() -> None:
    """Who fills in a form in Vietnamese is not told in English why it is refused."""
    code = [
        f for f in files("services/**/*.py") + files("libs/common/*.py") if "tests" not in f.parts
    ]
    found = {(file.relative_to(ROOT).parts[1], text) for file in code for text in _refusals(file)}
    assert {owner for owner, _ in found} == {"auth", "jobs", "applications", "ingestion", "common"}
    for owner, text in sorted(found):
        catalogue = SERVICES[owner].catalogue if owner in SERVICES else CATALOGUE
        assert catalogue.has(f"problems.{text.partition(': ')[0]}"), f"{owner}: {text}"


def _refusals(file: Path) -> Iterator[str]:
    calls = [n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Call)]
    checks = bool(CHECKS & {file.stem, file.parent.name})
    for call in calls:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name == "wrong_field" or (name == "ValueError" and checks):
            match call.args[-1]:
                case ast.Constant(value=str(text)):
                    yield text


def _keys(file: Path) -> set[tuple[str, str]]:
    tables = tomllib.loads(file.read_text("utf-8"))
    return {(table, key) for table, texts in tables.items() for key in texts}


@pytest.mark.parametrize("service", sorted(ROOT.glob("services/*/settings.py")), ids=str)
def test_settings_are_read_in_one_way(service: Path) -> None:
    """An empty variable is none for all of them: compose files pass those on."""
    assert re.findall(r"model_config = (.*)", service.read_text("utf-8")) == ["FROM_ENVIRONMENT"]


def test_env_example_lists_every_setting() -> None:
    """A setting that one must read the code to find does not exist."""
    listed = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M))
    names = {name.upper() for name in (*DeploySettings.model_fields, *GatewaySettings.model_fields)}
    for settings in files("services/*/settings.py"):
        classes = [n for n in ast.parse(settings.read_text()).body if isinstance(n, ast.ClassDef)]
        for cls in classes:
            fields = [n.target for n in cls.body if isinstance(n, ast.AnnAssign)]
            names |= {t.id.upper() for t in fields if isinstance(t, ast.Name)}
    assert listed == names


def test_env_example_can_be_uncommented() -> None:
    """What explains a setting is no part of its value."""
    lines = re.sub(r"^# (?=[A-Z0-9_]+=)", "", (ROOT / ".env.example").read_text(), flags=re.M)
    values = dotenv_values(stream=StringIO(lines))
    assert values["LOG_LEVEL"] == "INFO"
    assert {name for name, value in values.items() if "  " in (value or "")} == set()


def test_what_is_no_free_text_is_one_line() -> None:
    """Names, titles and the like go into subjects of mails, lists, notices: see `ON_ONE_LINE`."""
    bodies = [body for body in In.__subclasses__() if ".tests." not in body.__module__]
    taken = {name for body in bodies for name in body.model_json_schema()["properties"]}
    for sent in ("\u200b", ["\u200b"]):
        for body in bodies:
            names = set(body.model_json_schema()["properties"])
            with pytest.raises(ValidationError) as refused:
                body.model_validate(dict.fromkeys(names, sent) | {"nobody's": None})
            names -= {str(error["loc"][0]) for error in refused.value.errors()}
            assert names <= FREE_TEXT | NOT_SHOWN, body
    assert taken >= FREE_TEXT | NOT_SHOWN
