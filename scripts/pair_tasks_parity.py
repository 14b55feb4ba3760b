#!/usr/bin/env python3
"""Compares the tasks on pairs of texts with the Python reference on random inputs, live. Run by hand.

    scripts/pair_tasks_parity.py .build/release/penstock --random-checkpoints 60
    scripts/pair_tasks_parity.py .build/release/penstock --random-checkpoints 20 --tasks text-ranking --seed 7

The tasks are text-ranking (by sentence-transformers), zero-shot-classification, and question-answering (by transformers 4;
`PENSTOCK_PYTHON_V4` names a Python for it). What is no score has to be the same, and in the same order up to scores that
differ by less than 1e-6; scores within 1e-5; where the reference raises, there has to be an error. An answer of question-
answering that changes when logits move by some millionths is left out and counted, and so is a text of more tokens than
positions, which upstream takes where positions are angles. Prints the seed, what was compared,
and the worst figures; exits 1 upon any difference.
"""

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from transformers import AutoTokenizer

from fixtures_base import JSON, Case, TransformersReference, use_reference_settings
from fixtures_checkpoints import Checkpoint
from fixtures_classification import named
from fixtures_question_answering import Version4
from fixtures_ranking import RankingReference
from fixtures_weights import with_gamma_and_beta
from parity_base import Comparison, ExactReference, in_float64, is_beyond_positions, is_noise, run_penstock
from parity_checkpoints import ALL_FAMILIES, FAMILIES, has_head, kind_of, random_checkpoint
from tokenizer_texts import Texts, with_tokens

SCORE_TOLERANCE = 1e-5
TIE = 1e-6
SHOWN = 20
CALLS_OF_ONE_PROCESS = 6  # have the same parameters

QUESTIONS = "question-answering"
HEADS = {"text-ranking": "sequence", "zero-shot-classification": "sequence", QUESTIONS: "spans"}
LABELS = {
    "text-ranking": [named("LABEL_0"), named("score")],
    "zero-shot-classification": [
        named("contradiction", "neutral", "entailment"),
        named("ENTAILMENT", "NEUTRAL", "CONTRADICTION"),
        named("entailment", "not_entailment"),
        named("a", "b", "c"),
    ],
    "question-answering": [{}],
}

Answers = Callable[[list[Case]], list[dict[str, JSON]]]
Rows = list[tuple[JSON, float]]  # what an output says, with the score of each part

# --- Random calls -----------------------------------------------------------------------------------------------------


@dataclass
class Calls:
    """A source of random calls for one checkpoint."""

    task: str
    limit: int
    special_tokens: list[str]
    chooser: random.Random
    texts: Texts = field(init=False)

    def __post_init__(self) -> None:
        self.texts = Texts(self.chooser.getrandbits(32))

    def group(self) -> list[Case]:
        """Some calls with the same parameters."""
        make, parameters = {
            "text-ranking": (self.ranking, self.ranking_parameters),
            "zero-shot-classification": (self.sequence, self.choice_parameters),
            "question-answering": (self.question, self.question_parameters),
        }[self.task]
        shared = parameters()
        calls = [Case(self.task, self.some_or_one(make), shared) for _ in range(CALLS_OF_ONE_PROCESS)]
        return calls

    def some_or_one(self, make: Callable[[], JSON]) -> JSON:
        # Version 4 answers a list of one question like the question.
        least = 2 if self.task == "question-answering" else 1
        return make() if self.chooser.random() < 0.7 else [make() for _ in range(self.chooser.randint(least, 3))]

    def text(self, longest: int = 4) -> str:
        return with_tokens(self.texts.text(self.chooser.randint(1, longest)), self.special_tokens)

    def filled(self, longest: int = 4) -> str:
        return self.text(longest) or "a"

    def ranking(self) -> JSON:
        texts = [self.text(8) for _ in range(self.chooser.randint(1, 6))]
        return {"query": self.filled(), "texts": texts}

    def ranking_parameters(self) -> dict[str, JSON]:
        parameters: dict[str, JSON] = {}
        if self.chooser.random() < 0.5:
            parameters["top_k"] = self.chooser.choice([None, 1, 2, 100])
        if self.chooser.random() < 0.5:
            parameters["function_to_apply"] = self.chooser.choice(["sigmoid", "none", "Sigmoid", None])
        if self.chooser.random() < 0.3:
            parameters["return_documents"] = self.chooser.random() < 0.5
        if self.chooser.random() < 0.3:
            parameters["max_length"] = self.chooser.randint(5, self.limit)
        return parameters

    def sequence(self) -> JSON:
        return self.filled(8)

    def choice_parameters(self) -> dict[str, JSON]:
        labels = [self.texts.text(1).replace("{", "").replace("}", "") for _ in range(self.chooser.randint(1, 5))]
        parameters: dict[str, JSON] = {"candidate_labels": labels}
        if self.chooser.random() < 0.2:
            parameters["candidate_labels"] = " , ".join(labels)
        if self.chooser.random() < 0.5:
            parameters["multi_label"] = self.chooser.random() < 0.5
        if self.chooser.random() < 0.4:
            templates = ["{}", "is {}!", "{0} {0}", "{{{}}} it", "no place", "{} {}", "{", "}", "{label}"]
            parameters["hypothesis_template"] = self.chooser.choice(templates)
        return parameters

    def question(self) -> JSON:
        context = " ".join(self.filled(8) for _ in range(self.chooser.choice([1, 1, 2, 6])))
        # Version 4 looks for answers in a question that has the classification token.
        return {"question": self.texts.text(2) or "a", "context": context}

    def question_parameters(self) -> dict[str, JSON]:
        parameters: dict[str, JSON] = {"max_question_len": 10**6}  # version 4 does not cut questions
        if self.chooser.random() < 0.4:
            parameters["top_k"] = self.chooser.choice([1, 2, 3])
        if self.chooser.random() < 0.4:
            parameters["max_answer_len"] = self.chooser.choice([1, 2, 5, 1000])
        if self.chooser.random() < 0.4:
            parameters["handle_impossible_answer"] = self.chooser.random() < 0.7
        if self.chooser.random() < 0.4:
            parameters["align_to_words"] = self.chooser.random() < 0.5
        if self.chooser.random() < 0.4:
            parameters["max_seq_len"] = self.chooser.randint(self.limit // 2, self.limit)
        # A stride that leaves no room for progress makes the tokenizer of version 4 panic.
        parameters["doc_stride"] = self.chooser.randint(0, 2)
        return parameters


# --- Comparing --------------------------------------------------------------------------------------------------------


def rows_of(output: JSON) -> Rows:
    """What an output says, in its order, with the score of each part."""
    if isinstance(output, list):
        return [row for part in output for row in rows_of(part)]
    if "labels" in output:
        return [((output["sequence"], label), score) for label, score in zip(output["labels"], output["scores"])]
    return [(json.dumps({key: value for key, value in output.items() if key != "score"}), output["score"])]


def shape_of(output: JSON) -> JSON:
    """The nesting of an output, and the keys of its objects in their order."""
    return [shape_of(part) for part in output] if isinstance(output, list) else list(output)


def compare(
    call: Case, entry: dict[str, JSON], actual: JSON, config: dict[str, JSON], exact: Answers, comparison: Comparison
) -> str:
    """Compares one answer with the reference's; returns how it was, as answer, error or noise."""
    place = f"{call.task} {json.dumps(call.inputs, ensure_ascii=False)} {json.dumps(call.parameters)}"
    failed = isinstance(actual, dict) and "error" in actual
    if failed and "error" not in entry and is_beyond_positions(actual, config):
        return "beyond positions"
    if failed != ("error" in entry):
        comparison.differ(place, f"{actual['error']!r} instead of an answer" if failed else f"not {entry['error']!r}")
        return "answer"
    if failed:
        return "error"
    if not entry.get("is_stable", True):
        return "unstable"
    expected = entry["output"]
    if call.task == "question-answering":
        expected, actual = with_answers(expected, call), with_answers(actual, call)
    elif shape_of(expected) != shape_of(actual):
        comparison.differ(place, f"{actual} instead of {expected}")
        return "answer"
    theirs, mine = rows_of(expected), rows_of(actual)
    if len(theirs) != len(mine):
        comparison.differ(place, f"{actual} instead of {expected}")
        return "answer"
    found = Comparison()
    compare_rows(call.task, place, theirs, mine, found)
    if found.differences and call.task != QUESTIONS:
        if is_noise_of_rows(mine, theirs, rows_of(exact([call])[0]["output"])):
            return "noise"
    comparison.include(found)
    return "answer"


def is_noise_of_rows(mine: Rows, theirs: Rows, exact: Rows) -> bool:
    """Whether the scores of all that is said are no further from those of float64 than twice the reference's."""
    of = [dict(rows) for rows in (mine, theirs, exact)]
    if not of[0].keys() == of[1].keys() == of[2].keys():
        return False
    return is_noise(*([rows[what] for what in of[0]] for rows in of))


def compare_rows(task: str, place: str, theirs: Rows, mine: Rows, comparison: Comparison) -> None:
    """Compares what is said and the scores, row by row, in which those that are tied may have any order."""
    for (their, score), (my, found) in zip(theirs, mine):
        tied = {what for what, other in theirs if abs(other - score) <= TIE * max(1.0, abs(score))}
        if my != their and my not in tied:
            comparison.differ(place, f"{mine} instead of {theirs}")
        distance = abs(found - score)
        comparison.note(f"{task} score", distance)
        if not distance <= SCORE_TOLERANCE * max(1.0, abs(score)):
            comparison.differ(place, f"score {found} instead of {score}")


def with_answers(output: JSON, call: Case) -> JSON:
    """An output as a list for each question, without the spans of probability 0 that version 4 adds to few others."""
    inputs = call.inputs if isinstance(call.inputs, list) else [call.inputs]
    outputs = output if isinstance(call.inputs, list) and len(inputs) > 1 else [output]
    lists = [part if isinstance(part, list) else [part] for part in outputs]
    return [[answer for answer in part if answer["score"] > 0] for part in lists]


def reference_of(task: str, folder: Path) -> Answers:
    """What answers calls of a task over a checkpoint."""
    if task == "question-answering":
        return Version4(folder).answers_without(["max_question_len"])
    reference = RankingReference(folder) if task == "text-ranking" else TransformersReference(folder)
    return lambda calls: [reference.record(call) for call in calls]


def exact_reference_of(task: str, folder: Path) -> Answers:
    """What answers calls of a task in float64."""
    if task != "text-ranking":
        return lambda calls: [ExactReference(folder).record(call) for call in calls]

    def record(calls: list[Case]) -> list[dict[str, JSON]]:
        reference = RankingReference(folder)
        reference.model.double()
        with in_float64():
            return [reference.record(call) for call in calls]

    return record


# --- Random checkpoints -----------------------------------------------------------------------------------------------


def checkpoint_for(task: str, name: str, family: str, chooser: random.Random) -> Checkpoint:
    checkpoint = random_checkpoint(name, family, HEADS[task], chooser)
    dropped = ("id2label", "label2id", "num_labels", "problem_type")
    config = {key: value for key, value in checkpoint.config.items() if key not in dropped}
    rewrite = checkpoint.rewrite
    if task == QUESTIONS and rewrite not in (None, with_gamma_and_beta):
        rewrite = None  # version 4 takes no bare names
    if task == QUESTIONS and family == "albert":
        # Version 4 fails where a group has more inner layers than there are passes through it.
        passes = config["num_hidden_layers"] // config["num_hidden_groups"]
        config["inner_group_num"] = min(config["inner_group_num"], passes)
    return replace(checkpoint, config=config | chooser.choice(LABELS[task]), rewrite=rewrite)


def is_of_version_4(family: str) -> bool:
    """Whether version 4 has a family, and reads its tokenizer as version 5 saves it, other than those of decoders."""
    return family in FAMILIES and family not in ("nomic_bert", "gte")


def compare_random_checkpoints(
    binary: str, number: int, count: int, tasks: list[str], families: list[str], chooser: random.Random
) -> tuple[Comparison, Counter[str]]:
    """Compares `count` calls on each of `number` random checkpoints, all tasks and families in turn."""
    comparison, counts = Comparison(), Counter()
    of_task = {task: [each for each in families if has_head(each, HEADS[task])] for task in tasks}
    if QUESTIONS in tasks:
        of_task[QUESTIONS] = [each for each in of_task[QUESTIONS] if is_of_version_4(each)]
    for index in range(number):
        task = tasks[index % len(tasks)]
        family = of_task[task][index // len(tasks) % len(of_task[task])]
        if task == "question-answering" and family == "camembert":
            family = "xlm-roberta"  # version 4 does not read the tokenizer that version 5 saves
        checkpoint = checkpoint_for(task, f"random-{index}", family, chooser)
        found = Comparison()
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / checkpoint.name
            checkpoint.save(folder, seed=chooser.getrandbits(32))
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            tokenizer = AutoTokenizer.from_pretrained(folder)
            answers, exact = reference_of(task, folder), exact_reference_of(task, folder)
            calls = Calls(task, tokenizer.model_max_length, tokenizer.all_special_tokens, chooser)
            for _ in range(0, count, CALLS_OF_ONE_PROCESS):
                group = calls.group()
                inputs = [call.inputs for call in group]
                actual = run_penstock(binary, folder, inputs, group[0].parameters, errors=True, task=task)
                for call, entry, answer in zip(group, answers(group), actual):
                    counts[f"{task}: {compare(call, entry, answer, config, exact, found)}"] += 1
        print(f"{checkpoint.name}: {task}: {found.summary()} ({kind_of(checkpoint)})", flush=True)
        comparison.include(found)
    return comparison, counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", metavar="PENSTOCK", help="the penstock binary")
    parser.add_argument("--random-checkpoints", type=int, default=60, metavar="N", help="how many (default 60)")
    parser.add_argument("--calls", type=int, default=30, metavar="N", help="calls per checkpoint (default 30)")
    parser.add_argument("--tasks", nargs="+", choices=HEADS, default=list(HEADS))
    parser.add_argument("--families", nargs="+", choices=ALL_FAMILIES, default=ALL_FAMILIES)
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    arguments = parser.parse_args()

    use_reference_settings()
    comparison, counts = compare_random_checkpoints(
        arguments.binary,
        arguments.random_checkpoints,
        arguments.calls,
        arguments.tasks,
        arguments.families,
        random.Random(arguments.seed),
    )
    for difference in comparison.differences[:SHOWN]:
        print(difference, file=sys.stderr)
    print(f"seed {arguments.seed}; " + ", ".join(f"{what} {number}" for what, number in sorted(counts.items())))
    print(comparison.summary())
    sys.exit(1 if comparison.differences else 0)


if __name__ == "__main__":
    main()
