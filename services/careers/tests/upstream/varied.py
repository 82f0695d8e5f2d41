"""Occupations that differ in what there is of them; read O*NET's data for any of them."""

CEO = "11-1011.00"
SCIENTIST = "15-2051.00"
"""Has tasks, but nobody ever rated them, nor skills."""
ALL_OTHER = "11-9199.00"
MILITARY = "55-1016.00"

VARIED = (
    CEO,
    "11-1011.03",  # shares its parent's pay
    "11-3071.00",  # no percentages of education
    ALL_OTHER,
    "13-1022.00",  # its group has another code at BLS
    SCIENTIST,
    "17-2051.00",
    "17-2141.00",
    "25-2021.00",  # paid by the year only
    "27-2011.00",  # paid by the hour only
    "39-5093.00",  # four tasks
    "45-3031.00",  # no pay known
    MILITARY,
)
