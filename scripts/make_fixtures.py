#!/usr/bin/env python3
"""Writes the reference fixtures: tiny random BERT checkpoints with goldens, and the MiniLM embeddings.

Run by hand, with the packages of `requirements-fixtures.txt`:

    scripts/make_fixtures.py                                        # Tests/Fixtures/checkpoints
    scripts/make_fixtures.py --only bert-tiny st-cls                # some of them
    scripts/make_fixtures.py --minilm models/all-MiniLM-L6-v2       # Tests/Fixtures/minilm

Everything is seeded, computed in float32 with eager attention on one thread and one text at a time. Nothing is
rounded: a golden is what the reference returned, as JSON.
"""

import argparse
import copy
import json
import math
import random
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.util import cos_sim
from transformers import BertConfig, BertForMaskedLM, BertForPreTraining, BertModel, BertTokenizer

FIXTURES = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"

REFERENCE_PACKAGES = ("transformers", "tokenizers", "torch", "sentence-transformers")

Tensors = dict[str, torch.Tensor]
JSON = Any


def use_reference_settings() -> None:
    """One thread, no progress bars, no advice: the reference is to be repeatable and quiet."""
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


# --- Vocabularies -----------------------------------------------------------------------------------------------------

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = list("abcdefghijklmnopqrstuvwxyz")
PUNCTUATION = list(".,'?!-:;()[]\"/&%$#@*+=_")
DIGITS = list("0123456789")
SUFFIXES = """s ed ing er est ly ness able tion al ful less ous ment ity ##'s th 00 23 word place ound ight""".split()
FOREIGN = list("αβγδελς абвгдеос אבשלום سلام अआक กขค 中文日本語人東京 はのにカタ 한국어 가나".replace(" ", "")) + ["🙂"]
ACCENTED = list("éèêëñüöäçåøßœï")
WORDS = """
the of and to in is was he for it with as his on be at by i this had not are but from or have an they which one you
were her all she there would their we him been has when who will more no if out so said what up its about into than
them can only other new some could time these two may then do first any my now such like our over man me even most
made after also did many before must through back years where much your way well down should because each just those
people how too little state good very make world still own see men work long get here between both life being under
never day same another know while last might us great old year off come since against go came right used take three
cat dog mat sat ran house city capital france paris river mountain water fire music book table chair garden school
market bread cheese wine coffee tea morning night winter summer green blue red white black small large happy sad
quick brown fox jumps lazy model server pipe token batch swift python hello un re pre
""".split()


def wordpiece_vocabulary(size: int, cased: bool = False) -> dict[str, int]:
    """A WordPiece vocabulary of `size` entries: first what spells anything out, then ever more whole words.

    Raises: ValueError when there are not that many entries to be had.
    """
    letters = LETTERS + [letter.upper() for letter in LETTERS] + ACCENTED if cased else LETTERS
    foreign = FOREIGN + (list("АБВ") if cased else [])
    words = [word.capitalize() for word in WORDS[::5]] + WORDS if cased else WORDS
    entries = SPECIALS + letters + PUNCTUATION + DIGITS
    entries += ["##" + piece for piece in LETTERS + (ACCENTED if cased else []) + DIGITS]
    entries += [piece if piece.startswith("##") else "##" + piece for piece in SUFFIXES]
    entries += foreign + ["##" + letter for letter in foreign if letter.isalpha()] + words
    unique = list(dict.fromkeys(entries))
    if size > len(unique):
        raise ValueError(f"a vocabulary of {size} was asked for; there are {len(unique)} entries")
    return {entry: index for index, entry in enumerate(unique[:size])}


def bert_tokenizer(size: int, max_length: int, cased: bool = False, **flags: JSON) -> BertTokenizer:
    """A BERT tokenizer over `wordpiece_vocabulary(size)`; `flags` go to its tokenizer_config.json."""
    return BertTokenizer(
        vocab=wordpiece_vocabulary(size, cased), do_lower_case=not cased, model_max_length=max_length, **flags
    )


# --- Random weights ---------------------------------------------------------------------------------------------------


def randomize(model: torch.nn.Module, seed: int, spread: float = 1.6) -> None:
    """Fills all parameters at random, so wide that scores differ clearly and no bias or norm is neutral."""
    generator = torch.Generator().manual_seed(seed)
    scale = spread / math.sqrt(model.config.hidden_size)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if name.endswith("LayerNorm.weight"):
                parameter.copy_(1 + 0.2 * noise)
            elif name.endswith("bias"):
                parameter.copy_(0.2 * noise)
            else:
                parameter.copy_(scale * noise)


def save_random_model(
    folder: Path,
    model_class: type[transformers.PreTrainedModel],
    config: BertConfig,
    seed: int,
    dtype: torch.dtype = torch.float32,
    max_shard_size: str = "1GB",
) -> None:
    """Saves `model_class(config)` with random weights of `dtype`."""
    model = model_class(config)
    randomize(model, seed)
    model.to(dtype).save_pretrained(folder, max_shard_size=max_shard_size)


# --- What old files on the Hub look like ------------------------------------------------------------------------------


def rewrite_tensors(folder: Path, change: Callable[[Tensors], Tensors]) -> None:
    """Replaces the tensors of a one-file checkpoint by `change` of them."""
    path = folder / "model.safetensors"
    save_file(change(load_file(path)), path, metadata={"format": "pt"})


def with_gamma_and_beta(tensors: Tensors) -> Tensors:
    """The names that TensorFlow checkpoints brought along: LayerNorm.gamma and LayerNorm.beta."""
    renamed = {}
    for name, tensor in tensors.items():
        name = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        renamed[name] = tensor
    return renamed


def with_leftovers(tensors: Tensors) -> Tensors:
    """Adds the position_ids buffer and the copies of tied tensors, as files saved by old versions carry them."""
    positions = tensors["bert.embeddings.position_embeddings.weight"].shape[0]
    return tensors | {
        "bert.embeddings.position_ids": torch.arange(positions).unsqueeze(0),
        "cls.predictions.decoder.weight": tensors["bert.embeddings.word_embeddings.weight"].clone(),
        "cls.predictions.decoder.bias": tensors["cls.predictions.bias"].clone(),
    }


def with_another_decoder(tensors: Tensors) -> Tensors:
    """Stores a decoder that is not the word embeddings, though the config says that they are tied."""
    return tensors | {"cls.predictions.decoder.weight": tensors["bert.embeddings.word_embeddings.weight"].flip(0)}


def with_decoder_only(tensors: Tensors) -> Tensors:
    """Stores what is tied under the decoder's names alone."""
    renamed = dict(tensors)
    renamed["cls.predictions.decoder.weight"] = renamed.pop("bert.embeddings.word_embeddings.weight")
    renamed["cls.predictions.decoder.bias"] = renamed.pop("cls.predictions.bias")
    return renamed


# --- Cases ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One call of the reference."""

    task: str
    inputs: JSON
    parameters: dict[str, JSON] = field(default_factory=dict)

    def record(self, call: Callable[[JSON, dict[str, JSON]], JSON]) -> dict[str, JSON]:
        """The case as JSON with its `output`, or with the `error` that `call` raised."""
        entry = {"task": self.task, "inputs": self.inputs, "parameters": self.parameters}
        try:
            return entry | {"output": call(copy.deepcopy(self.inputs), copy.deepcopy(self.parameters))}
        except Exception as error:  # whatever upstream raises is the golden
            return entry | {"error": f"{type(error).__name__}: {error}"}


def fill_mask(inputs: JSON, **parameters: JSON) -> Case:
    return Case("fill-mask", inputs, parameters)


def extract(inputs: JSON, **parameters: JSON) -> Case:
    return Case("feature-extraction", inputs, parameters)


def embed(inputs: JSON, **parameters: JSON) -> Case:
    return Case("embed", inputs, parameters)


ONE_MASK = "The cat sat on the [MASK]."
TWO_MASKS = "the [MASK] ran to the [MASK], quickly!"
OVERLONG = "[MASK] " + " ".join(WORDS[:60])

FILL_MASK_BASICS = [
    fill_mask(ONE_MASK),
    fill_mask(ONE_MASK, top_k=50),
    fill_mask(TWO_MASKS, top_k=2),
    fill_mask([ONE_MASK, "hello [MASK]", TWO_MASKS], top_k=3),
    fill_mask(OVERLONG, top_k=3, tokenizer_kwargs={"truncation": True, "max_length": 12}),
    fill_mask("there is no mask here"),
]

FILL_MASK_SHAPES = [
    fill_mask(ONE_MASK, top_k=1),
    fill_mask(ONE_MASK, top_k=0),
    fill_mask(ONE_MASK, top_k=None),
    fill_mask("[MASK] [MASK] [MASK]", top_k=50),
    fill_mask(TWO_MASKS, top_k=0),
    fill_mask([ONE_MASK]),
    fill_mask([TWO_MASKS], top_k=2),
    fill_mask([ONE_MASK, "hello [MASK]"], top_k=1),
    fill_mask([TWO_MASKS, "[MASK] of [MASK]"], top_k=1),
]

FILL_MASK_TARGETS = [
    fill_mask(ONE_MASK, targets="mat"),
    fill_mask(ONE_MASK, targets=["mat", "dog", "house"]),
    fill_mask(ONE_MASK, targets=["mat", "dog", "mat", "mat"]),
    fill_mask(ONE_MASK, targets=["mat", "dog", "house", "river"], top_k=2),
    fill_mask(ONE_MASK, targets=["mat", "dog"], top_k=50),
    fill_mask(ONE_MASK, targets=["Mat", "capitals", "zebra", "##ing"]),
    fill_mask(ONE_MASK, targets=["🦙", "[PAD]", "[MASK]", "two words"]),
    fill_mask(ONE_MASK, targets=["", "mat"]),
    fill_mask(TWO_MASKS, targets=["fox", "garden", "school"]),
    fill_mask([ONE_MASK, TWO_MASKS], targets=["fox", "garden"], top_k=1),
    fill_mask(ONE_MASK, targets=["mat", "dog"], top_k=0),
]

FILL_MASK_TEXTS = [
    fill_mask(text, top_k=3)
    for text in [
        "[MASK]",
        "I don't know, it's [MASK]!",
        "  spaces \t and\n\nnewlines [MASK]  ",
        "THE [MASK] RAN",
        "un[MASK]able",
        "[mask] is not [MASK]",
        "Café au lait, naïve Zoë: [MASK]",
        "Cafe\u0301 and café [MASK]",
        "東京は[MASK]日本語、中文。",
        "Ελλάδα, Россия, 한국어 [MASK]",
        "I like 🙂 and 🦙👩‍👩‍👧 [MASK]",
        "zero\u200bwidth, null\u0000, soft\u00adhyphen, nbsp\u00a0[MASK]\ufffd",
        "x" * 101 + " " + "y" * 20 + " [MASK]",
        "one [SEP] two [MASK]",
        "[CLS] [UNK] [MASK] [SEP]",
        "a [PAD] [MASK] b",
        "a [PAD] [MASK] [MASK]",
        "$3.50 (50%) & #1 [MASK] @home *star* a+b=c_d \"quoted\" a/b",
    ]
]

FILL_MASK_TOKENIZER_KWARGS = [
    fill_mask(OVERLONG, top_k=3, tokenizer_kwargs={"truncation": "only_first", "max_length": 5}),
    fill_mask(OVERLONG, top_k=3, tokenizer_kwargs={"truncation": True}),
    fill_mask(ONE_MASK, top_k=3, tokenizer_kwargs={"truncation": True, "max_length": 30}),
    fill_mask(ONE_MASK, top_k=3, tokenizer_kwargs={"add_special_tokens": False}),
]

FILL_MASK_ERRORS = [
    fill_mask(""),
    fill_mask([]),
    fill_mask([ONE_MASK, "no mask"]),
    fill_mask(7),
    fill_mask(None),
    fill_mask([ONE_MASK, 7]),
    fill_mask({"text": ONE_MASK}),
    fill_mask(OVERLONG),
    fill_mask("the cat sat on the [MASK]", tokenizer_kwargs={"truncation": True, "max_length": 4}),
    fill_mask(ONE_MASK, top_k=100_000),
    fill_mask(ONE_MASK, top_k=-1),
    fill_mask(ONE_MASK, top_k=2.5),
    fill_mask(ONE_MASK, top_k="5"),
    fill_mask(ONE_MASK, targets=[]),
    fill_mask(ONE_MASK, targets=""),
    fill_mask(ONE_MASK, targets=["mat", 7]),
    fill_mask(ONE_MASK, unknown_parameter=1),
]

FILL_MASK_ALL = (
    FILL_MASK_BASICS
    + FILL_MASK_SHAPES
    + FILL_MASK_TARGETS
    + FILL_MASK_TEXTS
    + FILL_MASK_TOKENIZER_KWARGS
    + FILL_MASK_ERRORS
)

EXTRACT_BASICS = [
    extract("The cat sat."),
    extract("the capital of France is Paris.", tokenize_kwargs={"truncation": True, "max_length": 5}),
]

EXTRACT_ALL = EXTRACT_BASICS + [
    extract(["hello"]),
    extract(["hello", "東京 🙂"]),
    extract(""),
    extract("one two three", truncation=True, tokenize_kwargs={"max_length": 4}),
    extract("one two", tokenize_kwargs={"add_special_tokens": False}),
    extract(OVERLONG, truncation="only_first", tokenize_kwargs={"max_length": 6}),
    extract("x", truncation=True, tokenize_kwargs={"truncation": True}),
    extract([]),
    extract(7),
    extract(OVERLONG),
]

EMBED_LONG = "the quick brown fox jumps over the lazy dog and then came back to the house by the river"
EMBED_TEXTS = ["hello world", "", "The cat sat on the mat!", "Café 東京 🙂", EMBED_LONG]
EMBED_BASICS = [
    embed(EMBED_TEXTS[0]),
    embed(EMBED_TEXTS),
    embed(EMBED_TEXTS[2], normalize=True),
    Case("sentence-similarity", {"source_sentence": EMBED_TEXTS[2], "sentences": EMBED_TEXTS}),
]
EMBED_PROMPTS = EMBED_BASICS + [
    embed(EMBED_TEXTS, prompt_name="query"),
    embed(EMBED_TEXTS[0], prompt_name="passage"),
    embed(EMBED_TEXTS[0], prompt_name="none"),
    embed(EMBED_TEXTS[0], prompt="book: "),
    embed(EMBED_TEXTS[0], prompt_name="unknown"),
]


# --- Checkpoints of transformers --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checkpoint:
    """A tiny BERT checkpoint: what to save, and the calls whose goldens lie beside it."""

    name: str
    config: dict[str, JSON]
    cases: list[Case]
    model_class: type[transformers.PreTrainedModel] = BertForMaskedLM
    tokens: int | None = None  # the tokenizer's vocabulary where config.vocab_size is larger
    cased: bool = False
    tokenizer_flags: dict[str, JSON] = field(default_factory=dict)
    dtype: torch.dtype = torch.float32
    max_shard_size: str = "1GB"
    rewrite: Callable[[Tensors], Tensors] | None = None
    old_files: bool = False  # vocab.txt and special_tokens_map.json as well

    def save(self, folder: Path, seed: int) -> None:
        config = BertConfig(**self.config)
        save_random_model(folder, self.model_class, config, seed, self.dtype, self.max_shard_size)
        if self.rewrite:
            rewrite_tensors(folder, self.rewrite)
        tokenizer = bert_tokenizer(
            self.tokens or config.vocab_size, config.max_position_embeddings, self.cased, **self.tokenizer_flags
        )
        tokenizer.save_pretrained(folder)
        if self.old_files:
            write_old_tokenizer_files(tokenizer, folder)


def write_old_tokenizer_files(tokenizer: BertTokenizer, folder: Path) -> None:
    """The files beside tokenizer.json that repositories of version 4 and before carry."""
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    (folder / "vocab.txt").write_text("".join(token + "\n" for token, _ in vocabulary), encoding="utf-8")
    write_json(folder / "special_tokens_map.json", tokenizer.special_tokens_map)


def bert_sizes(
    hidden: int, heads: int, layers: int, intermediate: int, vocab: int, positions: int = 48, **others: JSON
) -> dict[str, JSON]:
    return {
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "intermediate_size": intermediate,
        "vocab_size": vocab,
        "max_position_embeddings": positions,
    } | others


SMALL = bert_sizes(16, 2, 1, 32, 220)
OLD = SMALL | {"num_hidden_layers": 2}

CHECKPOINTS = [
    Checkpoint("bert-tiny", bert_sizes(32, 2, 2, 64, 400), FILL_MASK_ALL + EXTRACT_BASICS),
    Checkpoint(
        "bert-odd",
        bert_sizes(72, 3, 3, 100, 301, 40, hidden_act="gelu_new", layer_norm_eps=1e-5),
        FILL_MASK_BASICS
        + FILL_MASK_SHAPES
        + FILL_MASK_TEXTS
        + FILL_MASK_TOKENIZER_KWARGS
        + [fill_mask("[MASK]", top_k=301), fill_mask("[MASK]", top_k=302)],
        tokens=297,
        cased=True,
    ),
    Checkpoint(
        "bert-relu-sharded",
        bert_sizes(48, 4, 2, 96, 260, hidden_act="relu"),
        FILL_MASK_BASICS + EXTRACT_BASICS,
        max_shard_size="45KB",
    ),
    Checkpoint("bert-f16", bert_sizes(32, 4, 2, 64, 260), FILL_MASK_BASICS + EXTRACT_BASICS, dtype=torch.float16),
    Checkpoint("bert-bf16", bert_sizes(32, 4, 2, 64, 260), FILL_MASK_BASICS + EXTRACT_BASICS, dtype=torch.bfloat16),
    Checkpoint("bert-one", bert_sizes(8, 1, 1, 16, 101, type_vocab_size=1), FILL_MASK_BASICS + EXTRACT_BASICS),
    Checkpoint("bert-gelu-tanh", SMALL | {"hidden_act": "gelu_pytorch_tanh"}, FILL_MASK_BASICS),
    Checkpoint("bert-gelu-fast", SMALL | {"hidden_act": "gelu_fast"}, FILL_MASK_BASICS),
    Checkpoint("bert-quick-gelu", SMALL | {"hidden_act": "quick_gelu"}, FILL_MASK_BASICS),
    Checkpoint("bert-silu", SMALL | {"hidden_act": "silu"}, FILL_MASK_BASICS),
    Checkpoint("bert-tanh", SMALL | {"hidden_act": "tanh"}, FILL_MASK_BASICS),
    Checkpoint("bert-untied", OLD | {"tie_word_embeddings": False}, FILL_MASK_BASICS),
    Checkpoint("bert-decoder-differs", OLD, FILL_MASK_BASICS, rewrite=with_another_decoder),
    Checkpoint("bert-decoder-only", OLD, FILL_MASK_BASICS, rewrite=with_decoder_only),
    Checkpoint(
        "bert-old-names",
        OLD,
        FILL_MASK_BASICS + FILL_MASK_TEXTS + EXTRACT_BASICS,
        rewrite=with_gamma_and_beta,
        tokenizer_flags={"clean_up_tokenization_spaces": True},
        old_files=True,
    ),
    Checkpoint(
        "bert-old-leftovers",
        OLD,
        FILL_MASK_BASICS + EXTRACT_BASICS,
        model_class=BertForPreTraining,
        rewrite=lambda tensors: with_gamma_and_beta(with_leftovers(tensors)),
        old_files=True,
    ),
    Checkpoint("bert-old-encoder", OLD, EXTRACT_BASICS, model_class=BertModel, rewrite=with_gamma_and_beta),
    Checkpoint("bert-encoder", bert_sizes(24, 3, 2, 40, 240), EXTRACT_ALL, model_class=BertModel),
]


class TransformersReference:
    """The pipelines of transformers over one checkpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pipelines: dict[str, transformers.Pipeline] = {}

    def pipeline(self, task: str) -> transformers.Pipeline:
        """The pipeline for `task`, in float32 whatever the checkpoint's dtype."""
        if task not in self.pipelines:
            self.pipelines[task] = transformers.pipeline(
                task,
                model=str(self.folder),
                dtype=torch.float32,
                device="cpu",
                model_kwargs={"attn_implementation": "eager"},
            )
        return self.pipelines[task]

    def record(self, case: Case) -> dict[str, JSON]:
        return case.record(lambda inputs, parameters: self.pipeline(case.task)(inputs, **parameters))

    def has_near_ties(self, case: Case, relative: float = 5e-5) -> bool:
        """Whether another computation could order the rows of a fill-mask case, or the one after them, otherwise."""
        top_k = case.parameters.get("top_k")
        vocabulary = self.pipeline(case.task).model.config.vocab_size
        wider = min((5 if top_k is None else top_k) + 1, vocabulary)
        output = self.pipeline(case.task)(case.inputs, **case.parameters | {"top_k": wider})
        return any(
            math.isclose(first["score"], second["score"], rel_tol=relative)
            for rows in mask_rows(output)
            for first, second in zip(rows, rows[1:])
        )


def mask_rows(output: JSON) -> Iterator[list[dict[str, JSON]]]:
    """The lists of rows, one per mask, of a fill-mask output of any nesting."""
    if output and isinstance(output[0], dict):
        yield output
    elif isinstance(output, list):
        for part in output:
            yield from mask_rows(part)


def forward_entries(folder: Path) -> list[dict[str, JSON]]:
    """Raw outputs of the encoder: of one text, and of a pair whose second part has token type 1."""
    model = BertModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    tokenizer = BertTokenizer.from_pretrained(folder)
    entries = []
    for texts in [("The cat sat.",), ("Is it good?", "the wine is very good")]:
        encoding = tokenizer(*texts, return_tensors="pt")
        with torch.no_grad():
            output = model(**encoding)
        entries.append(
            {
                "task": "forward",
                "input_ids": encoding["input_ids"][0].tolist(),
                "token_type_ids": encoding["token_type_ids"][0].tolist(),
                "last_hidden_state": output.last_hidden_state[0].tolist(),
                "pooler_output": output.pooler_output[0].tolist(),
            }
        )
    return entries


def make_checkpoint(checkpoint: Checkpoint, folder: Path) -> None:
    """Saves the checkpoint with the first seed, counted from its name, whose goldens have no near ties."""
    seed = zlib.crc32(checkpoint.name.encode())
    while True:
        start_afresh(folder)
        checkpoint.save(folder, seed)
        reference = TransformersReference(folder)
        entries = [reference.record(case) for case in checkpoint.cases]
        answered = [case for case, entry in zip(checkpoint.cases, entries) if "output" in entry]
        if not any(case.task == "fill-mask" and reference.has_near_ties(case) for case in answered):
            break
        seed += 1
    if checkpoint.model_class is BertModel:
        entries += forward_entries(folder)
    write_golden(folder, entries)


# --- Checkpoints of sentence-transformers -----------------------------------------------------------------------------

POOLING_FLAGS = {
    "cls": "pooling_mode_cls_token",
    "max": "pooling_mode_max_tokens",
    "mean": "pooling_mode_mean_tokens",
    "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
    "weightedmean": "pooling_mode_weightedmean_tokens",
    "lasttoken": "pooling_mode_lasttoken",
}
SENTENCE_HIDDEN = 16
PROMPTS = {"query": "query: ", "passage": "the passage is : ", "none": ""}


def flag_pooling(*modes: str, **others: JSON) -> dict[str, JSON]:
    """A Pooling config as saved until version 5: one boolean per mode."""
    flags = {flag: mode in modes for mode, flag in POOLING_FLAGS.items()}
    return {"word_embedding_dimension": SENTENCE_HIDDEN} | flags | others


def named_pooling(mode: str | list[str]) -> dict[str, JSON]:
    """A Pooling config as saved since version 5."""
    return {"embedding_dimension": SENTENCE_HIDDEN, "pooling_mode": mode, "include_prompt": True}


@dataclass(frozen=True)
class Module:
    """A module behind the Transformer: the name of its class, its config.json, and the shapes of its tensors."""

    kind: str
    config: dict[str, JSON] | None = None
    shapes: dict[str, list[int]] = field(default_factory=dict)

    def save(self, folder: Path, generator: torch.Generator) -> None:
        folder.mkdir()
        if self.config is not None:
            write_json(folder / "config.json", self.config)
        if self.shapes:
            tensors = {name: self.tensor(name, shape, generator) for name, shape in self.shapes.items()}
            save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})

    @staticmethod
    def tensor(name: str, shape: list[int], generator: torch.Generator) -> torch.Tensor:
        noise = torch.randn(*shape, generator=generator)
        if name == "norm.weight":
            return 1 + 0.2 * noise
        return (0.2 if name.endswith("bias") else 0.3) * noise


def dense_module(inputs: int, outputs: int, activation: str, **config: JSON) -> Module:
    """A Dense with a bias and, where the config asks for one, a layer for the residual."""
    shapes = {"linear.weight": [outputs, inputs], "linear.bias": [outputs]}
    if config.get("use_residual") and inputs != outputs:
        shapes["residual.weight"] = [outputs, inputs]
    sizes = {"in_features": inputs, "out_features": outputs, "bias": True}
    return Module("Dense", sizes | {"activation_function": f"torch.nn.modules.{activation}"} | config, shapes)


def layer_norm_module(dimension: int) -> Module:
    return Module("LayerNorm", {"dimension": dimension}, {"norm.weight": [dimension], "norm.bias": [dimension]})


@dataclass(frozen=True)
class SentenceCheckpoint:
    """A tiny sentence-transformers checkpoint: Transformer, Pooling, and what follows; or any modules."""

    name: str
    pooling: dict[str, JSON]
    cases: list[Case] = field(default_factory=lambda: EMBED_BASICS)
    dense: dict[str, JSON] | None = None
    normalize: bool = False
    modules: list[Module] = field(default_factory=list)  # instead of Pooling, Dense and Normalize
    tokenizer_flags: dict[str, JSON] = field(default_factory=dict)
    sentence_config: dict[str, JSON] = field(default_factory=lambda: {"max_seq_length": 12, "do_lower_case": False})
    prompts: dict[str, JSON] = field(default_factory=dict)
    cased: bool = False
    new_types: bool = False

    def save(self, folder: Path, seed: int) -> None:
        config = BertConfig(**bert_sizes(SENTENCE_HIDDEN, 2, 1, 24, 200, 40))
        save_random_model(folder, BertModel, config, seed)
        bert_tokenizer(
            config.vocab_size, config.max_position_embeddings, self.cased, **self.tokenizer_flags
        ).save_pretrained(folder)
        write_json(folder / "sentence_bert_config.json", self.sentence_config)
        write_json(
            folder / "config_sentence_transformers.json",
            {"__version__": {"sentence_transformers": "2.2.2"}} | self.prompts,
        )

        write_json(folder / "modules.json", self.save_modules(folder, seed))

    def save_modules(self, folder: Path, seed: int) -> JSON:
        """Saves what stands behind the Transformer; returns the list of all."""
        if self.modules:
            generator = torch.Generator().manual_seed(seed)
            module_paths = [("Transformer", "")]
            for index, module in enumerate(self.modules, start=1):
                module_paths.append((module.kind, f"{index}_{module.kind}"))
                module.save(folder / module_paths[-1][1], generator)
            return self.listed(module_paths)
        module_paths = [("Transformer", ""), ("Pooling", "1_Pooling")]
        write_json(folder / "1_Pooling" / "config.json", self.pooling)
        if self.dense:
            module_paths.append(("Dense", "2_Dense"))
            write_json(folder / "2_Dense" / "config.json", self.dense)
            save_file(self.dense_tensors(seed), folder / "2_Dense" / "model.safetensors", metadata={"format": "pt"})
        if self.normalize:
            module_paths.append(("Normalize", f"{len(module_paths)}_Normalize"))
        return self.listed(module_paths)

    def listed(self, module_paths: list[tuple[str, str]]) -> JSON:
        return [
            {"idx": index, "name": str(index), "path": path, "type": self.module_type(kind)}
            for index, (kind, path) in enumerate(module_paths)
        ]

    def dense_tensors(self, seed: int) -> Tensors:
        generator = torch.Generator().manual_seed(seed)
        out_features, in_features = self.dense["out_features"], self.dense["in_features"]
        tensors = {"linear.weight": 0.3 * torch.randn(out_features, in_features, generator=generator)}
        if self.dense["bias"]:
            tensors["linear.bias"] = 0.2 * torch.randn(out_features, generator=generator)
        return tensors

    def module_type(self, kind: str) -> str:
        if not self.new_types:
            return f"sentence_transformers.models.{kind}"
        package = "sentence_transformer" if kind == "Pooling" else "base"
        return f"sentence_transformers.{package}.modules.{kind.lower()}.{kind}"


TANH_DENSE = {
    "in_features": SENTENCE_HIDDEN,
    "out_features": 10,
    "bias": True,
    "activation_function": "torch.nn.modules.activation.Tanh",
}
IDENTITY_DENSE = TANH_DENSE | {"bias": False, "activation_function": "torch.nn.modules.linear.Identity"}
DEFAULT_DENSE = {"in_features": SENTENCE_HIDDEN, "out_features": 20, "bias": True}

SENTENCE_CHECKPOINTS = [
    SentenceCheckpoint("st-cls", flag_pooling("cls")),
    SentenceCheckpoint("st-max", flag_pooling("max")),
    SentenceCheckpoint("st-mean", flag_pooling("mean"), normalize=True),
    SentenceCheckpoint("st-mean-sqrt-len", flag_pooling("mean_sqrt_len_tokens")),
    SentenceCheckpoint("st-weightedmean", flag_pooling("weightedmean")),
    SentenceCheckpoint("st-lasttoken", flag_pooling("lasttoken")),
    SentenceCheckpoint("st-concatenated", flag_pooling("mean", "max", "cls")),
    SentenceCheckpoint("st-named-mode", named_pooling("mean"), normalize=True, new_types=True),
    SentenceCheckpoint("st-named-modes", named_pooling(["lasttoken", "mean"]), new_types=True),
    SentenceCheckpoint("st-dense-normalize", flag_pooling("mean"), dense=TANH_DENSE, normalize=True),
    SentenceCheckpoint("st-dense-identity", flag_pooling("cls"), dense=IDENTITY_DENSE),
    SentenceCheckpoint("st-dense-default", flag_pooling("cls", "mean"), dense=DEFAULT_DENSE | {"in_features": 32}),
    SentenceCheckpoint(
        "st-prompts",
        flag_pooling("mean"),
        EMBED_PROMPTS,
        prompts={"prompts": PROMPTS, "default_prompt_name": "query", "similarity_fn_name": "cosine"},
    ),
    SentenceCheckpoint(
        "st-prompts-excluded",
        flag_pooling("cls", "mean", "weightedmean", "lasttoken", include_prompt=False),
        EMBED_PROMPTS,
        prompts={"prompts": PROMPTS, "default_prompt_name": None},
    ),
    SentenceCheckpoint(
        "st-lowercase",
        flag_pooling("mean"),
        sentence_config={"max_seq_length": 12, "do_lower_case": True},
        cased=True,
    ),
    SentenceCheckpoint("st-no-limit", flag_pooling("mean"), sentence_config={}),
    SentenceCheckpoint(
        "st-dense-before-pooling",
        {},
        modules=[
            dense_module(SENTENCE_HIDDEN, 12, "activation.Tanh", module_input_name="token_embeddings"),
            Module("Pooling", named_pooling("mean") | {"embedding_dimension": 12}),
        ],
    ),
    SentenceCheckpoint(
        "st-layernorm",
        {},
        modules=[
            Module("Pooling", flag_pooling("mean")),
            Module("Dropout", {"dropout": 0.1}),
            layer_norm_module(SENTENCE_HIDDEN),
        ],
    ),
    SentenceCheckpoint(
        "st-any-order",
        {},
        EMBED_PROMPTS,
        modules=[
            Module("Normalize", {"module_input_name": "token_embeddings", "module_output_name": "directions"}),
            dense_module(
                SENTENCE_HIDDEN, SENTENCE_HIDDEN, "activation.GELU", module_input_name="directions", use_residual=True
            ),
            Module("Pooling", flag_pooling("cls", include_prompt=False)),
            layer_norm_module(SENTENCE_HIDDEN),
            Module("Dropout", {"dropout": 0.9}),
            dense_module(
                SENTENCE_HIDDEN, 20, "activation.ReLU", module_input_name="directions",
                module_output_name="token_embeddings",
            ),
            Module("Pooling", named_pooling(["max", "mean"]) | {"embedding_dimension": 20}),
            Module("Normalize"),
            dense_module(40, 9, "linear.Identity", use_residual=True),
        ],
        prompts={"prompts": PROMPTS},
    ),
    SentenceCheckpoint(
        "st-truncated",
        flag_pooling("mean"),
        normalize=True,
        prompts={"truncate_dim": 7, "similarity_fn_name": "cosine"},
    ),
    SentenceCheckpoint(
        "st-arguments",
        flag_pooling("mean"),
        [
            embed(EMBED_TEXTS[0]),
            embed([EMBED_TEXTS[2], EMBED_LONG]),
            embed("The CAT [MASK] sat on a [mask] and The [SEP] ran"),
            embed(EMBED_LONG, normalize=True),
        ],
        sentence_config={
            "do_lower_case": True,
            "processing_kwargs": {"text": {"max_length": 9, "add_special_tokens": False}},
            "tokenizer_args": {"model_max_length": 5},
        },
        tokenizer_flags={"truncation_side": "left"},
        cased=True,
    ),
]


class SentenceReference:
    """Embeddings by sentence-transformers over one checkpoint, one text at a time."""

    def __init__(self, folder: Path) -> None:
        self.model = SentenceTransformer(
            str(folder), device="cpu", model_kwargs={"attn_implementation": "eager", "dtype": torch.float32}
        )

    def embed(self, inputs: str | list[str], normalize: bool = False, **prompt: str) -> JSON:
        return self.embeddings(inputs, normalize_embeddings=normalize, **prompt).tolist()

    def embeddings(self, inputs: str | list[str], **options: JSON) -> torch.Tensor:
        return self.model.encode(
            inputs, batch_size=1, convert_to_tensor=True, show_progress_bar=False, **options
        )

    def similarities(self, source_sentence: str, sentences: list[str]) -> list[float]:
        return cos_sim(self.embeddings([source_sentence]), self.embeddings(sentences))[0].tolist()

    def record(self, case: Case) -> dict[str, JSON]:
        if case.task == "sentence-similarity":
            return case.record(lambda inputs, _: self.similarities(**inputs))
        return case.record(lambda inputs, parameters: self.embed(inputs, **parameters))


def make_sentence_checkpoint(checkpoint: SentenceCheckpoint, folder: Path) -> None:
    start_afresh(folder)
    checkpoint.save(folder, zlib.crc32(checkpoint.name.encode()))
    reference = SentenceReference(folder)
    write_golden(folder, [reference.record(case) for case in checkpoint.cases])


# --- MiniLM -----------------------------------------------------------------------------------------------------------

PASSAGES = {
    "english": """The harbour wakes before the town does: first the gulls, then the engines, and at last the bakers.
        Nobody could say who had painted the bridge, but everyone agreed that the colour suited the river.
        "You can't have it both ways," she replied; it's either the early train or a very long walk.
        Researchers compared 1,248 samples over 36 months and found no significant difference (p = 0.07).""",
    "french": """L'été dernier, nous avons traversé les Cévennes à pied, de village en village, sans jamais nous presser.
        Où est-ce que tu as rangé la clé de la cave ? Ça fait une heure que je la cherche, c'est agaçant !""",
    "german": """Während draußen der Föhn über die Dächer fegte, übte Jürgen geduldig dieselben fünf Takte auf der Geige.
        Die Straßenbahnhaltestelle liegt gegenüber dem Rathaus; Größe und Gewicht stehen auf dem Lieferschein.""",
    "vietnamese": """Buổi sáng, mùi cà phê rang lan khắp con phố nhỏ, và những người bán hàng bắt đầu mở cửa.
        Tiếng Việt có sáu thanh điệu, vì vậy dấu thanh rất quan trọng khi viết.""",
    "polish": """Źródło rzeki bije w gęstym lesie, kilka kilometrów od najbliższej wsi; łatwo je przeoczyć.
        Czy mógłbyś, proszę, podać mi sól? Dziękuję, żółć i jaźń to trudne słowa.""",
    "greek": """Η θάλασσα ήταν ήρεμη εκείνο το πρωί και τα ψαροκάικα γύριζαν αργά στο λιμάνι.
        Πόσο κοστίζει ένα εισιτήριο για τη Θεσσαλονίκη; Δεν ξέρω, ρώτησε στον σταθμό.""",
    "russian": """Зимой озеро замерзает так крепко, что по льду ездят грузовики, а рыбаки ставят палатки.
        Ещё вчера всё было иначе: шёл дождь, и никто не верил прогнозу погоды.""",
    "arabic": """في الصباح الباكر يفتح الخباز دكانه وتنتشر رائحة الخبز الطازج في الحي كله.
        هل تستطيع أن تخبرني كيف أصل إلى محطة القطار؟ شكرًا جزيلاً لك.""",
    "hebrew": """השמש שקעה מאחורי ההרים, והילדים חזרו הביתה עם כיסים מלאים באבנים.
        מתי יוצאת הרכבת הבאה לחיפה? לדעתי בעוד עשר דקות.""",
    "hindi": """बारिश के बाद मिट्टी की खुशबू पूरे गाँव में फैल गई और बच्चे बाहर खेलने निकल आए।
        क्या आप मुझे बता सकते हैं कि पुस्तकालय कहाँ है? धन्यवाद।""",
    "thai": """ตอนเช้าตลาดริมน้ำคึกคักมาก มีทั้งผลไม้สด ขนมหวาน และดอกไม้นานาชนิด
        คุณช่วยบอกทางไปสถานีรถไฟให้หน่อยได้ไหม ขอบคุณมาก""",
    "chinese": """清晨的湖面上飘着一层薄雾，几只白鹭静静地站在水边，等待着第一缕阳光。
        請問去火車站怎麼走？一直往前，過了第二個紅綠燈再左轉。""",
    "japanese": """駅前の小さな喫茶店では、毎朝同じ席で新聞を読むおじいさんがいる。
        この電車は東京行きですか？はい、でもカタカナの名前の駅で乗り換えてください。""",
    "korean": """비가 그친 뒤 골목길에는 고양이 두 마리가 햇볕을 쬐며 졸고 있었다.
        서울역까지 어떻게 가나요? 지하철 4호선을 타시면 됩니다.""",
    "emoji": """🎉🎉 We did it!!! 🥳 Thanks to all of you 🙏🏽 ❤️ 👩‍💻👨‍👩‍👧‍👦 🇫🇷🇯🇵 see you at 5️⃣ 🕔 ☕️ … ¯\\_(ツ)_/¯ :-) <3
        breaking 🚨🚨: 100% of 🐧 prefer ❄️ over ☀️ — more at 11 ™ ® © ½ ² ℃ № ﬁ ﬂ Ⅷ ①""",
    "code": """func area(of shape: [Point]) -> Double? { guard shape.count > 2 else { return nil } // shoelace
        for i in range(0, len(xs), 2): total += xs[i] ** 2 if xs[i] != None else -1e-3  # see README.md#usage
        SELECT id, COUNT(*) FROM orders WHERE total >= 99.95 AND state <> 'void' GROUP BY id ORDER BY 2 DESC;""",
    "web": """https://example.org/path/to/page.html?query=caf%C3%A9&lang=fr#section-2 mailto:jane.doe+tag@example.co.uk
        GET /v1/models HTTP/1.1 Host: 127.0.0.1:8080 Accept-Encoding: gzip, br X-Request-Id: 7f3a-99c2-DEADBEEF""",
    "numbers": """3.14159 2,718,281 -273.15°C 6.022e23 0xFF 1/3 50% $1,000.00 €49,90 ¥12000 £3 ٣٤٥ १२३ ２０２６ 10:45 2026-11-23
        +1 (555) 010-9999 v2.0.0-rc.1 A4 4x4 1st 2nd 3rd 1000000007 ±5 ≤ 10 ≈ 7 √2 ∑ π ∞""",
}

EDGE_TEXTS = [
    "",
    " ",
    "a",
    "?",
    "\u200b",
    "\ufffd\u0000",
    "[MASK]",
    "one [SEP] two [CLS] three [PAD] four [UNK]",
    "[mask] [Sep]",
    "e\u0301 é É E\u0301 \u1e69 s\u0323\u0307",
    "ﷺ ﬃ ǆ İı ẞ ſ",
    "x" * 100,
    "x" * 101,
    "tab\tnew\nline\r\nand\u00a0nbsp\u3000wide\u2028sep\u0085nel",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "don't can't it's we've I'm they're rock'n'roll",
]

MINILM_TEXTS = 200
LENGTHS_BEYOND = [253, 254, 255, 256, 257, 280, 320, 400, 500]


def minilm_texts(tokenizer: transformers.PreTrainedTokenizerBase) -> list[str]:
    """Edge texts, then texts of 1 to 254 tokens (256 with the special ones) and some beyond, script after script."""
    count = MINILM_TEXTS - len(EDGE_TEXTS) - len(LENGTHS_BEYOND)
    lengths = [round(math.exp(math.log(252) * step / (count - 1))) for step in range(count)] + LENGTHS_BEYOND
    chooser = random.Random(20)
    languages = list(PASSAGES)
    sentences = {language: [line.strip() for line in PASSAGES[language].splitlines()] for language in languages}
    texts = list(EDGE_TEXTS)
    for index, length in enumerate(lengths):
        language = languages[index % len(languages)]
        texts.append(text_of_length(tokenizer, length, sentences[language], chooser))
    return texts


def text_of_length(
    tokenizer: transformers.PreTrainedTokenizerBase, length: int, sentences: list[str], chooser: random.Random
) -> str:
    """Sentences in random order, cut off after the token `length`."""
    text, ends = "", []
    while len(ends) < length:
        text += " ".join(chooser.sample(sentences, len(sentences))) + " "
        encoding = tokenizer(text, add_special_tokens=False, truncation=False, return_offsets_mapping=True)
        ends = [end for _, end in encoding["offset_mapping"]]
    return text[: ends[length - 1]]


def make_minilm(model_folder: Path, folder: Path) -> None:
    """Writes texts.json and their embeddings."""
    reference = SentenceReference(model_folder)
    texts = minilm_texts(reference.model.tokenizer)
    start_afresh(folder)
    (folder / "texts.json").write_text(lines_of_json(texts) + "\n", encoding="utf-8")
    save_file({"embeddings": reference.embeddings(texts).contiguous()}, folder / "embeddings.safetensors")


# --- Files ------------------------------------------------------------------------------------------------------------


def start_afresh(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def write_json(path: Path, value: JSON) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def lines_of_json(values: list[JSON]) -> str:
    """A JSON array with one element per line, so that a diff shows which ones changed."""
    return "[\n" + ",\n".join(json.dumps(value, ensure_ascii=False, allow_nan=False) for value in values) + "\n]"


def write_golden(folder: Path, entries: list[dict[str, JSON]]) -> None:
    reference = json.dumps({package: version(package) for package in REFERENCE_PACKAGES})
    golden = f'{{"reference": {reference},\n"cases": {lines_of_json(entries)}}}\n'
    (folder / "golden.json").write_text(golden, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="make only these checkpoints")
    parser.add_argument("--minilm", type=Path, metavar="DIR", help="make the MiniLM fixtures from this checkpoint")
    arguments = parser.parse_args()

    use_reference_settings()
    if arguments.minilm:
        make_minilm(arguments.minilm, FIXTURES / "minilm")
        return
    for checkpoints, make in [(CHECKPOINTS, make_checkpoint), (SENTENCE_CHECKPOINTS, make_sentence_checkpoint)]:
        for checkpoint in checkpoints:
            if not arguments.only or checkpoint.name in arguments.only:
                make(checkpoint, FIXTURES / "checkpoints" / checkpoint.name)


if __name__ == "__main__":
    main()
