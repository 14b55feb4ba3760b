"""Checkpoints of RoBERTa, XLM-RoBERTa, CamemBERT and DistilBERT for fill-mask and feature-extraction."""

from functools import partial

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


def renamed(value: JSON) -> JSON:
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


SMALL_ROBERTA = bert_sizes(16, 2, 1, 24, 301, 40, type_vocab_size=1, layer_norm_eps=1e-5)
SMALL_UNIGRAM = bert_sizes(16, 2, 1, 24, 230, 42, type_vocab_size=1, layer_norm_eps=1e-5)
SMALL_DISTILBERT = distilbert_sizes(16, 2, 2, 24, 220)
PADDING_LAST = ("<s>", "</s>", "<unk>", "<pad>")
PADDING_THIRD = ("<s>", "</s>", "<pad>", "<unk>")

ROBERTA_BASICS = in_roberta(FILL_MASK_BASICS + PADDED)
ROBERTA_TARGETS = [
    fill_mask("The cat sat on the <mask>.", targets=targets, top_k=3)
    for targets in [["Ġthe", "the", " the"], [" mat", "▁mat", "mat"], ["<pad>", "ing", " "]]
]

CHECKPOINTS = [
    Checkpoint(
        "roberta-tiny",
        bert_sizes(16, 2, 2, 32, 321, 48, type_vocab_size=1, layer_norm_eps=1e-5),
        in_roberta(FILL_MASK_ALL + PADDED + cases_at_the_limit(42) + EXTRACT_BASICS) + ROBERTA_TARGETS,
        model_class=RobertaForMaskedLM,
        tokenizer=partial(roberta_tokenizer, 46, merges=60),
    ),
    Checkpoint(
        "roberta-old-names",
        SMALL_ROBERTA | {"hidden_act": "relu", "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 3},
        ROBERTA_BASICS + in_roberta(cases_at_the_limit(32) + EXTRACT_BASICS),
        model_class=RobertaForMaskedLM,
        tokenizer=partial(roberta_tokenizer, 36, merges=40, specials=PADDING_LAST),
        rewrite=lambda tensors: with_gamma_and_beta(with_copies(tensors)),
        omitted=("type_vocab_size", "layer_norm_eps", "classifier_dropout", "tie_word_embeddings"),
    ),
    Checkpoint(
        "roberta-untied",
        SMALL_ROBERTA | {"tie_word_embeddings": False, "hidden_act": "gelu_new"},
        ROBERTA_BASICS,
        model_class=RobertaForMaskedLM,
        tokenizer=partial(roberta_tokenizer, 38, merges=40),
        rewrite=with_a_useless_bias,
    ),
    Checkpoint(
        "roberta-encoder",
        SMALL_ROBERTA | {"num_hidden_layers": 2, "pad_token_id": 0, "type_vocab_size": 2},
        in_roberta(EXTRACT_ALL),
        model_class=RobertaModel,
        tokenizer=partial(roberta_tokenizer, 39, merges=40, specials=("<pad>", "<s>", "</s>", "<unk>")),
        forwarded=FORWARDED + PADDED_PAIRS,
    ),
    Checkpoint(
        "xlm-roberta-tiny",
        bert_sizes(24, 3, 2, 36, 250, 48, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=2),
        in_roberta(FILL_MASK_ALL + PADDED + cases_at_the_limit(41) + EXTRACT_BASICS) + ROBERTA_TARGETS,
        model_class=XLMRobertaForMaskedLM,
        tokenizer=partial(xlm_roberta_tokenizer, 250, 45, specials=PADDING_THIRD),
        rewrite=with_another_bias,
    ),
    Checkpoint(
        "xlm-roberta-decoder-only",
        SMALL_UNIGRAM,
        ROBERTA_BASICS,
        model_class=XLMRobertaForMaskedLM,
        tokenizer=partial(xlm_roberta_tokenizer, 230, 40),
        rewrite=with_decoder_names,
    ),
    Checkpoint(
        "camembert-tiny",
        SMALL_UNIGRAM | {"num_hidden_layers": 2, "bos_token_id": 5, "eos_token_id": 6},
        in_roberta(FILL_MASK_BASICS + FILL_MASK_SHAPES + FILL_MASK_TEXTS + FILL_MASK_TOKENIZER_KWARGS + PADDED)
        + in_roberta(EXTRACT_BASICS)
        + ROBERTA_TARGETS,
        model_class=CamembertForMaskedLM,
        tokenizer=partial(camembert_tokenizer, 230, 40),
        omitted=("pad_token_id",),
    ),
    Checkpoint(
        "camembert-bare-names",
        SMALL_UNIGRAM | {"layer_norm_eps": 1e-12},
        ROBERTA_BASICS + in_roberta(EXTRACT_BASICS),
        model_class=CamembertForMaskedLM,
        tokenizer=partial(camembert_tokenizer, 230, 40),
        rewrite=lambda tensors: without_prefix(with_gamma_and_beta(tensors)),
        dtype=torch.float16,
    ),
    Checkpoint(
        "distilbert-tiny",
        distilbert_sizes(24, 3, 2, 40, 300),
        FILL_MASK_ALL + EXTRACT_BASICS,
        model_class=DistilBertForMaskedLM,
        tokenizer=partial(distilbert_tokenizer, 300, 48),
    ),
    Checkpoint(
        "distilbert-relu",
        SMALL_DISTILBERT | {"activation": "relu", "sinusoidal_pos_embds": True, "intermediate_size": 64},
        FILL_MASK_BASICS + FILL_MASK_TARGETS + EXTRACT_BASICS,
        model_class=DistilBertForMaskedLM,
        tokenizer=partial(distilbert_tokenizer, 220, 48),
        rewrite=lambda tensors: with_gamma_and_beta(with_another_projector(tensors)),
    ),
    Checkpoint(
        "distilbert-untied",
        SMALL_DISTILBERT | {"tie_word_embeddings": False, "n_layers": 1},
        FILL_MASK_BASICS,
        model_class=DistilBertForMaskedLM,
        tokenizer=partial(distilbert_tokenizer, 220, 48, cased=True),
        omitted=("activation", "sinusoidal_pos_embds"),
    ),
    Checkpoint(
        "distilbert-encoder",
        SMALL_DISTILBERT,
        EXTRACT_ALL,
        model_class=DistilBertModel,
        tokenizer=partial(distilbert_tokenizer, 220, 48),
        forwarded=FORWARDED,
    ),
]
