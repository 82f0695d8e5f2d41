"""Spellings that follow from a name."""

import pytest

from libs.common.reference.spellings import spellings


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("ReactJS", {"React.js", "React JS"}),
        ("Node.js", {"NodeJS", "Node JS"}),
        ("MongoDB", {"Mongo DB"}),
        ("Power BI", {"PowerBI"}),
        ("HTML5", {"HTML 5"}),
        ("E-commerce", {"E commerce", "Ecommerce"}),
        ("Routing & switching", {"Routing and switching"}),
        ("Microsoft SQL Server", {"MS SQL Server"}),
        ("AWS S3", {"Amazon S3", "AWSS3"}),
        ("Kỹ năng viết", {"Kĩ năng viết"}),
        ("Quản lý kho", {"Quản lí kho"}),
        ("Kế toán", set()),
        ("JavaScript", set()),
        ("My SQL queries", set()),
    ],
)
def test_spellings(name: str, others: set[str]) -> None:
    assert spellings(name) == others
