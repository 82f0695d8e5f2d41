"""Jobs in TheirStack's shape: made up, or out of a posting of the shared data."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
TODAY = datetime.now(UTC).replace(microsecond=0)

_NULL = str.split(
    """final_url location short_location long_location state_code latitude longitude postal_code
remote hybrid salary_string min_annual_salary min_annual_salary_usd max_annual_salary
max_annual_salary_usd avg_annual_salary_usd salary_currency countries country country_codes
country_code cities continents seniority company_domain hiring_team reposted date_reposted
easy_apply description normalized_title manager_roles"""
)
_EMPTY = str.split("employment_statuses technology_slugs keyword_slugs locations matching_phrases")
_NULL_OF_FIRM = str.split(
    """domain industry country country_code employee_count url industry_id linkedin_url
num_jobs_found yc_batch apollo_id linkedin_id url_source is_recruiting_agency founded_year
annual_revenue_usd total_funding_usd employee_count_range long_description seo_description city
postal_code company_keywords investors funding_stage technology_slugs technology_names"""
)


def a_job(number: int, *, discovered: datetime | None = None, **fields: Any) -> Json:
    """Make a job up: a software engineer's in the United States, found `number` minutes apart."""
    found = discovered or TODAY - timedelta(days=2) + timedelta(minutes=number)
    company = str(fields.get("company", "Example Works"))
    url = f"https://jobs.example/{number}"
    return {
        **dict.fromkeys(_NULL),
        **{name: [] for name in (*_EMPTY, "matching_words")},
        "id": 700_000_000 + number,
        "job_title": f"Software Engineer {number}",
        "url": url,
        "source_url": url,
        "date_posted": found.date().isoformat(),
        "discovered_at": found.replace(tzinfo=None).isoformat(),
        "has_blurred_data": False,
        "company": company,
        "description": f"Build thing number {number} in Python.",
        "country_code": "US",
        "hiring_team": [{"full_name": "A Person", "role": "Recruiter"}],
        "company_object": a_firm(company),
    } | fields


def a_firm(name: str) -> Json:
    """Make the object of a company."""
    return dict.fromkeys(_NULL_OF_FIRM) | {
        "id": base64.b64encode(name.encode()).decode(),
        "name": name,
        "num_jobs": 0,
        "possible_domains": [],
        "has_blurred_data": False,
    }


def job_of(row: Json, newest: str) -> Json:
    """Put a posting of the shared data into the shape; the newest of them is of today."""
    digest = hashlib.sha256(row["url"].encode()).digest()
    age = datetime.fromisoformat(newest) - datetime.fromisoformat(row["date_posted"] or newest)
    posted = TODAY - age
    found = min(TODAY, posted + timedelta(seconds=int.from_bytes(digest[4:8]) % (3 * 86400)))
    number = int.from_bytes(digest[:4]) % 900_000_000
    return a_job(number, discovered=found) | {
        "job_title": row["title"],
        "company": row["company"] or "Unknown",
        "company_object": a_firm(row["company"] or "Unknown"),
        "url": row["url"],
        "source_url": row["url"],
        "date_posted": posted.date().isoformat(),
        "long_location": row["location"],
        "remote": row["remote"] or None,
        "salary_string": row["salary_string"],
        "description": row["description"],
    }
