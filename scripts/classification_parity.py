#!/usr/bin/env python3
"""Compares text-classification and token-classification with the Python reference on random inputs, live. Run by hand.

    scripts/classification_parity.py .build/release/penstock --random-checkpoints 50
    scripts/classification_parity.py .build/release/penstock --random-checkpoints 20 --families roberta camembert --seed 7
    scripts/classification_parity.py .build/release/penstock models/bert-base-NER --calls 100

Inputs are texts of many scripts in all forms that a task takes, beside all of its parameters. Labels, words, spans, the
nesting and the order of keys have to be the same, scores within 1e-5; where the reference raises, there has to be an
error. An answer that the reference gives, too, when its logits move by a few millionths, is a tie and counted; so is one
that is no further from float64 than twice the reference, and a text of more tokens than positions, which upstream takes
where positions are angles. Prints the seed, what was compared, and the worst figures; exits 1 upon any difference.
"""

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fixtures_base import JSON, Case, TransformersReference, use_reference_settings, without_scores
from fixtures_checkpoints import labels
from parity_base import Comparison, ExactReference, is_beyond_positions, is_noise, run_penstock
from parity_checkpoints import ALL_FAMILIES, UNLIMITED, has_head, kind_of, random_checkpoint
from tokenizer_texts import Texts, with_tokens

SCORE_TOLERANCE = 1e-5  # absolute, and relative for scores that are no probabilities
TIE_SIZE = 3e-6  # of what logits
TIE_TRIES = 20
SHOWN = 20
CALLS_OF_ONE_PROCESS = 6  # have the same parameters

HEADS = {"text-classification": "sequence", "token-classification": "tokens"}


# --- Random calls -----------------------------------------------------------------------------------------------------


@dataclass
class Calls:
    """A source of random calls for one checkpoint."""

    reference: TransformersReference
    task: str
    chooser: random.Random
    texts: Texts = field(init=False)

    def __post_init__(self) -> None:
        self.texts = Texts(self.chooser.getrandbits(32))
        pipeline = self.reference.pipeline(self.task)
        limit = pipeline.tokenizer.model_max_length
        self.cuts = limit < UNLIMITED
        self.limit = min(limit, getattr(pipeline.model.config, "max_position_embeddings", limit))
        self.special_tokens = pipeline.tokenizer.all_special_tokens
        self.labels = list(pipeline.model.config.id2label.values())

    def group(self) -> list[Case]:
        """Some calls with the same parameters."""
        make = self.classification if self.task == "text-classification" else self.tagging
        return make(CALLS_OF_ONE_PROCESS)

    def text(self) -> str:
        longest = self.chooser.choice([1, 2, 3, 4, 8])
        return with_tokens(self.texts.text(longest), self.special_tokens) if self.chooser.random() > 0.03 else ""

    def words(self) -> list[str]:
        words = self.texts.words_of(self.chooser.choice([1, 2, 4]))
        return [with_tokens(word, self.special_tokens) for word in words]

    def some(self, make: Callable[[], JSON], most: int) -> list[JSON]:
        return [make() for _ in range(self.chooser.randint(1, most))]

    # text-classification

    def classification(self, count: int) -> list[Case]:
        parameters: dict[str, JSON] = {}
        if self.chooser.random() < 0.6:
            parameters["top_k"] = self.chooser.choice([None, None, 0, 1, 2, 3, 100])
        if self.chooser.random() < 0.5:
            parameters["function_to_apply"] = self.chooser.choice(["sigmoid", "softmax", "none", "Sigmoid", None])
        if self.chooser.random() < 0.75:
            parameters |= self.truncation()
        return [Case(self.task, self.classified(), parameters) for _ in range(count)]

    def truncation(self) -> dict[str, JSON]:
        strategy = self.chooser.choice([True, True, True, "longest_first", "only_first", "only_second", False])
        parameters = {} if self.chooser.random() < 0.1 else {"truncation": strategy}
        if self.chooser.random() < 0.5 or not parameters:
            parameters["max_length"] = self.chooser.randint(4, max(4, self.limit))
        return parameters

    def classified(self) -> JSON:
        form = self.chooser.random()
        if form < 0.25:
            return self.text()
        if form < 0.45:
            return self.some(self.text, 4)
        if form < 0.65:
            return self.pair()
        if form < 0.90:
            return self.some(lambda: self.chooser.choice([self.text, self.pair, self.old_pair])(), 4)
        if form < 0.96:
            return [self.old_pair()]
        text = self.text()
        return self.chooser.choice([[], [[text, self.text()]], [[text]], 7, None, {}, {"text": 7}, [text, None]])

    def pair(self) -> JSON:
        return {"text": self.text()} | self.chooser.choice([{}, {"text_pair": self.text()}, {"text_pair": self.text()}])

    def old_pair(self) -> JSON:
        return [[self.text(), self.text()]]

    # token-classification

    def tagging(self, count: int) -> list[Case]:
        parameters: dict[str, JSON] = {}
        if self.chooser.random() < 0.85:
            strategies = ["none", "simple", "first", "average", "max", "Max"]
            parameters["aggregation_strategy"] = self.chooser.choice(strategies)
        if self.chooser.random() < 0.6:
            parameters["ignore_labels"] = self.ignored()
        if self.chooser.random() < 0.4:
            parameters["stride"] = self.stride()
        cut = self.chooser.random() < 0.35
        if cut:
            parameters["is_split_into_words"] = True
        if self.chooser.random() < (0.6 if cut else 0.1):
            parameters["delimiter"] = self.chooser.choice([" ", "", "-", " – ", "\n", "🙂", None])
        tagged = self.tagged_words if cut else self.tagged
        return [Case(self.task, tagged(), parameters) for _ in range(count)]

    def ignored(self) -> list[str]:
        names = self.labels + [label.split("-", 1)[-1] for label in self.labels] + ["O", "other"]
        return self.chooser.sample(names, self.chooser.choice([0, 0, 0, 1, 2, 3]))

    def stride(self) -> int:
        # One as large as the limit without its special tokens makes upstream panic, if its tokenizer has a limit.
        if self.chooser.random() < 0.05 and self.cuts:
            return self.limit + self.chooser.randint(0, 3)
        return self.chooser.randint(0, max(0, min(self.limit - 3, self.chooser.choice([3, 10, 100]))))

    def tagged(self) -> JSON:
        form = self.chooser.random()
        if form < 0.6:
            return self.text()
        if form < 0.95:
            return self.some(self.text, 4)
        return self.chooser.choice([[], "", [""], 7, None, {"text": self.text()}, [self.text(), 7], [[self.text()]]])

    def tagged_words(self) -> JSON:
        form = self.chooser.random()
        if form < 0.55:
            return self.words()
        if form < 0.95:
            return self.some(self.words, 3)
        return self.chooser.choice([[], [[]], [""], self.text(), 7, [self.words(), "a"], ["a", 7]])


# --- Comparing --------------------------------------------------------------------------------------------------------


def answers_of(binary: str, folder: Path, calls: list[Case]) -> list[JSON]:
    """What Penstock answers to calls with the same parameters: outputs, or `{"error": …}`."""
    return run_penstock(binary, folder, [call.inputs for call in calls], calls[0].parameters, errors=True)


def compare(
    reference: TransformersReference, exact: ExactReference, call: Case, actual: JSON, comparison: Comparison
) -> str:
    """Compares one answer with the reference's; returns how it was: answer, error, tie, noise or beyond positions."""
    place = f"{call.task} {json.dumps(call.inputs, ensure_ascii=False)} {json.dumps(call.parameters)}"
    entry = reference.record(call)
    failed = isinstance(actual, dict) and "error" in actual
    if failed and "error" not in entry:
        if is_beyond_positions(actual, reference.pipeline(call.task).model.config.to_dict()):
            return "beyond positions"
    if failed != ("error" in entry):
        comparison.differ(place, f"{actual['error']!r} instead of an answer" if failed else f"not {entry['error']!r}")
        return "answer"
    if failed:
        return "error"
    expected, kind = entry["output"], "answer"
    if without_scores(actual) != without_scores(expected):
        others = reference.perturbed(call, TIE_TRIES, TIE_SIZE)
        tied = next((other for other in others if without_scores(other) == without_scores(actual)), None)
        if tied is not None:
            expected, kind = tied, "tie"
    found = Comparison()
    compare_output(call.task, place, expected, actual, found)
    if found.differences and is_noise_of_output(actual, expected, exact.record(call).get("output")):
        return "noise"
    comparison.include(found)
    return kind


def is_noise_of_output(actual: JSON, expected: JSON, exact: JSON) -> bool:
    """Whether an output has the rows of float64, with scores as close as the reference's."""
    if without_scores(actual) != without_scores(exact):
        return False
    other = scores_of(expected) if without_scores(expected) == without_scores(exact) else None
    return is_noise(scores_of(actual), other, scores_of(exact))


def scores_of(output: JSON) -> list[float]:
    """The scores of an output of any nesting, in their order."""
    if isinstance(output, dict):
        return [output["score"]]
    return [score for part in output for score in scores_of(part)]


def compare_output(task: str, place: str, expected: JSON, actual: JSON, comparison: Comparison) -> None:
    """Compares nested lists of rows, part by part; says of the first parts that differ in kind."""
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (part, other) in enumerate(zip(expected, actual)):
            compare_output(task, f"{place}[{index}]", part, other, comparison)
    elif isinstance(expected, dict) and isinstance(actual, dict) and list(expected) == list(actual):
        if without_scores(expected) != without_scores(actual):
            comparison.differ(place, f"{actual} instead of {expected}")
        distance = abs(expected["score"] - actual["score"])
        comparison.note(f"{task} score", distance)
        if not distance <= SCORE_TOLERANCE * max(1.0, abs(expected["score"])):
            comparison.differ(place, f"score {actual['score']} instead of {expected['score']}")
    else:
        comparison.differ(place, f"{actual} instead of {expected}")


def compare_checkpoint(
    binary: str, folder: Path, task: str, count: int, chooser: random.Random, counts: Counter[str]
) -> Comparison:
    """Compares the answers of some `count` random calls."""
    reference, exact = TransformersReference(folder), ExactReference(folder)
    calls = Calls(reference, task, chooser)
    comparison = Comparison()
    for _ in range(0, count, CALLS_OF_ONE_PROCESS):
        group = calls.group()
        for call, actual in zip(group, answers_of(binary, folder, group)):
            kind = compare(reference, exact, call, actual, comparison)
            counts[f"{task}: {kind}"] += 1
            counts[f"{task}: rows"] += sum(1 for _ in labels(actual)) if kind not in ("error", "beyond positions") else 0
    return comparison


def compare_random_checkpoints(
    binary: str,
    number: int,
    count: int,
    families: list[str],
    tasks: list[str],
    chooser: random.Random,
    counts: Counter[str],
) -> Comparison:
    """Compares on `number` random checkpoints, all families and tasks in turn."""
    comparison = Comparison()
    pairs = [(family, task) for task in tasks for family in families if has_head(family, HEADS[task])]
    for index in range(number):
        family, task = pairs[index % len(pairs)]
        checkpoint = random_checkpoint(f"random-{index}", family, HEADS[task], chooser)
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / checkpoint.name
            checkpoint.save(folder, seed=chooser.getrandbits(32))
            found = compare_checkpoint(binary, folder, task, count, chooser, counts)
        print(f"{checkpoint.name}: {found.summary()} ({kind_of(checkpoint)})", flush=True)
        comparison.include(found)
    return comparison


def task_of(folder: Path) -> str:
    """The task that a checkpoint is made for. Raises: ValueError when it is neither."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    names = " ".join(config.get("architectures", []))
    for task, name in [("text-classification", "ForSequenceClassification"), ("token-classification", "ForTokenClass")]:
        if name in names:
            return task
    raise ValueError(f"{folder} has no classification head: {names}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", metavar="PENSTOCK", help="the penstock binary")
    parser.add_argument("checkpoint", type=Path, nargs="?", metavar="CHECKPOINT_DIR")
    parser.add_argument("--random-checkpoints", type=int, metavar="N", help="compare on N random checkpoints instead")
    parser.add_argument("--calls", type=int, default=60, metavar="N", help="calls per checkpoint (default 60)")
    parser.add_argument(
        "--families", nargs="+", choices=ALL_FAMILIES, default=ALL_FAMILIES, help="of random checkpoints"
    )
    parser.add_argument("--tasks", nargs="+", choices=HEADS, default=list(HEADS), help="of random checkpoints")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    arguments = parser.parse_args()
    if (arguments.checkpoint is None) == (arguments.random_checkpoints is None):
        parser.error("name either a checkpoint or --random-checkpoints")

    use_reference_settings()
    chooser = random.Random(arguments.seed)
    counts: Counter[str] = Counter()
    if arguments.checkpoint:
        task = task_of(arguments.checkpoint)
        comparison = compare_checkpoint(
            arguments.binary, arguments.checkpoint, task, arguments.calls, chooser, counts
        )
    else:
        comparison = compare_random_checkpoints(
            arguments.binary,
            arguments.random_checkpoints,
            arguments.calls,
            arguments.families,
            arguments.tasks,
            chooser,
            counts,
        )
    for difference in comparison.differences[:SHOWN]:
        print(difference, file=sys.stderr)
    print(f"seed {arguments.seed}; " + ", ".join(f"{what} {number}" for what, number in sorted(counts.items())))
    print(comparison.summary())
    sys.exit(1 if comparison.differences else 0)


if __name__ == "__main__":
    main()
