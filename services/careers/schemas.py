"""What clients see of careers."""

from datetime import datetime

from pydantic import Field

from libs.common.schemas import SnakeOut


class CareerOut(SnakeOut):
    """An occupation in a list."""

    onet_code: str = Field(description="O*NET-SOC code.", examples=["15-1252.00"])
    title_en: str = Field(examples=["Software Developers"])
    short_desc_en: str = Field(description="What people of this occupation do.")


class AttributionOut(SnakeOut):
    """The credit that has to be shown beside the texts."""

    text: str
    license: str = Field(examples=["CC BY 4.0"])
    license_url: str


class CareerDetailOut(CareerOut):
    """An occupation, where its texts come from, and when they were loaded."""

    source: str = Field(examples=["O*NET Database"])
    source_version: str = Field(examples=["30.1"])
    loaded_at: datetime
    attribution: AttributionOut
