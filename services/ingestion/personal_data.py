"""What the ingestion service holds of people."""

from libs.common.privacy import nothing

personal_data = nothing("Nothing: postings are found in public, and name firms.")
