"""Tables of the careers service: an occupation's parts, its page, and what loading them needs.

Seed C's `core.careers` and `core.career_…`; what the columns mean is told in `etl/shape.py`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import CheckConstraint, Field, SQLModel

from libs.common.db import service_metadata
from libs.common.ids import new_id
from libs.common.messaging.tables import add_messaging_tables

metadata = service_metadata("careers")
add_messaging_tables(metadata)

_INSTANT = DateTime(timezone=True)


class _Row(SQLModel, registry=registry(metadata=metadata)):
    """Keeps the tables of this service in a MetaData of their own."""


class Career(_Row, table=True):
    """One occupation of the O*NET-SOC taxonomy."""

    __tablename__ = "careers"
    __table_args__ = (
        Index(
            "ix_careers_words", text("to_tsvector('simple', title_folded)"), postgresql_using="gin"
        ),
    )

    onet_code: str = Field(primary_key=True, sa_type=Text)
    title_en: str = Field(sa_type=Text)
    short_desc_en: str = Field(sa_type=Text)
    title_folded: str = Field(sa_type=Text)
    """The words of the title, as `titles.words_of` gives them."""
    source: str = Field(sa_type=Text)
    source_version: str = Field(sa_type=Text)
    """The release, such as `30.1`: codes and texts change from one to the next."""
    content_hash: bytes = Field(sa_type=LargeBinary)
    """SHA-256 of all that this was mapped from, and of the mapping: the same, nothing to do."""
    loaded_at: datetime = Field(sa_type=_INSTANT)
    """When a part of it was written last; a load that changes nothing leaves it."""
    short_title_en: str | None = Field(default=None, sa_type=Text)
    part_hashes: dict[str, str] = Field(sa_type=JSONB)
    """Part -> hash of what is stored of it; tells the loader which tables to write."""


class _Part(_Row):
    """A row of a table that has one for each occupation."""

    onet_code: str = Field(primary_key=True, sa_type=Text, foreign_key="careers.careers.onet_code")


class _Listed(_Part):
    """A row of a table that has a list for each occupation."""

    rank: int = Field(primary_key=True, sa_type=SmallInteger)
    """Its place in the list, from 1."""


class CareerTitle(_Listed, table=True):
    """Another name of an occupation: what people call themselves, and what else it is called."""

    __tablename__ = "career_titles"
    __table_args__ = (
        Index(
            "ix_career_titles_words",
            text("to_tsvector('simple', title_folded)"),
            postgresql_using="gin",
        ),
    )

    title: str = Field(sa_type=Text)
    title_folded: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    """`reported` or `alternate`."""
    in_mnm: bool
    """My Next Move shows it: `also called`."""
    short_title: str | None = Field(sa_type=Text)


class CareerTask(_Listed, table=True):
    """A task statement; the most important first."""

    __tablename__ = "career_tasks"

    task_id: int | None
    task_en: str = Field(sa_type=Text)
    category: str | None = Field(sa_type=Text)
    importance: int | None = Field(sa_type=SmallInteger)
    source: str = Field(sa_type=Text)
    """`onet`, or `derived`: made out of the description here."""


class CareerTechnology(_Listed, table=True):
    """A technology skill."""

    __tablename__ = "career_technology"

    category: str = Field(sa_type=Text)
    commodity_code: int | None
    example: str = Field(sa_type=Text)
    hot_flag: bool
    in_demand: bool | None


class CareerKsa(_Listed, table=True):
    """A knowledge, skill or ability; within each type the highest rating first."""

    __tablename__ = "career_ksas"

    ksa_type: str = Field(sa_type=Text)
    element_id: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    rating: int | None = Field(sa_type=SmallInteger)
    level: float | None = Field(sa_type=Double)


class CareerPrep(_Part, table=True):
    """Job zone, education and training of an occupation."""

    __tablename__ = "career_prep"
    __table_args__ = (CheckConstraint("job_zone BETWEEN 1 AND 5", name="job_zone"),)

    job_zone: int | None = Field(sa_type=SmallInteger)
    job_zone_title: str | None = Field(sa_type=Text)
    education: str | None = Field(sa_type=Text)
    experience: str | None = Field(sa_type=Text)
    training: str | None = Field(sa_type=Text)
    svp_range: str | None = Field(sa_type=Text)
    usually_needed: list[str] | None = Field(sa_type=ARRAY(Text))


class CareerInterest(_Part, table=True):
    """Holland's interests of an occupation: one-hot, and scored where the source scores."""

    __tablename__ = "career_interests"

    top: str = Field(sa_type=Text)
    code: str = Field(sa_type=Text)
    r: int = Field(sa_type=SmallInteger)
    i: int = Field(sa_type=SmallInteger)
    a: int = Field(sa_type=SmallInteger)
    s: int = Field(sa_type=SmallInteger)
    e: int = Field(sa_type=SmallInteger)
    c: int = Field(sa_type=SmallInteger)
    r_score: int | None = Field(sa_type=SmallInteger)
    i_score: int | None = Field(sa_type=SmallInteger)
    a_score: int | None = Field(sa_type=SmallInteger)
    s_score: int | None = Field(sa_type=SmallInteger)
    e_score: int | None = Field(sa_type=SmallInteger)
    c_score: int | None = Field(sa_type=SmallInteger)


class CareerOutlook(_Part, table=True):
    """What becomes of an occupation: O*NET's label, and the projections of BLS."""

    __tablename__ = "career_outlook"

    summary_md: str | None = Field(sa_type=Text)
    growth_label: str | None = Field(sa_type=Text)
    bright_reasons: list[str] | None = Field(sa_type=ARRAY(Text))
    label_source: str | None = Field(sa_type=Text)
    openings_est: int | None
    growth_pct: float | None = Field(sa_type=Double)
    employment: int | None
    employment_projected: int | None
    entry_education: str | None = Field(sa_type=Text)
    work_experience: str | None = Field(sa_type=Text)
    on_the_job_training: str | None = Field(sa_type=Text)
    projection_soc: str | None = Field(sa_type=Text)
    projection_source: str | None = Field(sa_type=Text)


class CareerWorkActivity(_Listed, table=True):
    """A generalized work activity; the highest importance first."""

    __tablename__ = "career_work_activities"

    element_id: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    importance: int | None = Field(sa_type=SmallInteger)
    level: float | None = Field(sa_type=Double)


class CareerDwa(_Listed, table=True):
    """A detailed work activity."""

    __tablename__ = "career_dwas"

    dwa_id: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)


class CareerWorkContext(_Listed, table=True):
    """A circumstance of the work, and what those asked say of it."""

    __tablename__ = "career_work_context"

    element_id: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    question: str | None = Field(sa_type=Text)
    context: int | None = Field(sa_type=SmallInteger)
    responses: list[dict[str, Any]] = Field(sa_type=JSONB)
    """Objects of `name` and `percentage`."""


class CareerEducationPct(_Listed, table=True):
    """How many of those asked require a level of education; the commonest first."""

    __tablename__ = "career_education_pct"

    level: str = Field(sa_type=Text)
    percentage: int | None = Field(sa_type=SmallInteger)
    category: int | None = Field(sa_type=SmallInteger)


class CareerWagesUs(_Part, table=True):
    """Pay in the USA, in dollars."""

    __tablename__ = "career_wages_us"

    soc_code: str = Field(sa_type=Text)
    annual_10: int | None
    annual_25: int | None
    annual_median: int | None
    annual_75: int | None
    annual_90: int | None
    annual_mean: int | None
    hourly_10: float | None = Field(sa_type=Double)
    hourly_25: float | None = Field(sa_type=Double)
    hourly_median: float | None = Field(sa_type=Double)
    hourly_75: float | None = Field(sa_type=Double)
    hourly_90: float | None = Field(sa_type=Double)
    hourly_mean: float | None = Field(sa_type=Double)
    employment: int | None
    top_coded: list[str] = Field(sa_type=ARRAY(Text))
    source: str = Field(sa_type=Text)
    source_version: str | None = Field(sa_type=Text)


class CareerRelated(_Listed, table=True):
    """A similar occupation; the most similar first. It may be one that is not loaded."""

    __tablename__ = "career_related"

    related_code: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    tier: str | None = Field(sa_type=Text)


class CareerPage(_Part, table=True):
    """All that "See more" shows of an occupation, as the client gets it."""

    __tablename__ = "career_pages"

    page: str = Field(sa_type=Text)
    """`CareerPageOut` as JSON; text, so that reading it is passing bytes on."""
    etag: str = Field(sa_type=Text)
    """32 hexadecimal digits of the SHA-256 of `page`."""


class EtlRaw(_Row, table=True):
    """What a source said of an occupation under one heading, as it said it."""

    __tablename__ = "etl_raw"

    onet_code: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(primary_key=True, sa_type=Text)
    """`mnm`, `online`, `files` or `bls`."""
    section: str = Field(primary_key=True, sa_type=Text)
    format: str = Field(sa_type=Text)
    """How to read the body: `v2`, `v1.9` or `text`."""
    release: str = Field(sa_type=Text)
    """The data's own version, such as `30.1` or `May 2025`."""
    body: bytes = Field(sa_type=LargeBinary)
    """JSON."""
    content_hash: bytes = Field(sa_type=LargeBinary)
    """SHA-256 of format, release and body."""
    fetched_at: datetime = Field(sa_type=_INSTANT)
    """When this content was staged; the same content again leaves it."""


class EtlRun(_Row, table=True):
    """One run of the ETL."""

    __tablename__ = "etl_runs"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done', 'failed', 'interrupted')", name="state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    mode: str = Field(sa_type=Text)
    path: str | None = Field(default=None, sa_type=Text)
    codes: list[str] | None = Field(default=None, sa_type=ARRAY(Text))
    """The occupations asked for; null: all."""
    state: str = Field(sa_type=Text)
    """A run that was killed says `running` until the next one begins: then `interrupted`."""
    started_at: datetime = Field(sa_type=_INSTANT)
    finished_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    report: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    """Table -> its counts."""
    error: str | None = Field(default=None, sa_type=Text)
    """Why it failed, in a sentence."""


class EtlCrawled(_Row, table=True):
    """An occupation that a run has fetched whole: a resumed run leaves it out."""

    __tablename__ = "etl_crawled"

    run_id: UUID = Field(primary_key=True, foreign_key="careers.etl_runs.id")
    onet_code: str = Field(primary_key=True, sa_type=Text)
    fetched_at: datetime = Field(sa_type=_INSTANT)


class CandidateSnapshot(_Row, table=True):
    """What a candidate is advised by, as he tells it; the auth service's to say."""

    __tablename__ = "candidate_snapshots"

    candidate_id: UUID = Field(primary_key=True)
    skill_ids: list[int] = Field(sa_type=ARRAY(Integer))
    skills: list[str] = Field(sa_type=ARRAY(Text))
    """In his own words, besides those of `skill_ids`."""
    target_roles: list[str] = Field(sa_type=ARRAY(Text))
    experience_level: str | None = Field(sa_type=Text)
    version: int
