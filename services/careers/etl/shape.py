"""The one internal shape of an occupation: what every source is mapped to, and what is loaded.

`etl_raw` keeps what a source said, as it said it (`staging.py` writes it). Per source and format,
an adapter makes of it what it knows of a `Dossier`:

    def adapter(code: str, sections: Mapping[str, Any]) -> Dossier

with `code` the O*NET-SOC code, and `sections` the bodies by section name, parsed; a section that
the source has no data for is not there. Adapters are pure, and stand in `mapping.ADAPTERS`:
`v2.mnm`, `v2.online`, `v19.mnm`, `v19.online` (JSON answers), `release.dossier`, `bls.dossier`.

A part that the source says nothing about is None. `mapping.py` merges the dossiers of an
occupation, derives what is missing where the mode asks for it, and orders.

Parts bear the names of their tables (`tasks` -> `career_tasks`), fields those of the columns.
Lists are in the order in which they are to be shown; the table's `rank` counts along.
Ratings are whole numbers from 0 to 100, as O*NET OnLine shows them (`mapping.rating`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal


class Mode(StrEnum):
    """Where a run gets the occupations from (`ONET_MODE`)."""

    MNM = "MNM"
    """My Next Move: what seed C calls the Mini Model; §3 of seed C."""
    ONLINE = "ONLINE"
    """O*NET OnLine: the full lists, with ratings; §4 of seed C."""
    HYBRID = "HYBRID"
    """My Next Move enriched by O*NET OnLine."""
    FILES = "FILES"
    """The text files of an O*NET database release; needs no key."""


class Source(StrEnum):
    """Who said what is in `etl_raw`."""

    MNM = "mnm"
    ONLINE = "online"
    FILES = "files"
    BLS = "bls"


Format = Literal["v2", "v1.9", "text"]
"""Of a raw body: JSON of the web services' versions, or the columns and rows of a text table."""


@dataclass(frozen=True, slots=True)
class Header:
    """Names, description and origin; the row of `careers`. None where the source does not say."""

    title_en: str | None = None
    """OnLine's or the release's."""
    short_title_en: str | None = None
    """My Next Move's."""
    short_desc_en: str | None = None
    """What people of the occupation do."""
    source: str | None = None
    """Such as `O*NET Database`: see `rules.py`; the licence's credit line depends on it."""
    source_version: str | None = None
    """The release, such as `30.1`."""


@dataclass(frozen=True, slots=True)
class Title:
    """Another name of the occupation."""

    title: str
    kind: Literal["reported", "alternate"]
    """`reported`: a sample of what people in it say they are; `alternate`: any other."""
    in_mnm: bool = False
    """Shown as `also called` in My Next Move."""
    short_title: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One task statement."""

    task_en: str
    task_id: int | None = None
    category: Literal["Core", "Supplemental"] | None = None
    importance: int | None = None
    source: Literal["onet", "derived"] = "onet"
    """`derived`: made here out of the description, and not O*NET's own statement."""


@dataclass(frozen=True, slots=True)
class Technology:
    """One piece of software or the like."""

    category: str
    example: str
    commodity_code: int | None = None
    """UNSPSC; changes between releases."""
    hot_flag: bool = False
    in_demand: bool | None = None


KsaType = Literal["knowledge", "skill", "ability"]


@dataclass(frozen=True, slots=True)
class Ksa:
    """One knowledge, skill or ability. Ordered by type, then as the source shows them."""

    ksa_type: KsaType
    element_id: str
    name: str
    rating: int | None = None
    """Importance."""
    level: float | None = None
    """How much of it is needed, 0 to 7; only releases tell."""


@dataclass(frozen=True, slots=True)
class Prep:
    """Job zone, education and training."""

    job_zone: int | None = None
    """1 to 5; no occupation is in zone 1 from release 30.2 on."""
    job_zone_title: str | None = None
    education: str | None = None
    """The job zone's sentence (releases, OnLine), else `usually_needed` joined by commas."""
    experience: str | None = None
    training: str | None = None
    svp_range: str | None = None
    usually_needed: tuple[str, ...] | None = None
    """My Next Move's levels of education, the commonest first."""


@dataclass(frozen=True, slots=True)
class Interests:
    """Holland's six interests: `top` becomes one-hot columns, scores (0 to 100) stand beside."""

    top: Literal["R", "I", "A", "S", "E", "C"]
    code: str
    """High points, one to three letters, the strongest (`top`) first: `summary/interests` has it
    (`interest_code`), releases as scale IH; `top` alone where nothing tells more."""
    r_score: int | None = None
    i_score: int | None = None
    a_score: int | None = None
    s_score: int | None = None
    e_score: int | None = None
    c_score: int | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What becomes of the occupation in the USA. The label is O*NET's, never computed here."""

    summary_md: str | None = None
    growth_label: Literal["Bright", "Average", "Below Average"] | None = None
    bright_reasons: tuple[str, ...] | None = None
    label_source: str | None = None
    """Who says the label, such as `O*NET Web Services`."""
    openings_est: int | None = None
    """Openings a year."""
    growth_pct: float | None = None
    employment: int | None = None
    employment_projected: int | None = None
    entry_education: str | None = None
    """What is typical according to BLS; so are the next two."""
    work_experience: str | None = None
    on_the_job_training: str | None = None
    projection_soc: str | None = None
    """The code that the projections are for: several occupations may share it."""
    projection_source: str | None = None
    """Such as `BLS Employment Projections 2024-34`."""


@dataclass(frozen=True, slots=True)
class WorkActivity:
    """One generalized work activity."""

    element_id: str
    name: str
    importance: int | None = None
    level: float | None = None


@dataclass(frozen=True, slots=True)
class Dwa:
    """One detailed work activity. Its id changes between releases."""

    dwa_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Response:
    """How many of those asked gave an answer."""

    name: str
    percentage: int


@dataclass(frozen=True, slots=True)
class WorkContext:
    """One circumstance of the work."""

    element_id: str
    name: str
    question: str | None = None
    context: int | None = None
    responses: tuple[Response, ...] = ()


@dataclass(frozen=True, slots=True)
class EducationShare:
    """How many of those asked say that this level of education is required."""

    level: str
    percentage: int | None
    category: int | None = None
    """The release's number of the level. The web services count otherwise: they leave it out."""


@dataclass(frozen=True, slots=True)
class Wages:
    """Pay in the USA, in dollars; what is not published is None."""

    soc_code: str
    """What the figures are for: detailed occupations (.01 and so on) share their parent's."""
    annual_10: int | None = None
    annual_25: int | None = None
    annual_median: int | None = None
    annual_75: int | None = None
    annual_90: int | None = None
    annual_mean: int | None = None
    hourly_10: float | None = None
    hourly_25: float | None = None
    hourly_median: float | None = None
    hourly_75: float | None = None
    hourly_90: float | None = None
    hourly_mean: float | None = None
    employment: int | None = None
    top_coded: tuple[str, ...] = ()
    """Fields above whose true figure is this or more (`annual_90`, …)."""
    source: str = ""
    """Such as `BLS OEWS`, or `O*NET Web Services` where it comes with a My Next Move answer."""
    source_version: str | None = None
    """Such as `May 2025`."""


@dataclass(frozen=True, slots=True)
class Related:
    """A similar occupation, the most similar first."""

    related_code: str
    title: str
    tier: str | None = None
    """`Primary-Short`, `Primary-Long` or `Supplemental`."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything known of one occupation."""

    onet_code: str
    header: Header | None = None
    titles: tuple[Title, ...] | None = None
    tasks: tuple[Task, ...] | None = None
    technology: tuple[Technology, ...] | None = None
    ksas: tuple[Ksa, ...] | None = None
    prep: Prep | None = None
    interests: Interests | None = None
    outlook: Outlook | None = None
    work_activities: tuple[WorkActivity, ...] | None = None
    dwas: tuple[Dwa, ...] | None = None
    work_context: tuple[WorkContext, ...] | None = None
    education_pct: tuple[EducationShare, ...] | None = None
    wages_us: Wages | None = None
    related: tuple[Related, ...] | None = None


Sections = Mapping[str, Any]
"""Bodies of one occupation and source by section name, parsed."""
Adapter = Callable[[str, Sections], Dossier]
