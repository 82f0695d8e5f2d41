"""Error classes name their codes, and every code of the family has its texts."""

from libs.common import errors
from libs.common.i18n import Catalogue


def test_the_code_is_the_class_name() -> None:
    assert errors.MalformedJson.code == "MALFORMED_JSON"
    assert errors.NotFound.code == "NOT_FOUND"
    assert errors.ApiError().code == "INTERNAL_ERROR"


def test_a_constraint_names_its_error() -> None:
    class LeafTaken(errors.Conflict, constraint="teas.uq_leaf"):
        pass

    assert errors.CONSTRAINTS["teas.uq_leaf"] is LeafTaken
    assert LeafTaken.code == "LEAF_TAKEN"


def test_every_common_error_speaks_both_languages() -> None:
    abstract = {errors.BadRequest, errors.Unprocessable, errors.TooManyRequests, errors.Unavailable}
    catalogue = Catalogue()
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, errors.ApiError) and error not in abstract:
            assert catalogue.has(f"errors.{error.code}"), error.code
