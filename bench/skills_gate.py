"""Fits the weights of `services/ingestion/skills/gate.json`: `python -m bench.skills_gate`.

Learns from this project's own judgement of occurrences in the shared postings (`skills_labels.tsv`:
a hash of the posting's URL, the character where the word begins, whether the technology is meant)
and from the development half of the SkillSpan gold; never from its test half. Prints how well a
rule that has not seen a name decides on it.
"""

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.ingestion.skills import gate
from services.ingestion.skills.matcher import Candidate, candidates, plain

DATA = Path("/work/shared/data")
LABELS = Path(__file__).with_name("skills_labels.tsv")
WEIGHTS = Path(gate.__file__).with_name("gate.json")
RIDGE = 0.6
CLIP = 80
"""Characters on either side that a clipped example keeps."""
ROUNDS = 3
"""What a name's neighbours show depends on the weights, so features and weights take turns."""


class Example(NamedTuple):
    """A word that may name a technology, and whether it does."""

    text: str
    found: list[Candidate]
    at: int
    meant: bool
    weight: float


def main() -> None:
    """Fit, print the held-out scores, and write the weights."""
    whole = [*_judged(), *_annotated(), *_everyday()]
    examples = whole + [short for one in whole for short in _clipped(one)]
    print(f"{len(examples)} examples, {sum(one.meant for one in examples)} meant")
    for _ in range(ROUNDS):
        rows = [_features(example) for example in examples]
        _held_out(examples, rows)
        weights = _fit(examples, rows)
        WEIGHTS.write_text(json.dumps(weights, indent=1, sort_keys=True) + "\n", "utf-8")
        gate.weights.cache_clear()


def _judged() -> Iterator[Example]:
    labels = defaultdict(list)
    for line in LABELS.read_text("utf-8").splitlines()[1:]:
        posting, start, _, meant = line.split("\t")
        labels[posting].append((int(start), meant == "1"))
    for row in _postings():
        wanted = labels.get(sha1(row["url"].encode(), usedforsecurity=False).hexdigest()[:12], [])
        if wanted:
            text = plain(f"{row['title']}\n{row['description']}")
            found = _named(text)
            places = {one.start: at for at, one in enumerate(found)}
            for begins, is_meant in wanted:
                if begins in places:
                    yield Example(text, found, places[begins], is_meant, 1.0)


def _annotated() -> Iterator[Example]:
    gold = json.loads((DATA / "skills/gold-skillspan-tech/gold.json").read_text("utf-8"))
    for name, posting in gold.items():
        if not name.startswith("dev"):
            continue
        text = plain(posting["text"])
        found = _named(text)
        for at, one in enumerate(found):
            if one.spelling.needs_context:
                meant = _touches(one, posting["gold"])
                if meant or not _touches(one, posting["ignore"]):
                    yield Example(text, found, at, meant, 1.0)


def _everyday() -> Iterator[Example]:
    """Common words in small letters: hardly one in a hundred names a technology."""
    rows = list(_postings())
    for row in random.Random(20250101).sample(rows, 400):
        text = plain(f"{row['title']}\n{row['description']}")
        found = _named(text)
        for at, one in enumerate(found):
            word = text[one.start : one.end]
            common = one.spelling.needs_context and gate.commonness(word) == 4
            if common and word.islower() and len(word) > 2:
                yield Example(text, found, at, False, 0.3)


def _clipped(example: Example) -> Iterator[Example]:
    """The same with little text around it, as in a snippet or a line of a CV."""
    one = example.found[example.at]
    begin = example.text.rfind(" ", 0, max(0, one.start - CLIP)) + 1
    text = example.text[begin : one.end + CLIP]
    found = _named(text)
    for at, other in enumerate(found):
        if other.start == one.start - begin:
            yield Example(text, found, at, example.meant, example.weight / 2)


def _postings() -> Iterator[dict[str, str]]:
    with gzip.open(DATA / "postings/postings.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _touches(one: Candidate, spans: list[list[int]]) -> bool:
    return any(start < one.end and one.start < end for start, end, *_ in spans)


def _named(text: str) -> list[Candidate]:
    return [one for one in candidates(text) if one.skill.is_technology]


def _features(example: Example) -> list[str]:
    text, found, at, *_ = example
    sure = {one.skill.id for one in found if not one.spelling.needs_context}
    chances = gate.decide(text, found)
    return gate.written(text, found[at]) + gate.nearby(text, found, at, chances, sure)


def _fit(examples: list[Example], rows: list[list[str]]) -> dict[str, float]:
    """Return the weights of a ridge-penalised logistic regression, by Newton's method."""
    names = sorted({name for row in rows for name in row})
    index = {name: at for at, name in enumerate(names)}
    matrix = np.zeros((len(rows), len(names)))
    for at, row in enumerate(rows):
        matrix[at, [index[name] for name in set(row)]] = 1
    meant = np.array([float(example.meant) for example in examples])
    share = np.array([example.weight for example in examples])
    beta: npt.NDArray[np.float64] = np.zeros(len(names))
    for _ in range(20):
        chance = 1 / (1 + np.exp(-(matrix @ beta)))
        slope = matrix.T @ (share * (meant - chance)) - RIDGE * beta
        curve = (matrix.T * (share * chance * (1 - chance))) @ matrix
        beta += np.linalg.solve(curve + RIDGE * np.eye(len(names)), slope)
    return {name: round(float(beta[at]), 3) for name, at in index.items()}


def _held_out(examples: list[Example], rows: list[list[str]]) -> None:
    """Print how it does on names that it has not learned from, in ten parts."""
    names = [one.found[one.at].spelling.text for one in examples]
    order = sorted(set(names))
    random.Random(1).shuffle(order)
    right = wrong = missed = correct = 0
    for part in range(10):
        held = set(order[part::10])
        seen = [at for at, name in enumerate(names) if name not in held]
        weights = _fit([examples[at] for at in seen], [rows[at] for at in seen])
        for at, name in enumerate(names):
            if name in held and examples[at].weight == 1:
                guess = sum(weights.get(feature, 0) for feature in set(rows[at])) > 0
                right += guess and examples[at].meant
                wrong += guess and not examples[at].meant
                missed += not guess and examples[at].meant
                correct += guess == examples[at].meant
    precision, recall = right / (right + wrong), right / (right + missed)
    score = 2 * precision * recall / (precision + recall)
    judged = sum(one.weight == 1 for one in examples)
    print(f"held-out names: P {precision:.3f} R {recall:.3f} F1 {score:.3f}", end=" ")
    print(f"accuracy {correct / judged:.3f} of {judged}")


if __name__ == "__main__":
    main()
