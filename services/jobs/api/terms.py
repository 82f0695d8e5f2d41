"""What is typed into a search."""

from typing import Annotated, Any, TypeVar

from fastapi import Query
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from libs.common.schemas import tidy

T = TypeVar("T")


def _or_nothing(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Term = Annotated[str, StringConstraints(max_length=200), AfterValidator(tidy)]
Terms = Annotated[list[Term], Query(max_length=20)]
Asked = Annotated[T | None, BeforeValidator(_or_nothing)]
"""A field of a form, which is sent blank where nothing is asked for."""
