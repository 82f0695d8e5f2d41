"""In which order the skills of a role are learned; without a database."""

from hypothesis import given
from hypothesis import strategies as st

from libs.common.reference.lookup import ids_of, name_of
from services.careers.roadmap import Step, advice, coverage, needed_for, way

HTML, CSS, JS, REACT, GIT = 9, 11, 4, 3, 19
BEFORE = {CSS: {HTML}, JS: {HTML}, REACT: {JS, HTML}}


def test_what_is_missing_comes_first_and_most_asked_for_first() -> None:
    steps = way({GIT: 90, HTML: 40, CSS: 60}, {GIT}, {})
    assert steps == [
        Step(CSS, is_missing=True, priority=60, asked=60),
        Step(HTML, is_missing=True, priority=40, asked=40),
        Step(GIT, is_missing=False, priority=90, asked=90),
    ]
    assert coverage(steps) == 33.3


def test_what_others_build_on_comes_before_them() -> None:
    steps = way({REACT: 80, GIT: 50, HTML: 10, JS: 30}, set(), BEFORE)
    assert [step.skill for step in steps] == [HTML, JS, REACT, GIT]
    assert [step.priority for step in steps] == [80, 80, 80, 50]


def test_what_one_has_holds_nothing_up() -> None:
    steps = way({REACT: 80, GIT: 90, JS: 30}, {JS}, BEFORE)
    assert [step.skill for step in steps] == [GIT, REACT, JS]


def test_among_equals_the_order_is_kept() -> None:
    assert [step.skill for step in way(dict.fromkeys([GIT, CSS, JS], 50), set(), {})] == [
        GIT,
        CSS,
        JS,
    ]


MASKS = st.lists(st.integers(0, 2**12 - 1), min_size=12, max_size=12)
PERCENTAGES = st.dictionaries(st.integers(0, 11), st.floats(0, 100))


@given(PERCENTAGES, st.sets(st.integers(0, 11)), MASKS)
def test_no_way_is_out_of_order(asked: dict[int, float], has: set[int], masks: list[int]) -> None:
    before: dict[int, frozenset[int]] = {}
    for skill, mask in enumerate(masks):  # builds on some lower ones, and what those build on
        links = [lower for lower in range(skill) if mask >> lower & 1]
        before[skill] = frozenset(links).union(*(before[link] for link in links))
    steps = way(asked, has, before)
    assert sorted(step.skill for step in steps) == sorted(asked)
    missing = [step.skill for step in steps if step.is_missing]
    assert missing == [step.skill for step in steps[: len(missing)]]
    for place, skill in enumerate(missing):
        assert not before[skill] & set(missing[place + 1 :])
    for part in (steps[: len(missing)], steps[len(missing) :]):
        priorities = [step.priority for step in part]
        assert priorities == sorted(priorities, reverse=True)
    assert all(step.priority >= step.asked for step in steps)


def test_advice_names_the_first_and_what_it_carries() -> None:
    steps = way({GIT: 72.3, REACT: 40, JS: 30}, set(), BEFORE)
    assert advice(steps, BEFORE, by_postings=True) == [
        ("roadmap_focus", {"skill": GIT, "percentage": "72"}),
        ("roadmap_before", {"before": JS, "after": REACT}),
    ]
    raised = way({REACT: 40, JS: 30}, set(), BEFORE)
    assert advice(raised, BEFORE, by_postings=True)[0] == ("roadmap_begin", {"skill": JS})
    assert advice(way({GIT: 50}, set(), {}), {}, by_postings=False) == [
        ("roadmap_begin", {"skill": GIT})
    ]
    assert advice(way({GIT: 72}, {GIT}, {}), {}, by_postings=True) == [("roadmap_covered", {})]
    assert advice([], {}, by_postings=True) == []
    assert coverage([]) is None


def test_roles_are_known_by_their_words() -> None:
    assert needed_for("Senior Backend Developer (Remote)") == needed_for("back-end")
    assert "REST API" in [name_of(skill) for skill in needed_for("Backend Developer")]
    assert needed_for("Chuyên viên phân tích dữ liệu") == needed_for("Data Analyst")
    assert needed_for("Machine Learning Engineer")[0] == ids_of(["Python"])[0]
    assert needed_for("Java Developer") != needed_for("Developer")
    assert needed_for("JavaScript guru") == ()
    assert needed_for("Astronaut") == needed_for("") == ()
