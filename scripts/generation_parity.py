#!/usr/bin/env python3
"""Compares text-generation with the Python reference on random decoders and random settings, live. Run by hand.

    scripts/generation_parity.py .build/release/penstock --count 200
    scripts/generation_parity.py .build/release/penstock --count 20 --families gemma2 phi3 --seed 7
    scripts/generation_parity.py .build/release/penstock --only 23 --seed 7

A configuration is a random checkpoint and some calls, each with a random generation_config.json: greedy, drawn, or
searched with beams, with processors and stopping rules in the call and in the file. Tokens and texts have to be the
same, logits as logarithms of probabilities within 1e-4, or no further from float64 than twice the reference; where the
reference raises, there has to be an error.

Drawn tokens are given to the reference in the place of those that it would draw, so that the probabilities behind
each of them are compared, and that none has the probability 0; of texts of one token the frequencies are compared.
Angles that depend on the extent of a sequence are fixed in the reference, too. Where the scores of two tokens are closer
than 1e-4, either may be taken: what follows is left out, and counted as a tie. A configuration depends on the seed and
its number alone; both are printed beside each difference. Exits 1 upon any.
"""

import argparse
import json
import math
import random
import sys
import warnings
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, LogitsProcessor, LogitsProcessorList, PreTrainedModel

from fixtures_base import JSON, Case, TransformersReference, use_reference_settings
from parity_base import NOISE, Comparison, in_float64, run_penstock
from parity_checkpoints import kind_of
from parity_decoders import DECODERS, config_of, random_decoder, save_generation_config
from tokenizer_texts import Texts, with_tokens

TOLERANCE = 1e-4  # of logarithms of probabilities
TIE = 1e-4  # between scores, of which either may be the greatest
TIE_SIZE = 3e-5  # by which scores move where the answers of a search differ
TIE_TRIES = 30
FREQUENCY_LIMIT = 5.0  # standard deviations of a normal variable
SHOWN = 5  # differences of a configuration

PENALTIES = ("presence_penalty", "frequency_penalty", "logit_bias")  # of requests, and unknown to the reference


# --- Random calls -----------------------------------------------------------------------------------------------------


@dataclass
class Calls:
    """A source of random calls for one checkpoint."""

    vocabulary: int
    positions: int
    tokenizer: object
    chooser: random.Random
    texts: Texts = field(init=False)

    def __post_init__(self) -> None:
        self.texts = Texts(self.chooser.getrandbits(32))

    def chance(self, probability: float) -> bool:
        return self.chooser.random() < probability

    # Prompts

    def prompt(self, longest: int) -> str:
        """A text of one to `longest` tokens."""
        while True:
            text = with_tokens(self.texts.text(self.chooser.choice([1, 1, 2, 4, 8])), self.tokenizer.all_special_tokens)
            if 0 < len(self.tokenizer(text)["input_ids"]) <= longest:
                return text

    def inputs(self, longest: int) -> JSON:
        if self.chance(0.7):
            return self.prompt(longest)
        return [self.prompt(longest) for _ in range(self.chooser.randint(1, 3))]

    # Parameters

    def token(self) -> int:
        return self.chooser.randrange(self.vocabulary)

    def tokens(self, most: int) -> list[int]:
        return [self.token() for _ in range(self.chooser.randint(1, most))]

    def sequences(self) -> list[list[int]]:
        """Sequences of tokens, most of one token, without the same twice."""
        found = {tuple(self.tokens(self.chooser.choice([1, 1, 2, 3]))) for _ in range(self.chooser.randint(1, 30))}
        return [list(sequence) for sequence in sorted(found)]

    def stop_strings(self) -> JSON:
        pieces = [self.tokenizer.decode([self.token()]) for _ in range(self.chooser.randint(1, 6))]
        pieces = [piece for piece in pieces if piece and "\ufffd" not in piece] or ["a"]
        pieces.append(self.chooser.choice("aeiou") + self.chooser.choice(["", " ", "n"]))
        return self.chooser.choice([pieces, pieces[-1]])

    def ends(self) -> dict[str, JSON]:
        """What ends texts."""
        choices: list[tuple[float, str, Callable[[], JSON]]] = [
            (0.35, "eos_token_id", lambda: self.chooser.choice([self.token(), self.tokens(self.vocabulary // 8)])),
            (0.15, "stop_strings", self.stop_strings),
            (0.15, "min_new_tokens", lambda: self.chooser.randint(0, 20)),
            (0.15, "min_length", lambda: self.chooser.randint(0, 40)),
            (0.08, "forced_eos_token_id", lambda: self.chooser.choice([self.token(), self.tokens(3)])),
            (0.08, "exponential_decay_length_penalty", self.decay),
        ]
        return self.some(choices)

    def decay(self) -> JSON:
        return [self.chooser.randint(0, 10), self.chooser.choice([1.01, 1.2, 0.9])]

    def processors(self) -> dict[str, JSON]:
        """What changes scores."""
        choices: list[tuple[float, str, Callable[[], JSON]]] = [
            (0.3, "repetition_penalty", lambda: self.chooser.choice([0.7, 1.05, 1.3, 2.0])),
            (0.12, "encoder_repetition_penalty", lambda: self.chooser.choice([0.7, 1.05, 1.5])),
            (0.2, "no_repeat_ngram_size", lambda: self.chooser.randint(1, 4)),
            (0.12, "encoder_no_repeat_ngram_size", lambda: self.chooser.randint(1, 4)),
            (0.15, "bad_words_ids", self.sequences),
            (0.15, "sequence_bias", lambda: [[each, self.chooser.uniform(-5, 5)] for each in self.sequences()]),
            (0.15, "suppress_tokens", lambda: self.tokens(40)),
            (0.15, "begin_suppress_tokens", lambda: self.tokens(40)),
            (0.06, "forced_bos_token_id", self.token),
            (0.1, "renormalize_logits", lambda: self.chance(0.8)),
            (0.08, "remove_invalid_values", lambda: self.chance(0.8)),
        ]
        return self.some(choices)

    def filters(self) -> dict[str, JSON]:
        """What tokens are drawn from."""
        choices: list[tuple[float, str, Callable[[], JSON]]] = [
            (0.6, "temperature", lambda: round(self.chooser.uniform(0.2, 2), 2)),
            (0.5, "top_k", lambda: self.chooser.choice([0, 1, 3, 20, 1000])),
            (0.4, "top_p", lambda: round(self.chooser.uniform(0.05, 1), 3)),
            (0.15, "top_h", lambda: round(self.chooser.uniform(0.1, 1), 3)),
            (0.2, "min_p", lambda: round(self.chooser.uniform(0, 0.5), 3)),
            (0.2, "typical_p", lambda: round(self.chooser.uniform(0.1, 0.99), 3)),
            (0.15, "epsilon_cutoff", lambda: round(self.chooser.uniform(0.0001, 0.02), 5)),
            (0.15, "eta_cutoff", lambda: round(self.chooser.uniform(0.0001, 0.02), 5)),
        ]
        return self.some(choices)

    def some(self, choices: list[tuple[float, str, Callable[[], JSON]]]) -> dict[str, JSON]:
        return {name: make() for probability, name, make in choices if self.chance(probability)}

    def strategy(self) -> dict[str, JSON]:
        """Greedy, drawn or a search."""
        kind = self.chooser.random()
        if kind < 0.45:
            return {"do_sample": False}
        if kind < 0.65:
            answers = self.chooser.choice([1, 1, 2, 4])
            return self.filters() | {"do_sample": True, "num_return_sequences": answers}
        beams = self.chooser.choice([2, 3, 4, 6])
        parameters = {"do_sample": False, "num_beams": beams, "num_return_sequences": self.chooser.randint(1, beams)}
        if self.chance(0.6):
            parameters["early_stopping"] = self.chooser.choice([True, False, "never"])
        if self.chance(0.6):
            parameters["length_penalty"] = self.chooser.choice([0.0, 0.5, 1.0, 2.0, -1.0])
        return parameters

    def length(self, longest: int) -> dict[str, JSON]:
        """The lengths of a call whose prompts have up to `longest` tokens."""
        room = max(1, self.positions - longest)
        if self.chance(0.15):
            return {"max_length": self.chooser.randint(longest + 1, longest + room)}
        return {"max_new_tokens": min(room, self.chooser.choice([1, 5, 20, 40, 60, 200]))}

    def call(self) -> tuple[Case, dict[str, JSON]]:
        """A call, and settings for generation_config.json."""
        longest = self.chooser.choice([1, 4, 12, self.positions // 4, self.positions // 2])
        longest = max(longest, 2)
        strategy = self.strategy()
        # The reference has these penalties behind all others, so that they come alone.
        penalties = self.penalties() if strategy.get("num_return_sequences", 1) == 1 and self.chance(0.15) else {}
        parameters = (self.ends() | self.processors() if not penalties else {}) | self.length(longest)
        if strategy.get("num_beams", 1) > 1 and parameters.get("max_new_tokens", 0) > 60:
            parameters["max_new_tokens"] = 60
        settings: dict[str, JSON] = {"bos_token_id": 1, "eos_token_id": 2}
        for name in list(parameters):
            # A file with these stop strings does not load upstream, and a length in the file is never the only one.
            if name not in ("stop_strings", "max_length", "max_new_tokens") and self.chance(0.25):
                settings[name] = parameters.pop(name)
        (settings if self.chance(0.25) else parameters).update(strategy)  # in a whole, which has to make sense
        for given in (settings, parameters):
            # Which of tokens that are as likely a bound of `top_p` parts is arbitrary.
            if strategy["do_sample"] and isinstance(given.get("forced_eos_token_id"), list):
                given["forced_eos_token_id"] = given["forced_eos_token_id"][0]
        parameters |= penalties
        if self.chance(0.2):
            parameters["return_full_text"] = self.chance(0.5)
        if self.chance(0.1):
            parameters["prefix"] = self.chooser.choice(["a ", "The", "x\n"])
            room = max(1, self.positions - longest - len(parameters["prefix"]) - 1)
            if "max_length" in parameters:
                parameters["max_length"] = min(parameters["max_length"], longest + room)
            else:
                parameters["max_new_tokens"] = min(parameters["max_new_tokens"], room)
        return Case("text-generation", self.inputs(longest), parameters), settings

    def penalties(self) -> dict[str, JSON]:
        biases = {str(token): round(self.chooser.uniform(-5, 5), 2) for token in self.tokens(20)}
        choices = [
            (0.6, "presence_penalty", lambda: round(self.chooser.uniform(-2, 2), 2)),
            (0.6, "frequency_penalty", lambda: round(self.chooser.uniform(-2, 2), 2)),
            (0.4, "logit_bias", lambda: biases),
        ]
        return self.some(choices)


# --- The reference ----------------------------------------------------------------------------------------------------


@dataclass
class Generated:
    """What `generate` returned for one prompt."""

    prompt: list[int]
    sequences: list[list[int]]  # without the prompt
    logits: list[torch.Tensor]  # of each step: [sequences, vocabulary]
    scores: list[torch.Tensor]  # the same, processed
    is_search: bool


class Penalties(LogitsProcessor):
    """The penalties of OpenAI's API, which `generate` does not have."""

    def __init__(self, parameters: dict[str, JSON], prompt: int) -> None:
        self.parameters, self.prompt = parameters, prompt

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        scores = scores.clone()
        for token, bias in self.parameters.get("logit_bias", {}).items():
            scores[:, int(token)] += bias
        for row, ids in enumerate(input_ids[:, self.prompt :].tolist()):
            for token, count in Counter(ids).items():
                scores[row, token] -= self.parameters.get("presence_penalty", 0.0)
                scores[row, token] -= self.parameters.get("frequency_penalty", 0.0) * count
        return scores


class Noise(LogitsProcessor):
    """Scores as another computation could have them."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        return scores + TIE_SIZE * torch.randn(scores.shape, generator=self.generator)


class GenerationReference:
    """The pipeline `text-generation`, and what its calls of `generate` were like."""

    def __init__(self, folder: Path) -> None:
        self.reference = TransformersReference(folder)
        self.generated: list[Generated] = []
        self.drawn: list[list[list[int]]] = []  # for each prompt, the tokens of each answer
        self.penalties: dict[str, JSON] = {}
        self.noise: Noise | None = None
        self.extent = 0

    @cached_property
    def model(self) -> PreTrainedModel:
        """The model, whose calls are noted. Raises: whatever upstream raises for the files."""
        model = self.reference.pipeline("text-generation").model
        self.generate = model.generate
        model.generate = self.recorded
        self.rotaries = [self.with_fixed_angles(model)]
        return model

    @cached_property
    def wide_model(self) -> PreTrainedModel:
        """The model for float64."""
        model = AutoModelForCausalLM.from_pretrained(
            self.reference.folder, dtype=torch.float32, attn_implementation="eager"
        )
        self.rotaries.append(self.with_fixed_angles(model))
        return model.double().eval()

    def exact_logprobs(self, tokens: list[int]) -> torch.Tensor:
        """The logarithms of probabilities behind each of some tokens, in float64."""
        model = self.wide_model
        self.begin_text()
        with in_float64(), torch.no_grad():
            return torch.log_softmax(model(torch.tensor([tokens])).logits[0], dim=-1)

    def begin_text(self) -> None:
        """Forgets the angles of longer texts."""
        for rotary in self.rotaries:
            if hasattr(rotary, "max_seq_len_cached"):
                rotary.max_seq_len_cached = rotary.original_max_seq_len

    def with_fixed_angles(self, model: PreTrainedModel) -> torch.nn.Module | None:
        """Has the angles of all steps of a text be those of its extent; returns what makes them."""
        rotary = next((part for name, part in model.named_modules() if name.endswith("rotary_emb")), None)
        if rotary is None:
            return None
        forward = rotary.forward

        def fixed(hidden: torch.Tensor, position_ids: torch.Tensor, *others: JSON, **named: JSON) -> JSON:
            extent = torch.full_like(position_ids[:, :1], max(0, self.extent - 1))
            cosines, sines = forward(hidden, torch.cat([position_ids, extent], dim=1), *others, **named)
            return cosines[:, :-1], sines[:, :-1]

        rotary.forward = fixed
        return rotary

    def recorded(self, input_ids: torch.Tensor, **arguments: JSON) -> JSON:
        """`generate`, noting what it made of its prompt."""
        prompt = input_ids.shape[1] if input_ids is not None else 0
        config = arguments.get("generation_config") or self.model.generation_config
        new = arguments.get("max_new_tokens") or config.max_new_tokens
        length = arguments.get("max_length") or config.max_length
        self.extent = prompt + new if new else length or prompt
        self.begin_text()
        last: list[LogitsProcessor] = [Penalties(self.penalties, prompt)] if self.penalties else []
        last += [self.noise] if self.noise else []
        arguments["logits_processor"] = LogitsProcessorList(last)
        answers = self.drawn[len(self.generated)] if len(self.generated) < len(self.drawn) else None
        with drawing(answers):
            result = self.generate(
                input_ids, **arguments, return_dict_in_generate=True, output_logits=True, output_scores=True
            )
        self.generated.append(
            Generated(
                input_ids[0].tolist(),
                result.sequences[:, prompt:].tolist(),
                [each.float() for each in result.logits],
                list(result.scores),
                "sequences_scores" in result,
            )
        )
        return result.sequences

    def record(self, case: Case, drawn: list[list[list[int]]]) -> dict[str, JSON]:
        """What the pipeline answers, if it draws these tokens."""
        self.generated, self.drawn = [], drawn
        self.penalties = {name: case.parameters[name] for name in PENALTIES if name in case.parameters}
        known = known_case(case, case.inputs)
        loaded = known.record(lambda _inputs, _parameters: [self.model.name_or_path])
        return loaded if "error" in loaded else self.reference.record(known)

    def with_noise(self, known: Case, seed: int) -> list[dict[str, JSON]]:
        """What the pipeline answers to one prompt when scores are a little different."""
        generated, self.generated, self.noise = self.generated, [], Noise(seed)
        try:
            return self.reference.record(known).get("output", [])
        finally:
            self.generated, self.noise = generated, None


def known_case(case: Case, inputs: JSON) -> Case:
    """A call with the parameters that the reference knows."""
    known = {name: value for name, value in case.parameters.items() if name not in PENALTIES}
    if "stop_strings" in known:
        known["stop_sequence"] = known.pop("stop_strings")  # for which the pipeline tells its tokenizer
    return Case(case.task, inputs, known)


@contextmanager
def drawing(answers: list[list[int]] | None) -> Iterator[None]:
    """Has PyTorch draw the tokens of these answers, one after the other."""
    original, step = torch.multinomial, 0

    def draw(probabilities: torch.Tensor, num_samples: int, **others: JSON) -> torch.Tensor:
        nonlocal step
        if answers is None or len(answers) != probabilities.shape[0]:
            return original(probabilities, num_samples, **others)
        tokens = [answer[step] if step < len(answer) else 0 for answer in answers]
        step += 1
        return torch.tensor(tokens)[:, None]

    torch.multinomial = draw
    try:
        yield
    finally:
        torch.multinomial = original


# --- Comparing --------------------------------------------------------------------------------------------------------


@dataclass
class Doubts:
    """Texts of a configuration that are further from float64 than the reference's."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    distances: list[tuple[float, float]] = field(default_factory=list)
    """From float64, at each place that was looked at so closely, and those of the reference."""

    def decide(self, comparison: Comparison) -> None:
        """Calls them differences if that is so on the average, too."""
        own, reference = (sum(each) for each in zip(*self.distances, strict=True)) if self.distances else (0.0, 0.0)
        if not own <= NOISE * reference:
            for name, what in self.texts:
                comparison.differ(name, what)


@dataclass
class Check:
    """Compares an answer with the reference's."""

    reference: GenerationReference
    case: Case
    comparison: Comparison
    counts: Counter[str]
    place: str
    doubts: "Doubts"

    def differ(self, what: str) -> None:
        self.comparison.differ(self.name, what)

    @property
    def name(self) -> str:
        call = f"{json.dumps(self.case.inputs, ensure_ascii=False)} {json.dumps(self.case.parameters)}"
        return f"{self.place} {call}"

    def run(self, actual: JSON) -> None:
        failed = isinstance(actual, dict) and "error" in actual
        drawn = [] if failed else [[ids_of(row) for row in rows] for rows in self.lists(actual)]
        entry = self.reference.record(self.case, drawn)
        if failed:
            self.fail(actual["error"], entry)
            return
        if "error" in entry:
            self.differ(f"not {entry['error']!r}")
            return
        expected = self.lists(entry["output"])
        answers = self.lists(actual)
        if [len(rows) for rows in expected] != [len(rows) for rows in answers]:
            self.differ(f"{actual} instead of {entry['output']}")
            return
        for generated, theirs, mine in zip(self.reference.generated, expected, answers):
            if generated.is_search:
                self.search(generated, theirs, mine)
            else:
                self.texts(generated, theirs, mine)

    def lists(self, output: JSON) -> list[list[dict[str, JSON]]]:
        return output if isinstance(self.case.inputs, list) else [output]

    def fail(self, message: str, entry: dict[str, JSON]) -> None:
        if "error" in entry:
            self.counts["errors"] += 1
        elif "forbid every token" in message and any(
            torch.isneginf(row).all() for each in self.reference.generated for step in each.scores for row in step
        ):
            self.counts["calls that forbid every token"] += 1
        else:
            self.differ(f"{message!r} instead of an answer")

    def texts(self, generated: Generated, expected: list[JSON], actual: list[JSON]) -> None:
        """Compares texts that were made token by token."""
        for row, (theirs, mine) in enumerate(zip(expected, actual)):
            found = ids_of(mine)
            self.probabilities(generated, found, row, mine["details"])
            text, wanted = mine["generated_text"], theirs["generated_text"]
            if self.tokens(generated, row, found, mine["details"]) and text != wanted:
                self.differ(f"text {text!r} instead of {wanted!r} of {found}")

    def tokens(self, generated: Generated, row: int, found: list[int], details: JSON) -> bool:
        """Compares tokens and their probabilities; returns whether the texts have to be the same."""
        wanted = generated.sequences[row]
        for step, token in enumerate(found):
            if step >= len(generated.scores):
                self.differ(f"answer {row}: {len(found)} tokens instead of {step}: {found} {details['finish_reason']}")
                return False
            scores = generated.scores[step][row]
            self.counts["tokens"] += 1
            if token == wanted[step] and scores[token] > -math.inf:
                continue
            gap = float(scores.max() - scores[token])
            if token != wanted[step] and gap <= TIE:
                self.counts["ties"] += 1
                return False
            self.differ(
                f"answer {row} token {step}: {token} instead of {wanted[step]}, scores {float(scores[token])} and"
                f" {float(scores[wanted[step]])}, behind {found[:step]}"
            )
            return False
        rest = [token for token in wanted[len(found) :] if token != self.reference.model.generation_config.pad_token_id]
        if rest and not generated.is_search and len(generated.sequences) == 1:
            self.differ(f"answer {row}: ends with {details['finish_reason']} behind {found}, not {rest}")
            return False
        self.counts["texts"] += 1
        return True

    def probabilities(self, generated: Generated, found: list[int], row: int, details: JSON) -> None:
        """Compares what is told of the probabilities behind the tokens of a text, up to where the texts part.

        If a place differs too much, the greatest distances from float64 in all of the text decide, and then the average
        ones in all such texts of the configuration: where the reference is close by chance says nothing.
        """
        wanted, logits = generated.sequences[row], generated.logits
        parted = next((step for step, (a, b) in enumerate(zip(found, wanted)) if a != b), len(found))
        places = range(min(parted + 1, len(found), len(logits)))
        told = [self.told(details, step) for step in places]
        logprobs = [torch.log_softmax(logits[step][row].double(), dim=-1) for step in places]
        worst = max((self.distance(told[step], logprobs[step]) for step in places), default=0.0)
        if not worst <= TOLERANCE:
            exact = self.reference.exact_logprobs(generated.prompt + found)[len(generated.prompt) - 1 :]
            distances = [
                (
                    self.distance(told[step], exact[step]),
                    float((exact[step] - logprobs[step])[list(told[step])].abs().max()),
                )
                for step in places
            ]
            self.doubts.distances += distances
            own, other = (max(each) for each in zip(*distances, strict=True))
            self.counts["texts that float64 decided"] += 1
            self.comparison.note("distance from float64", own)
            self.comparison.note("distance from float64 of the reference", other)
            if not own <= NOISE * other:
                what = f"answer {row}: probabilities differ by {worst}; from float64 {own}, the reference {other}"
                self.doubts.texts.append((self.name, what))
            return
        self.comparison.note("logprob", worst)
        for step in places:
            likeliest = details.get("top_tokens", [[]] * (step + 1))[step]
            greatest = logprobs[step].topk(len(likeliest)).values.tolist() if likeliest else []
            if any(abs(each["logprob"] - logprob) > TOLERANCE for each, logprob in zip(likeliest, greatest)):
                self.differ(f"answer {row} token {step}: likeliest {likeliest} instead of {greatest}")

    @staticmethod
    def told(details: JSON, step: int) -> dict[int, float]:
        """What is told of the probabilities of tokens at a place."""
        likeliest = details.get("top_tokens", [[]] * (step + 1))[step]
        return {each["id"]: each["logprob"] for each in [details["tokens"][step], *likeliest]}

    @staticmethod
    def distance(told: dict[int, float], logprobs: torch.Tensor) -> float:
        return float((logprobs[list(told)] - torch.tensor(list(told.values()), dtype=torch.float64)).abs().max())

    # Beams

    def search(self, generated: Generated, expected: list[JSON], actual: list[JSON]) -> None:
        """Compares the answers of a search, or has scores move until the reference's are the same."""
        mine = [row["generated_text"] for row in actual]
        if [row["generated_text"] for row in expected] == mine:
            self.counts["searches"] += 1
            return
        index = self.reference.generated.index(generated)
        inputs = self.case.inputs[index] if isinstance(self.case.inputs, list) else self.case.inputs
        for seed in range(TIE_TRIES):
            other = self.reference.with_noise(known_case(self.case, inputs), seed)
            if [row["generated_text"] for row in other] == mine:
                self.counts["ties of searches"] += 1
                return
        told = [(ids_of(row), row["details"]["finish_reason"]) for row in actual]
        self.differ(f"search behind {generated.prompt}: {told} instead of {generated.sequences}")


def answer_of(binary: str, folder: Path, case: Case, told: dict[str, JSON]) -> JSON:
    """What Penstock answers to a call with some more parameters: an output, or `{"error": …}`."""
    parameters = case.parameters | told
    try:
        (answer,) = run_penstock(binary, folder, [case.inputs], parameters, errors=True, task=case.task)
    except RuntimeError as error:
        return {"error": str(error)}
    return answer


def ids_of(row: dict[str, JSON]) -> list[int]:
    return [token["id"] for token in row["details"]["tokens"]]


def compare_frequencies(
    binary: str, folder: Path, reference: GenerationReference, calls: Calls, check: Callable[[Case], Check]
) -> None:
    """Compares how often first tokens are drawn with their probabilities."""
    parameters = calls.filters() | {"do_sample": True, "max_new_tokens": 1, "num_return_sequences": 50}
    prompt = calls.prompt(8)
    counts: Counter[int] = Counter()
    case = Case("text-generation", [prompt], parameters)
    for seed in range(10):
        answer = answer_of(binary, folder, case, {"seed": seed, "details": True})
        if "error" in answer:
            check(case).run(answer)
            return
        counts.update(ids_of(row)[0] for row in answer[0])
    entry = reference.record(Case("text-generation", [prompt], parameters | {"num_return_sequences": 1}), [])
    if "error" in entry:
        check(case).differ(f"not {entry['error']!r}")
        return
    probabilities = torch.softmax(reference.generated[0].scores[0][0].double(), dim=-1).tolist()
    total = counts.total()
    often = [token for token, share in enumerate(probabilities) if share * total >= 5]
    bins = [(counts[token], probabilities[token] * total) for token in often]
    bins.append((total - sum(found for found, _ in bins), total - sum(wanted for _, wanted in bins)))
    bins = [(found, wanted) for found, wanted in bins if wanted > 1 or found > 5]
    check(case).counts["frequencies"] += 1
    freedom = len(bins) - 1
    if any(probabilities[token] == 0 for token in counts):
        check(case).differ(f"drawn with probability 0: {[t for t in counts if probabilities[t] == 0]}")
    if freedom < 1:
        return
    chi = sum((found - wanted) ** 2 / max(wanted, 1e-9) for found, wanted in bins)
    # The approximation of Wilson and Hilferty (1931).
    deviation = ((chi / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / math.sqrt(2 / (9 * freedom))
    check(case).comparison.note("frequency deviations", deviation)
    if deviation > FREQUENCY_LIMIT:
        check(case).differ(f"frequencies {bins}: {deviation} deviations")


# --- Configurations ---------------------------------------------------------------------------------------------------


def compare_configuration(
    binary: str, number: int, seed: int, families: list[str], count: int, counts: Counter[str]
) -> Comparison:
    """Compares `count` calls with the configuration of a number."""
    chooser = random.Random(f"{seed} {number}")
    family = families[number % len(families)]
    checkpoint = random_decoder(f"random-{number}", family, "generation", {}, chooser)
    comparison = Comparison()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / checkpoint.name
        checkpoint.save(folder, seed=chooser.getrandbits(32))
        tokenizer = checkpoint.make_tokenizer(None)
        positions = tokenizer.model_max_length
        calls = Calls(config_of(folder)["vocab_size"], positions, tokenizer, chooser)
        place = f"seed {seed} number {number} {family}"

        doubts = Doubts()

        def check(case: Case) -> Check:
            return Check(reference, case, comparison, counts, place, doubts)

        for index in range(count):
            case, settings = calls.call()
            save_generation_config(folder, settings if chooser.random() < 0.9 else None)
            reference = GenerationReference(folder)
            place = f"seed {seed} number {number} call {index} {family} {json.dumps(settings)}"
            told: dict[str, JSON] = {"details": True}
            if case.parameters.get("num_beams", settings.get("num_beams", 1)) == 1:
                told["logprobs"] = chooser.choice([0, 3])
            check(case).run(answer_of(binary, folder, case, told))
            counts["calls"] += 1
        save_generation_config(folder, {"eos_token_id": 2})
        reference = GenerationReference(folder)
        if number % 4 == 0:
            compare_frequencies(binary, folder, reference, calls, check)
    counts["texts further from float64 than the reference"] += len(doubts.texts)
    doubts.decide(comparison)
    print(f"{place}: {comparison.summary()} ({kind_of(checkpoint)})", flush=True)
    return comparison


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", metavar="PENSTOCK", help="the penstock binary")
    parser.add_argument("--count", type=int, default=200, metavar="N", help="configurations (default 200)")
    parser.add_argument("--calls", type=int, default=4, metavar="N", help="calls of each (default 4)")
    parser.add_argument("--families", nargs="+", choices=DECODERS, default=list(DECODERS))
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--only", type=int, nargs="+", metavar="I", help="the numbers of configurations; default all")
    arguments = parser.parse_args()

    use_reference_settings()
    warnings.filterwarnings("ignore", message="Unfeasible length constraints")
    comparison, counts = Comparison(), Counter()
    numbers = arguments.only or range(arguments.count)
    for number in numbers:
        found = compare_configuration(
            arguments.binary, number, arguments.seed, arguments.families, arguments.calls, counts
        )
        for difference in found.differences[:SHOWN]:
            print(difference, flush=True)
        comparison.include(found)
    print(
        f"seed {arguments.seed}; configurations {len(numbers)}, "
        + ", ".join(f"{what} {number}" for what, number in sorted(counts.items()))
    )
    print(comparison.summary())
    sys.exit(1 if comparison.differences else 0)


if __name__ == "__main__":
    main()
