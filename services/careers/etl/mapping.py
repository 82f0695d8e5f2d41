"""How rows of O*NET's tables become rows of ours."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from libs.common.schemas import tidy
from services.careers.etl.sources import BadRow, Row
from services.careers.rules import ONET_CODE

OCCUPATIONS = "Occupation Data"

Title = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(tidy)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(tidy)]


class Occupation(BaseModel):
    """A row of `Occupation Data`; the aliases are the publisher's columns."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    onet_code: str = Field(alias="O*NET-SOC Code", pattern=ONET_CODE)
    title_en: Title = Field(alias="Title")
    short_desc_en: Prose = Field(alias="Description")


OCCUPATION_COLUMNS = [str(field.alias) for field in Occupation.model_fields.values()]


def occupation_of(row: Row) -> Occupation | BadRow:
    """Read an occupation out of a row, or say what is wrong with it."""
    try:
        return Occupation.model_validate(row.cells)
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        return BadRow(row.line, f"{problem['loc'][0]}: {problem['msg']}")
