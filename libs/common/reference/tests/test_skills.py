"""The skills file: ids that seed B promises, and names that lead to one skill each."""

from libs.common.reference import load_skills


def test_the_seeds_ids_are_there() -> None:
    names = {skill.id: skill.name for skill in load_skills()}
    assert (names[1], names[2], names[3]) == ("Java", "Spring Boot", "ReactJS")
    assert {5, 10} <= names.keys()


def test_ids_are_in_order_and_given_once() -> None:
    ids = [skill.id for skill in load_skills()]
    assert len(ids) > 200
    assert ids == sorted(set(ids))


def test_every_name_and_alias_leads_to_one_skill() -> None:
    written = [w.casefold() for skill in load_skills() for w in (skill.name, *skill.aliases)]
    assert sorted(written) == sorted(set(written))
    assert all(word == word.strip() != "" for word in written)
