"""The ingestion service's knobs: where postings come from, when, and how long they stay."""

from functools import cache
from typing import Annotated, Literal

from apscheduler.triggers.cron import CronTrigger
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from libs.common.settings import FROM_ENVIRONMENT
from libs.common.urls import WebUrl

SourceName = Literal["theirstack", "greenhouse", "lever", "remotive", "arbeitnow"]
COUNTRIES = {
    "united states": "US",
    "united kingdom": "GB",
    "vietnam": "VN",
    "singapore": "SG",
    "japan": "JP",
    "germany": "DE",
    "france": "FR",
    "netherlands": "NL",
    "canada": "CA",
    "australia": "AU",
    "india": "IN",
}
"""Names that may stand for ISO 3166-1 codes, which all may be given."""


def _listed(told: object) -> object:
    if isinstance(told, str):
        return [part.strip() for part in told.split(",") if part.strip()]
    return told


def _schedule(told: str) -> str:
    CronTrigger.from_crontab(told)
    return told


def _place(told: str) -> str:
    if told.lower() == "remote" or told.lower() in COUNTRIES or (len(told) == 2 and told.isalpha()):
        return told
    raise ValueError("must be Remote, or a country by its two letters (ISO 3166-1) or known name")


def _key(told: object) -> object:
    """Strip the blanks that come with copying, for which a key is refused; none is no key."""
    return (told.strip() or None) if isinstance(told, str) else told


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Places = Annotated[
    tuple[Annotated[str, AfterValidator(_place)], ...], NoDecode, BeforeValidator(_listed)
]


class IngestionSettings(BaseSettings):
    """Sources, schedule and retention; most names are seed N's."""

    model_config = FROM_ENVIRONMENT

    job_sources: Annotated[tuple[SourceName, ...], NoDecode, BeforeValidator(_listed)] = Field(
        ("theirstack",),
        description="What is collected from: theirstack, greenhouse, lever, remotive, arbeitnow.",
    )
    job_collection_schedule: Annotated[str, AfterValidator(_schedule)] = Field(
        "0 2 * * *", description="When, as cron has it, in the machine's time zone."
    )
    job_collection_roles: Words = Field(
        (
            "Software Engineer",
            "Data Scientist",
            "DevOps Engineer",
            "Frontend Developer",
            "Backend Developer",
            "Full Stack Developer",
            "Machine Learning Engineer",
            "Product Manager",
        ),
        description="The titles that are searched for, separated by commas.",
    )
    job_collection_locations: Places = Field(
        ("United States", "Remote"), description="In which countries, or Remote."
    )
    max_jobs_per_search: int = Field(
        100, ge=1, le=10_000, description="The most that is taken of one role in one location."
    )
    job_data_retention_days: int = Field(
        90, ge=1, le=3650, description="How long a posting stays after it was first found."
    )
    their_stack_api_key: Annotated[SecretStr | None, BeforeValidator(_key)] = Field(
        None, description="Without it nothing is asked of TheirStack."
    )
    their_stack_base_url: WebUrl = Field(
        "https://api.theirstack.com", description="Where TheirStack answers."
    )
    their_stack_timeout: float = Field(30, gt=0, le=300, description="Seconds for an answer.")
    their_stack_max_retries: int = Field(3, ge=0, le=10, description="After a first failure.")
    their_stack_rate_limit: int = Field(
        300, ge=1, le=6000, description="Requests a minute; its own windows are heeded besides."
    )
    their_stack_credits_per_run: int = Field(
        2000, ge=1, description="A run stops there, and the next one goes on; a job is a credit."
    )
    their_stack_remote_filter: Literal["remote", "workplace_types_or", "off"] = Field(
        "remote", description="How remote jobs are asked for: its two ways, or not at all."
    )
    greenhouse_boards: Words = Field((), description="Firms' board tokens at Greenhouse.")
    lever_sites: Words = Field((), description="Firms' site names at Lever.")


@cache
def settings() -> IngestionSettings:
    """Return the settings, read once."""
    return IngestionSettings()
