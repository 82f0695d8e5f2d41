"""Skill extraction, scored on gold postings and raced with spaCy: `python -m bench.skills`.

The gold is 60 technology postings of SkillSpan (CC BY 4.0) with their named technologies marked;
the protocol, and the peers' scores beside ours, are those of the shared `reference/skills.md`, §5.
"""

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any, NamedTuple

from libs.common.reference import load_skills
from services.ingestion.skills import Found, extract

DATA = Path("/work/shared/data")
GOLD = DATA / "skills/gold-skillspan-tech/gold.json"
POSTINGS = DATA / "postings/postings.jsonl.gz"
ROUNDS, SAMPLE, WARM_UP = 5, 300, 20

PEERS = """\
peers on test, F1: overlap / exact / document        postings per CPU-second
  skill-extractor, full       .858 / .743 / .793       1.1
  skill-extractor, gazetteer  .701 / .611 / .578       1,200-2,400
  spaCy sm + PhraseMatcher    .604 / .547 / .536       12
  flashtext                   .594 / .540 / .493       2,700-3,200
  spaCy blank + PhraseMatcher .592 / .541 / .493       670-780
  SkillNER                       - / -    / .459       0.7
"""
_VENDOR = re.compile(r"^(?:microsoft|ms|apache|amazon|aws|google|oracle|ibm|adobe) ")
_VERSION = re.compile(r"(?<=[a-z+#])[ ]?v?\d[\d.x]*\+?$")
_CONCEPTS = re.compile(
    r"agile|scrum|kanban|devops|ci ?/ ?cd|microservices?|machine learning|apis?|cloud|etl|nosql"
    r"|oop|tdd|bdd|backend|frontend|full[ -]?stack|saas|big data|data science|ui|ux|web services?"
)
Span = tuple[int, int]


class Ratio(NamedTuple):
    """Precision and recall."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


class Scores(NamedTuple):
    """How the technologies found agree with the gold, three ways."""

    overlap: Ratio
    """A mention counts as found where the two touch."""
    exact: Ratio
    """Equal boundaries; a version after it and a vendor before it are forgiven."""
    document: Ratio
    """The set of names in each posting, mentions being no matter."""


def scores(part: str, find: Callable[[str], list[Found]] = extract) -> Scores:
    """Return the scores on a part of the gold, dev or test."""
    gold = json.loads(GOLD.read_text("utf-8"))
    counts = [_compare(posting, find) for name, posting in gold.items() if name.startswith(part)]
    guesses, touching, right, wanted, touched, reached, names, common, known = map(
        sum, zip(*counts, strict=True)
    )
    return Scores(
        Ratio(touching / guesses, touched / wanted),
        Ratio(right / guesses, reached / wanted),
        Ratio(common / names, common / known),
    )


def _compare(posting: dict[str, Any], find: Callable[[str], list[Found]]) -> tuple[int, ...]:
    """Count what is to be divided; guesses in a region to ignore do not count, either way."""
    text = posting["text"]
    gold: list[Span] = [(start, end) for start, end, *_ in posting["gold"]]
    ignored: list[Span] = [(start, end) for start, end, *_ in posting["ignore"]]
    found: list[Span] = [(one.start, one.end) for one in find(text) if one.is_technology]
    guesses = [
        span
        for span in found
        if _hits(span, gold)
        or not (_hits(span, ignored) or _CONCEPTS.fullmatch(text[span[0] : span[1]].lower()))
    ]
    cores = {span: _core(text, span) for span in {*gold, *found}}
    right = sum(any(cores[s] == cores[g] for g in _hits(s, gold)) for s in guesses)
    reached = sum(any(cores[s] == cores[g] for s in _hits(g, found)) for g in gold)
    known = {_name(text, span) for span in gold}
    names = {_name(text, span) for span in guesses}
    return (
        len(guesses),
        sum(bool(_hits(span, gold)) for span in guesses),
        right,
        len(gold),
        sum(bool(_hits(span, found)) for span in gold),
        reached,
        len(names),
        len(names & known),
        len(known),
    )


def _hits(span: Span, others: Sequence[Span]) -> list[Span]:
    return [other for other in others if other[0] < span[1] and span[0] < other[1]]


def _core(text: str, span: Span) -> str:
    return _VENDOR.sub("", _VERSION.sub("", text[span[0] : span[1]].strip().lower()))


def _name(text: str, span: Span) -> str:
    bare = re.sub(r"[^a-z0-9+#]+", " ", text[span[0] : span[1]].lower()).strip()
    name = re.sub(r"(?<=[a-z+#]) ?\d[\d x]*\+?$", "", bare)
    return name[:-1] if len(name) > 3 and name.endswith("s") and name[-2] != "s" else name


def descriptions(shortest: int, longest: int) -> Iterator[str]:
    """Yield the real postings of so many characters."""
    with gzip.open(POSTINGS, "rt", encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line)["description"]
            if shortest <= len(text) <= longest:
                yield text


def phrase_matcher() -> Callable[[str], object] | None:
    """Return spaCy's PhraseMatcher over the same names, or None where spaCy is not installed."""
    try:
        import spacy  # noqa: PLC0415 an extra
        from spacy.matcher import PhraseMatcher  # noqa: PLC0415
    except ImportError:
        return None
    blank = spacy.blank("en")
    matcher = PhraseMatcher(blank.vocab, attr="LOWER")
    names = {name for skill in load_skills() for name in (skill.name, *skill.aliases)}
    matcher.add("skill", list(map(blank.make_doc, sorted(names))))
    return lambda text: matcher(blank(text))


def rate(find: Callable[[str], object], texts: Sequence[str]) -> float:
    """Return texts per second of this thread's CPU."""
    start = thread_time()
    for text in texts:
        find(text)
    return len(texts) / (thread_time() - start)


def main() -> None:
    """Print the table."""
    for part in ("dev", "test"):
        for name, ratio in scores(part)._asdict().items():
            print(f"{part:4} {name:8} P {ratio.precision:.3f} R {ratio.recall:.3f}", end=" ")
            print(f"F1 {ratio.f1:.3f}")
    print(PEERS)
    texts = random.Random(20250101).sample(list(descriptions(2200, 4200)), SAMPLE)
    names = sum(1 + len(skill.aliases) for skill in load_skills())
    print(f"{SAMPLE} postings of {sum(map(len, texts)) // SAMPLE:,} characters, {names:,} names")
    peer = phrase_matcher()
    ours, theirs = [], []
    rate(extract, texts[:WARM_UP])
    for _ in range(ROUNDS):
        ours.append(rate(extract, texts))
        if peer:
            theirs.append(rate(peer, texts))
    print(f"ours {median(ours):,.0f} postings per CPU-second (best {max(ours):,.0f})")
    if theirs:
        ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
        print(f"spaCy blank + PhraseMatcher {median(theirs):,.0f}: ratio {ratio:.1f} (goal 7)")
    long = list(islice(descriptions(6000, 10**9), 100))
    times = sorted(1000 / rate(extract, [text[:10_000]]) for text in long for _ in range(5))
    print(f"10 KB posting: p50 {median(times):.2f} ms, p99 {times[-len(times) // 100]:.2f} ms")


if __name__ == "__main__":
    main()
