"""What clients see of occupations: the prebuilt page of "See more", and the entries of lists.

`CareerPageOut` is the shape that `etl/page.py` writes and a contract test holds it to. In a page
nothing is left out: a section without data is an empty list or null, and `absent` says why.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from libs.common.schemas import SnakeOut

Letter = Literal["R", "I", "A", "S", "E", "C"]
"""An interest of Holland's: realistic, investigative, artistic, social, enterprising, conventional.
"""

Percent = Annotated[int, Field(ge=0, le=100)]
Rating = Annotated[
    Percent | None, Field(description="0 to 100, rounded half up; null: the source gives none.")
]
Level = Annotated[float | None, Field(description="How much of it is needed, 0 to 7.")]
Element = Annotated[
    str, Field(description="Its place in O*NET's Content Model.", examples=["2.A.1.a"])
]
Onet = Annotated[str, Field(description="O*NET-SOC code.", examples=["15-1252.00"])]
Section = Literal[
    "also_called", "tasks", "technology", "knowledge", "skills", "abilities", "prep",
    "interests", "outlook", "work_activities", "dwas", "work_context", "education_pct",
    "wages", "related",
]  # fmt: skip


class DatasetOut(SnakeOut):
    """What the texts were loaded from, and when."""

    name: str = Field(examples=["O*NET Database"])
    version: str = Field(examples=["30.1"])
    loaded_at: datetime
    license: str = Field(examples=["CC BY 4.0"])


class AttributionOut(SnakeOut):
    """The credit that has to be shown beside the texts."""

    text: str
    license: str = Field(examples=["CC BY 4.0"])
    license_url: str


class HeaderOut(SnakeOut):
    """Which occupation this is."""

    onet_code: Onet
    title_en: str = Field(examples=["Software Developers"])
    short_title_en: str | None = Field(description="My Next Move's plainer title, if it has one.")
    short_desc_en: str = Field(description="What people of this occupation do.")


class TaskOut(SnakeOut):
    """A thing that they do; in the publisher's order, most important first."""

    task_en: str
    category: Literal["Core", "Supplemental"] | None
    importance: Rating
    source: Literal["onet", "derived"] = Field(
        description="`derived`: made here out of the description; no statement of O*NET's."
    )


class TechnologyOut(SnakeOut):
    """A piece of software or equipment."""

    category: str
    example: str
    hot_flag: bool = Field(description="Often asked for by employers everywhere.")
    in_demand: bool | None = Field(description="Often asked for in this very occupation.")


class KsaOut(SnakeOut):
    """A field of knowledge, a skill or an ability; highest rating first."""

    element_id: Element
    name: str
    rating: Rating
    level: Level


class PrepOut(SnakeOut):
    """How people get ready for it."""

    job_zone: int | None = Field(ge=1, le=5, description="1: little preparation; 5: extensive.")
    job_zone_title: str | None = Field(examples=["Job Zone Four: Considerable Preparation Needed"])
    education: str | None
    experience: str | None
    training: str | None
    svp_range: str | None = Field(examples=["(7.0 to < 8.0)"])
    usually_needed: list[str] | None = Field(description="Levels of education, commonest first.")


class InterestScoresOut(SnakeOut):
    """How much the work suits each interest."""

    R: Percent
    I: Percent  # noqa: E741
    A: Percent
    S: Percent
    E: Percent
    C: Percent


class InterestsOut(SnakeOut):
    """Whom it suits (RIASEC)."""

    top: Letter
    code: str = Field(description="High points, strongest first.", examples=["IRC"])
    scores: InterestScoresOut | None = Field(description="Null: the source names the top only.")


class OutlookOut(SnakeOut):
    """What the future is said to hold for it in the USA."""

    growth_label: Literal["Bright", "Average", "Below Average"] | None = Field(
        description="O*NET's own word; null: the source has none, and none is worked out here."
    )
    label_source: str | None = Field(examples=["O*NET Web Services"])
    bright_reasons: list[str] | None
    summary_md: str | None
    openings_est: int | None = Field(description="Projected openings a year.")
    growth_pct: float | None = Field(description="Projected change of employment in the decade.")
    employment: int | None
    employment_projected: int | None
    entry_education: str | None = Field(description="Typical according to BLS; as the next two.")
    work_experience: str | None
    on_the_job_training: str | None
    projection_soc: str | None = Field(description="The group that is projected; may be shared.")
    projection_source: str | None = Field(examples=["BLS Employment Projections 2024-34"])


class WorkActivityOut(SnakeOut):
    """A kind of work that many occupations share; most important first."""

    element_id: Element
    name: str
    importance: Rating
    level: Level


class DwaOut(SnakeOut):
    """A detailed work activity; its id is another in another release."""

    dwa_id: str = Field(examples=["4.A.1.a.1.I02.D08"])
    title: str


class ResponseOut(SnakeOut):
    """An answer, and how many of those asked gave it."""

    name: str
    percentage: Percent


class WorkContextOut(SnakeOut):
    """One of the circumstances in which the work is done."""

    element_id: Element
    name: str
    question: str | None
    context: Rating
    responses: list[ResponseOut] = Field(description="May be empty.")


class EducationShareOut(SnakeOut):
    """How many of those asked say that this level of education is required."""

    level: str
    percentage: Percent | None


class WagesOut(SnakeOut):
    """Pay in the USA, in dollars; what is not published is null."""

    soc_code: str = Field(
        description="What the figures are for: detailed occupations share their parent's.",
        examples=["15-1252"],
    )
    annual_10: int | None
    annual_25: int | None
    annual_median: int | None
    annual_75: int | None
    annual_90: int | None
    annual_mean: int | None
    hourly_10: float | None
    hourly_25: float | None
    hourly_median: float | None
    hourly_75: float | None
    hourly_90: float | None
    hourly_mean: float | None
    employment: int | None
    top_coded: list[str] = Field(
        description="Fields above whose true figure is this or more.", examples=[["annual_90"]]
    )
    source: str = Field(examples=["BLS OEWS"])
    source_version: str | None = Field(examples=["May 2025"])


class RelatedOut(SnakeOut):
    """An occupation close to this one; closest first."""

    onet_code: Onet
    title_en: str
    tier: str | None = Field(examples=["Primary-Short"])


class AbsentOut(SnakeOut):
    """A section without data, and why it has none."""

    section: Section
    reason: str = Field(examples=["O*NET® has no task data for this occupation."])


class CareerPageOut(SnakeOut):
    """Everything on one occupation."""

    header: HeaderOut
    also_called: list[str]
    tasks: list[TaskOut]
    technology: list[TechnologyOut]
    knowledge: list[KsaOut]
    skills: list[KsaOut]
    abilities: list[KsaOut]
    prep: PrepOut | None
    interests: InterestsOut | None
    outlook: OutlookOut | None
    work_activities: list[WorkActivityOut]
    dwas: list[DwaOut]
    work_context: list[WorkContextOut]
    education_pct: list[EducationShareOut] = Field(
        description="Education required, by those who answered."
    )
    wages: WagesOut | None
    related: list[RelatedOut]
    absent: list[AbsentOut]
    dataset: DatasetOut
    attribution: AttributionOut


class CareerOut(SnakeOut):
    """An occupation in a list."""

    onet_code: Onet
    title_en: str = Field(examples=["Software Developers"])
    short_desc_en: str = Field(description="What people of this occupation do.")
    job_zone: int | None = Field(description="1: little preparation; 5: extensive.")
    riasec: str | None = Field(description="High points, strongest first.", examples=["IRC"])
    growth_label: str | None = Field(description="O*NET's own word.", examples=["Bright"])


class FoundCareerOut(CareerOut):
    """An occupation in the list of those that were searched for."""

    matched_title: str | None = Field(
        description="The other title by which `q` found it; null where it was its own, or its code."
    )


class CareerDetailOut(CareerOut):
    """An occupation in short; what its page has no data on, and where its texts come from."""

    absent: list[AbsentOut]
    dataset: DatasetOut
    attribution: AttributionOut


class RelatedCareerOut(CareerOut):
    """An occupation close to the one asked about; closest first."""

    tier: str | None = Field(examples=["Primary-Short"])


class PartsOut(SnakeOut):
    """What each interest adds to a score."""

    R: float
    I: float  # noqa: E741
    A: float
    S: float
    E: float
    C: float


class FittingCareerOut(CareerOut):
    """An occupation that suits the interests asked about, and how well.

    The score is 100 times the cosine between the six weights asked about and the occupation's own:
    100 where both have the same proportions, 0 where they share no interest.
    """

    score: float = Field(ge=0, le=100, description="The sum of `parts`, up to rounding.")
    parts: PartsOut
