"""Checkpoints of RoBERTa, XLM-RoBERTa, CamemBERT and DistilBERT for fill-mask and feature-extraction."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from transformers import (
    CamembertForMaskedLM,
    DistilBertForMaskedLM,
    DistilBertModel,
    RobertaForMaskedLM,
    RobertaModel,
    XLMRobertaForMaskedLM,
)

from fixtures_base import JSON, Case
from fixtures_bert import (
    EXTRACT_ALL,
    EXTRACT_BASICS,
    FILL_MASK_ALL,
    FILL_MASK_BASICS,
    FILL_MASK_ERRORS,
    FILL_MASK_SHAPES,
    FILL_MASK_TARGETS,
    FILL_MASK_TEXTS,
    FILL_MASK_TOKENIZER_KWARGS,
    FORWARDED,
    fill_mask,
)
from fixtures_checkpoints import Checkpoint, bert_sizes
from fixtures_tokenizers import camembert_tokenizer, distilbert_tokenizer, roberta_tokenizer, xlm_roberta_tokenizer
from fixtures_weights import Tensors, with_gamma_and_beta, without_prefix

# --- Cases ------------------------------------------------------------------------------------------------------------

ROBERTA_NAMES = {"[MASK]": "<mask>", "[PAD]": "<pad>", "[CLS]": "<s>", "[SEP]": "</s>", "[UNK]": "<unk>"}


def in_roberta(cases: list[Case]) -> list[Case]:
    """The cases with the special tokens as RoBERTa and its relatives call them."""
    return [Case(case.task, renamed(case.inputs), renamed(case.parameters)) for case in cases]


def renamed(value: Any) -> Any:
    if isinstance(value, str):
        for name, other in ROBERTA_NAMES.items():
            value = value.replace(name, other)
        return value
    if isinstance(value, dict):
        return {key: renamed(item) for key, item in value.items()}
    return [renamed(item) for item in value] if isinstance(value, list) else value


PADDED = [
    fill_mask(text, top_k=3)
    for text in [
        "[PAD] the [MASK]",
        "the [PAD] [PAD] cat [MASK] [PAD]",
        "[MASK] [PAD] ran [MASK]",
        "[PAD][PAD][PAD][MASK]",
    ]
]
PADDED_PAIRS = [("the <pad> cat <pad><pad> sat",), ("<pad> Is it", "good <pad> very")]


def cases_at_the_limit(letters: int) -> list[Case]:
    """A text of a mask and so many one-token letters, as long as the model takes, and one that is a token too long."""
    return [fill_mask("[MASK] " + "." * count, top_k=2) for count in (letters, letters + 1)]


# --- What files on the Hub look like ----------------------------------------------------------------------------------

ROBERTA_WORDS = "roberta.embeddings.word_embeddings.weight"


def with_copies(tensors: Tensors) -> Tensors:
    """Adds the position_ids buffer and the decoder's copy of the word embeddings, as version 4 and before did."""
    positions = tensors["roberta.embeddings.position_embeddings.weight"].shape[0]
    return tensors | {
        "roberta.embeddings.position_ids": torch.arange(positions).unsqueeze(0),
        "lm_head.decoder.weight": tensors[ROBERTA_WORDS].clone(),
    }


def with_decoder_names(tensors: Tensors) -> Tensors:
    """Stores what is tied under the decoder's names alone."""
    kept = dict(tensors)
    kept["lm_head.decoder.weight"] = kept.pop(ROBERTA_WORDS)
    kept["lm_head.decoder.bias"] = kept.pop("lm_head.bias")
    return kept


def with_another_bias(tensors: Tensors) -> Tensors:
    """Stores a bias of the decoder that is not the head's, though the config says that they are tied."""
    return tensors | {"lm_head.decoder.bias": tensors["lm_head.bias"].flip(0)}


def with_a_useless_bias(tensors: Tensors) -> Tensors:
    """Makes the head's own bias another one than the decoder's. Nothing reads it."""
    return tensors | {"lm_head.bias": tensors["lm_head.decoder.bias"].flip(0)}


def with_another_projector(tensors: Tensors) -> Tensors:
    """Stores a projector that is not the word embeddings, though the config says that they are tied."""
    return tensors | {"vocab_projector.weight": tensors["distilbert.embeddings.word_embeddings.weight"].flip(0)}


# --- Checkpoints ------------------------------------------------------------------------------------------------------


def distilbert_sizes(
    hidden: int, heads: int, layers: int, intermediate: int, vocab: int, positions: int = 48, **others: JSON
) -> dict[str, JSON]:
    return {
        "dim": hidden,
        "n_heads": heads,
        "n_layers": layers,
        "hidden_dim": intermediate,
        "vocab_size": vocab,
        "max_position_embeddings": positions,
    } | others


def roberta(merges: int = 60, **flags: JSON) -> dict[str, JSON]:
    """The tokenizer of a RoBERTa checkpoint and the size of its vocabulary."""
    make: Callable = partial(roberta_tokenizer, 46, merges, **flags)
    return {"tokenizer": make}


EXTRACT_ROBERTA = in_roberta(EXTRACT_ALL)

CHECKPOINTS = [
    Checkpoint(
        "roberta-tiny",
        bert_sizes(16, 2, 2, 32, 321, 48, type_vocab_size=1, layer_norm_eps=1e-5),
        in_roberta(FILL_MASK_ALL + PADDED + cases_at_the_limit(42) + EXTRACT_BASICS),
        model_class=RobertaForMaskedLM,
        tokenizer=partial(roberta_tokenizer, 46, merges=60),
    ),
]
