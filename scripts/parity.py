#!/usr/bin/env python3
"""Compares Penstock with the Python reference on random texts, live. Run by hand.

    scripts/parity.py .build/release/penstock models/bert-base-uncased --texts 100
    scripts/parity.py .build/release/penstock models/all-MiniLM-L6-v2
    scripts/parity.py .build/release/penstock --random-checkpoints 50
    scripts/parity.py .build/release/penstock --random-checkpoints 50 --heads sparse --families bert mpnet --seed 7

Fill-mask checkpoints are compared by their rows (tokens in order, strings, scores), others by their hidden states,
those of sentence-transformers by their embeddings, dense, sparse, or of tokens. Random checkpoints are of all families,
decoders included, with safetensors or pickled, some below a LoRA adapter. Vectors may differ by 1e-4; where they
differ by more, float64 decides, from which Penstock has to be no further than twice the reference. Prints the seed and
the worst figures; exits 1 upon any difference.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path

import numpy
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from fixtures_base import JSON, TransformersReference, mask_rows, use_reference_settings
from fixtures_pickle import as_pickles
from parity_adapters import save_random_adapter
from parity_base import NOISE, Comparison, ExactReference, in_float64, is_noise, run_penstock
from parity_checkpoints import ALL_FAMILIES, has_head, kind_of, random_checkpoint
from parity_modules import MODULE_HEADS, dense, embedder, kind_of_modules, parameters_of, save_random_modules

TOP_K = 50
SCORE_RELATIVE = 1e-5
SCORE_ABSOLUTE = 1e-7
TIE_RELATIVE = 1e-6
VECTOR_ABSOLUTE = 1e-4


# --- Fill-mask --------------------------------------------------------------------------------------------------------


def compare_fill_mask(
    text: str, expected: JSON, actual: JSON, exact: Callable[[], JSON], top_k: int, comparison: Comparison
) -> None:
    """Compares rows with the reference's, of which there is one more where the vocabulary allows; or with float64's."""
    found = compare_rows_of_masks(text, expected, actual, top_k)
    if found.differences and is_noise_of_masks(expected, actual, exact()):
        comparison.note("fill-masks as close to float64 as the reference", 1)
        return
    comparison.include(found)


def is_noise_of_masks(expected: JSON, actual: JSON, exact: JSON) -> bool:
    """Whether all probabilities are as close to those of float64 as the reference's, and the tokens are known there."""
    for exact_rows, expected_rows, actual_rows in zip(*(list(mask_rows(each)) for each in (exact, expected, actual))):
        scores = {row["token"]: row["score"] for row in exact_rows}
        other = {row["token"]: row["score"] for row in expected_rows}
        if not {row["token"] for row in actual_rows} <= scores.keys() & other.keys():
            return False
        tokens = [row["token"] for row in actual_rows]
        if not is_noise(
            [row["score"] for row in actual_rows],
            [other[token] for token in tokens],
            [scores[token] for token in tokens],
        ):
            return False
    return True


def compare_rows_of_masks(text: str, expected: JSON, actual: JSON, top_k: int) -> Comparison:
    comparison = Comparison()
    expected_masks, actual_masks = list(mask_rows(expected)), list(mask_rows(actual))
    if len(expected_masks) != len(actual_masks):
        comparison.differ(text, f"{len(actual_masks)} masks instead of {len(expected_masks)}")
    for mask, (expected_rows, actual_rows) in enumerate(zip(expected_masks, actual_masks)):
        if len(actual_rows) != top_k:
            comparison.differ(text, f"mask {mask}: {len(actual_rows)} rows instead of {top_k}")
        for rank, (expected_row, actual_row) in enumerate(zip(expected_rows, actual_rows)):
            candidates = [row for row in expected_rows if is_tied(row, expected_row)]
            compare_row(f"mask {mask} rank {rank}", text, expected_row, candidates, actual_row, comparison)
    return comparison


def is_tied(row: dict[str, JSON], other: dict[str, JSON]) -> bool:
    return abs(row["score"] - other["score"]) <= TIE_RELATIVE * other["score"]


def compare_row(
    place: str,
    text: str,
    expected: dict[str, JSON],
    candidates: list[dict[str, JSON]],
    actual: dict[str, JSON],
    comparison: Comparison,
) -> None:
    """Compares one row with the expected one, or with one of the `candidates` that are tied with it."""
    match = next((row for row in candidates if row["token"] == actual["token"]), None)
    if match is None:
        comparison.differ(text, f"{place}: {actual} instead of {expected}")
        return
    if match is not expected:
        comparison.note("swaps of ties", 1)
    for key in ("token_str", "sequence"):
        if match[key] != actual[key]:
            comparison.differ(text, f"{place}: {key} {actual[key]!r} instead of {match[key]!r}")
    distance = abs(actual["score"] - match["score"])
    comparison.note("score absolute", distance)
    comparison.note("score relative", distance / match["score"] if match["score"] else 0.0)
    if not distance <= SCORE_RELATIVE * match["score"] + SCORE_ABSOLUTE:
        comparison.differ(text, f"{place}: score {actual['score']} instead of {match['score']}")


# --- Vectors ----------------------------------------------------------------------------------------------------------


def compare_vectors(
    text: str, expected: JSON, actual: JSON, exact: Callable[[], Callable[[str], JSON]], comparison: Comparison
) -> None:
    """Compares hidden states or embeddings, vector by vector; `exact` loads the reference in float64."""
    expected_vectors, actual_vectors = as_vectors(expected), as_vectors(actual)
    if expected_vectors.shape != actual_vectors.shape:
        comparison.differ(text, f"shape {actual_vectors.shape} instead of {expected_vectors.shape}")
        return
    if not actual_vectors.size:
        return
    distance = float(numpy.abs(expected_vectors - actual_vectors).max())
    if distance <= VECTOR_ABSOLUTE:
        comparison.note("vector absolute", distance)
        return
    reference = exact()  # The files are not in float64, whatever computes.
    with in_float64():
        exact_vectors = as_vectors(reference(text))
    own, other = (float(numpy.abs(each - exact_vectors).max()) for each in (actual_vectors, expected_vectors))
    comparison.note("distance from float64", own)
    comparison.note("distance from float64 of the reference", other)
    if not own <= NOISE * other:
        comparison.differ(text, f"absolute {distance:.3g}; from float64 {own:.3g}, the reference {other:.3g}")


def as_vectors(value: JSON) -> numpy.ndarray:
    array = numpy.asarray(value, dtype=numpy.float64)
    return array.reshape(-1, array.shape[-1] if array.size else 1)


# --- Texts ------------------------------------------------------------------------------------------------------------


def random_texts(
    tokenizer: PreTrainedTokenizerBase, count: int, longest: int, masked: bool, chooser: random.Random
) -> list[str]:
    """Texts out of the tokenizer's vocabulary, of up to `longest` tokens, each with one to three masks if `masked`."""
    special = set(tokenizer.all_special_tokens)
    pieces = [plain_text(token, tokenizer) for token in tokenizer.get_vocab() if token not in special]
    texts = []
    while len(texts) < count:
        masks = chooser.randint(1, 3) if masked else 0
        words = chooser.choices(pieces, k=chooser.randint(1, max(1, longest - 2 - masks)))
        for _ in range(masks):
            words.insert(chooser.randint(0, len(words)), tokenizer.mask_token)
        text = chooser.choice([" ", " ", "  ", "\n"]).join(words)
        if len(tokenizer(text)["input_ids"]) <= longest:
            texts.append(text)
    return texts


def plain_text(token: str, tokenizer: PreTrainedTokenizerBase) -> str:
    """What a token stands for; a byte that is no letter by itself stands for the letter that writes it."""
    text = tokenizer.convert_tokens_to_string([token]).strip().removeprefix("##")
    return token if "\ufffd" in text or not text else text


# --- Checkpoints ------------------------------------------------------------------------------------------------------


def compare_checkpoint(
    binary: str, folder: Path, count: int, chooser: random.Random, merged: Path | None = None
) -> Comparison:
    """Compares the outputs of `count` random texts, for the task that the checkpoint is made for.

    `merged` is where the reference finds the checkpoint, if `folder` has an adapter.
    """
    served, folder = folder, merged or folder
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kind = kind_of_modules(folder) if (folder / "modules.json").exists() else None
    is_masked = kind is None and any(name.endswith("ForMaskedLM") for name in config.get("architectures", []))
    top_k = min(TOP_K, config["vocab_size"])
    tokenizer = AutoTokenizer.from_pretrained(folder)
    longest = min(config.get("max_position_embeddings", tokenizer.model_max_length), tokenizer.model_max_length)
    texts = random_texts(tokenizer, count, longest, is_masked, chooser)
    parameters = {"top_k": top_k} if is_masked else parameters_of(kind, chooser) if kind else {}
    outputs = run_penstock(binary, served, texts, parameters)

    comparison = Comparison()
    if is_masked:
        fill_mask, exact = TransformersReference(folder).pipeline("fill-mask"), ExactReference(folder)
        for text, actual in zip(texts, outputs):
            wider = min(top_k + 1, config["vocab_size"])
            exactly = partial(exact.call, "fill-mask", text, top_k=wider)
            compare_fill_mask(text, fill_mask(text, top_k=wider), actual, exactly, top_k, comparison)
        return comparison

    def reference(double: bool) -> Callable[[str], JSON]:
        if kind:
            return embedder(kind, folder, parameters, double)
        return (ExactReference if double else TransformersReference)(folder).pipeline("feature-extraction")

    single, exact = reference(False), cache(partial(reference, True))
    for text, actual in zip(texts, outputs):
        actual = dense(kind, actual, config["vocab_size"]) if kind else actual
        compare_vectors(text, single(text), actual, exact, comparison)
    return comparison


# --- Random checkpoints -----------------------------------------------------------------------------------------------

HEADS = ["masked", "hidden", *MODULE_HEADS]


def compare_random_checkpoints(
    binary: str, numbers: Iterable[int], texts: int, families: list[str], heads: list[str], seed: int
) -> Comparison:
    """Compares on random checkpoints, all families that have a head in turn, and all heads.

    A checkpoint depends on the seed and its number alone, which is taken from `numbers`.
    """
    comparison = Comparison()
    pairs = [(head, family) for family in families for head in heads if has_head(family, MODULE_HEADS.get(head, head))]
    for index in numbers:
        chooser = random.Random(f"{seed} {index}")
        head, family = pairs[index % len(pairs)]
        checkpoint = random_checkpoint(f"random-{index}", family, MODULE_HEADS.get(head, head), chooser)
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / checkpoint.name
            checkpoint.save(folder, seed=chooser.getrandbits(32))
            if head in MODULE_HEADS:
                save_random_modules(head, folder, chooser)
            adapted = head in ("masked", "hidden") and chooser.random() < 0.15
            pickled = chooser.random() < 0.2
            if pickled:
                as_pickles(folder)
            merged = save_random_adapter(folder, checkpoint.model_class, chooser) if adapted else None
            try:
                found = compare_checkpoint(binary, folder, texts, chooser, merged)
            except (RuntimeError, ValueError) as error:  # Penstock, or the reference, does not take the checkpoint
                found = Comparison()
                found.differ(f"{checkpoint.name} {head} {family}", f"{type(error).__name__}: {str(error)[:600]}")
        notes = [head] + ["pickled"] * pickled + ["LoRA"] * adapted
        print(f"{checkpoint.name}: {', '.join(notes)}: {found.summary()} ({kind_of(checkpoint)})", flush=True)
        for difference in found.differences[:5]:
            print(f"  {difference}", flush=True)
        comparison.include(found)
    return comparison


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", metavar="PENSTOCK", help="the penstock binary")
    parser.add_argument("checkpoint", type=Path, nargs="?", metavar="CHECKPOINT_DIR")
    parser.add_argument("--random-checkpoints", type=int, metavar="N", help="compare on N random checkpoints instead")
    parser.add_argument(
        "--families", nargs="+", choices=ALL_FAMILIES, default=ALL_FAMILIES, help="of random checkpoints"
    )
    parser.add_argument("--heads", nargs="+", choices=HEADS, default=HEADS, help="of random checkpoints")
    parser.add_argument("--texts", type=int, default=20, metavar="N", help="texts per checkpoint (default 20)")
    parser.add_argument("--only", type=int, nargs="+", metavar="I", help="the numbers of random checkpoints; default all")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    arguments = parser.parse_args()
    if (arguments.checkpoint is None) == (arguments.random_checkpoints is None):
        parser.error("name either a checkpoint or --random-checkpoints")

    use_reference_settings()
    if arguments.checkpoint:
        chooser = random.Random(arguments.seed)
        comparison = compare_checkpoint(arguments.binary, arguments.checkpoint, arguments.texts, chooser)
    else:
        comparison = compare_random_checkpoints(
            arguments.binary,
            arguments.only or range(arguments.random_checkpoints),
            arguments.texts,
            arguments.families,
            arguments.heads,
            arguments.seed,
        )
    for difference in comparison.differences[:20]:
        print(difference, file=sys.stderr)
    print(f"seed {arguments.seed}; {comparison.summary()}")
    sys.exit(1 if comparison.differences else 0)


if __name__ == "__main__":
    main()
