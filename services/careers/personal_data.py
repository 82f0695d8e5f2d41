"""What the careers service holds of people."""

from libs.common.privacy import nothing

personal_data = nothing("Nothing: occupations are nobody.")
