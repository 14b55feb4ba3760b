"""Small random checkpoints of arbitrary proportions, of each family and with each head."""

import random
from collections.abc import Callable
from functools import partial

import torch
import transformers
from transformers import PreTrainedTokenizerBase

from fixtures_base import JSON
from fixtures_checkpoints import Checkpoint, bert_sizes
from fixtures_classification import EMOTIONS, ENTAILMENT, ENTITIES, ODD_ENTITIES, SENTIMENT, WORD_CLASSES, named
from fixtures_families import PADDING_LAST, PADDING_THIRD, distilbert_sizes
from fixtures_tokenizers import (
    ROBERTA_SPECIALS,
    albert_tokenizer,
    bert_tokenizer,
    camembert_tokenizer,
    deberta_tokenizer,
    distilbert_tokenizer,
    modernbert_tokenizer,
    mpnet_tokenizer,
    roberta_tokenizer,
    xlm_roberta_tokenizer,
)
from fixtures_weights import Tensors, with_gamma_and_beta, without_prefix
from parity_decoders import DECODERS, has_decoder_head, random_decoder

FAMILIES = {
    "bert": "Bert",
    "roberta": "Roberta",
    "xlm-roberta": "XLMRoberta",
    "camembert": "Camembert",
    "distilbert": "DistilBert",
    "mpnet": "MPNet",
    "electra": "Electra",
    "albert": "Albert",
    "modernbert": "ModernBert",
    "nomic_bert": "NomicBert",
    "gte": "Gte",
    "deberta": "DebertaV2",
}

ALL_FAMILIES = [*FAMILIES, *DECODERS]

# BERT's tokenizer, or one whose padding has the id 0 and no part in positions.
WORDS_OF_BERT = ("bert", "distilbert", "electra", "nomic_bert")
POSITIONS_FROM_ZERO = ("albert", "modernbert", "gte", "deberta")
# Tokenizers that give no segments to the model, or models without any.
TYPELESS = ("roberta", "xlm-roberta", "camembert", "mpnet", "albert", "gte")
HEADS = {
    "masked": "ForMaskedLM",
    "hidden": "Model",
    "sequence": "ForSequenceClassification",
    "tokens": "ForTokenClassification",
    "spans": "ForQuestionAnswering",
}
ACTIVATIONS = ["gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "quick_gelu", "relu", "silu", "tanh"]
UNLIMITED = int(1e30)

Rewrite = Callable[[Tensors], Tensors]


def has_head(family: str, head: str) -> bool:
    """Whether a family has a head of `HEADS`."""
    return family in FAMILIES or has_decoder_head(family, head)


def random_checkpoint(name: str, family: str, head: str, chooser: random.Random) -> Checkpoint:
    """A small checkpoint of a family of `ALL_FAMILIES` with a head of `HEADS`."""
    if family in DECODERS:
        return random_decoder(name, family, head, random_labels(head, chooser), chooser)
    heads = chooser.choice([1, 2, 3, 4, 5])
    hidden = heads * chooser.choice([4, 8, 12, 16, 24, 32, 40, 64])  # even heads, as rotary positions need
    positions = chooser.choice([16, 40, 64, 130])
    padding, entries, tokenizer = random_tokenizer(family, head, positions, chooser)
    sizes = distilbert_sizes if family == "distilbert" else bert_sizes
    config = sizes(
        hidden=hidden,
        heads=heads,
        layers=chooser.randint(1, 4),
        intermediate=chooser.choice([16, 33, 64, 100, 128, 200]),
        vocab=entries + chooser.choice([0, 0, 1, 3, 20]),
        positions=positions,
        tie_word_embeddings=chooser.random() < 0.8,
        pad_token_id=padding,
    )
    activation = chooser.choice(ACTIVATIONS)
    if family == "modernbert":
        config |= random_modernbert(config, activation, chooser)
    elif family == "distilbert":
        config |= {"activation": activation, "sinusoidal_pos_embds": chooser.random() < 0.3}
    else:
        config |= {
            "hidden_act": activation,
            "layer_norm_eps": chooser.choice([1e-12, 1e-12, 1e-5]),
            "type_vocab_size": chooser.choice([1, 2, 2])
            if family in TYPELESS or head not in ("sequence", "spans")
            else 2,
        }
    if family == "deberta":
        config |= random_distances(positions, chooser)
    if family in ("electra", "albert"):
        config |= {"embedding_size": chooser.choice([hidden, 4, 12, 20, 50])}
    if family == "albert":
        groups = chooser.randint(1, config["num_hidden_layers"])
        config |= {"num_hidden_groups": groups, "inner_group_num": chooser.choice([1, 1, 2])}
    if family in ("nomic_bert", "gte"):
        config |= {"rope_parameters": random_angles(chooser)}
    max_shard_size = chooser.choice(["1GB", "1GB", "30KB"])
    return Checkpoint(
        name,
        config | random_labels(head, chooser),
        cases=[],
        model_class=getattr(transformers, FAMILIES[family] + HEADS[head]),
        tokenizer=tokenizer,
        dtype=chooser.choice([torch.float32, torch.float32, torch.float16, torch.bfloat16]),
        max_shard_size=max_shard_size,
        rewrite=random_names(chooser) if max_shard_size == "1GB" else None,
    )


def random_angles(chooser: random.Random) -> dict[str, JSON]:
    """How far positions turn queries and keys."""
    theta = chooser.choice([50.0, 1000.0, 10_000.0, 160_000.0])
    kinds = [{"rope_type": "default"}, {"rope_type": "linear", "factor": 2.5}, {"rope_type": "dynamic", "factor": 3.0}]
    return chooser.choice(kinds) | {"rope_theta": theta}


def random_distances(positions: int, chooser: random.Random) -> dict[str, JSON]:
    """What scores of DeBERTa have of distances."""
    return {
        "relative_attention": chooser.random() < 0.9,
        "pos_att_type": chooser.choice([["c2p"], ["p2c"], ["c2p", "p2c"], "p2c|c2p", []]),
        "share_att_key": chooser.random() < 0.6,
        "norm_rel_ebd": chooser.choice(["none", "layer_norm"]),
        "max_relative_positions": chooser.choice([-1, positions // 2, 2 * positions]),
        "position_buckets": chooser.choice([-1, 4, 6]),
        "position_biased_input": chooser.random() < 0.5,
        "type_vocab_size": chooser.choice([0, 2]),
        "legacy": chooser.random() < 0.6,
        "pooler_hidden_act": chooser.choice(ACTIVATIONS),
        "tie_word_embeddings": True,
    }


def random_modernbert(config: dict[str, JSON], activation: str, chooser: random.Random) -> dict[str, JSON]:
    """The settings of ModernBERT that are its own."""
    kinds = ["full_attention", "sliding_attention"]
    flags = ["norm_bias", "attention_bias", "mlp_bias", "decoder_bias", "classifier_bias"]
    types = [chooser.choice(kinds) for _ in range(config["num_hidden_layers"])]
    return {flag: chooser.random() < 0.5 for flag in flags} | {
        "hidden_activation": activation,
        "classifier_activation": chooser.choice(ACTIVATIONS),
        "classifier_pooling": chooser.choice(["cls", "mean"]),
        "norm_eps": chooser.choice([1e-5, 1e-12]),
        "local_attention": chooser.choice([2, 9, 32, 128]),
        "layer_types": chooser.choice([None, types]),
        "rope_parameters": {kind: random_angles(chooser) for kind in kinds},
        "bos_token_id": 1,
        "eos_token_id": 2,
        "cls_token_id": 1,
        "sep_token_id": 2,
    }


def random_tokenizer(
    family: str, head: str, positions: int, chooser: random.Random
) -> tuple[int, int, Callable[[], PreTrainedTokenizerBase]]:
    """A tokenizer of the family with the id of its padding and the number of its entries."""
    padding, specials = 0, ROBERTA_SPECIALS
    if family == "roberta":
        specials = chooser.choice([ROBERTA_SPECIALS, PADDING_LAST, PADDING_THIRD])
    elif family == "xlm-roberta":
        specials = chooser.choice([ROBERTA_SPECIALS, PADDING_THIRD])
    if family not in WORDS_OF_BERT:
        padding = specials.index("<pad>")
    usable = positions if family in WORDS_OF_BERT or family in POSITIONS_FROM_ZERO else positions - padding - 1
    # Token classification cuts texts at the tokenizer's limit, and overlapping pieces are as long as that.
    limit = chooser.choice([usable, chooser.randint(6, usable), UNLIMITED]) if head == "tokens" else usable

    if family == "roberta":
        merges = chooser.randint(0, 150)
        spaced = chooser.random() < 0.3
        make = partial(roberta_tokenizer, limit, merges, specials, add_prefix_space=spaced)
        return padding, len(specials) + 256 + merges + 1, make
    entries = chooser.randint(150, 300)
    if family == "xlm-roberta":
        return padding, entries, partial(xlm_roberta_tokenizer, entries, limit, specials)
    if family == "gte":
        return padding, entries, partial(xlm_roberta_tokenizer, entries, limit)
    if family == "camembert":
        return padding, entries, partial(camembert_tokenizer, entries, limit)
    if family == "albert":
        return 0, entries, partial(albert_tokenizer, entries, limit)
    if family == "deberta":
        return 0, entries, partial(deberta_tokenizer, entries, limit)
    if family == "mpnet":
        return 1, entries, partial(mpnet_tokenizer, entries, limit)
    if family == "modernbert":
        merges = chooser.randint(0, 150)
        return 3, 5 + 256 + merges, partial(modernbert_tokenizer, limit, merges)
    make = distilbert_tokenizer if family == "distilbert" else bert_tokenizer
    entries = chooser.randint(110, 380)
    return padding, entries, partial(make, entries, limit, cased=chooser.random() < 0.3)


def random_labels(head: str, chooser: random.Random) -> dict[str, JSON]:
    """Labels and the kind of problem, as a classification head has them in its config."""
    if head == "tokens":
        return chooser.choice([ENTITIES, ENTITIES, ODD_ENTITIES, WORD_CLASSES, {}, {"num_labels": 5}])
    if head != "sequence":
        return {}
    labels = chooser.choice([SENTIMENT, ENTAILMENT, EMOTIONS, named("score"), {}, {"num_labels": 1}, {"num_labels": 4}])
    kinds = [None, None, "regression", "multi_label_classification"]
    if labels.get("num_labels") != 1 and len(labels.get("id2label", "ab")) != 1:
        kinds.append("single_label_classification")
    return labels | {"problem_type": chooser.choice(kinds)}


def random_names(chooser: random.Random) -> Rewrite | None:
    """A change of tensors' names that files on the Hub have gone through, or none."""
    return chooser.choice([None, None, with_gamma_and_beta, without_prefix, bare_and_old])


def bare_and_old(tensors: Tensors) -> Tensors:
    return without_prefix(with_gamma_and_beta(tensors))


def kind_of(checkpoint: Checkpoint) -> str:
    """What a report says about a checkpoint."""
    labels = {"id2label", "label2id"}
    sizes = {key: value for key, value in checkpoint.config.items() if key not in labels}
    names = checkpoint.rewrite.__name__ if checkpoint.rewrite else "new names"
    return f"{checkpoint.model_class.__name__} {checkpoint.dtype} {checkpoint.max_shard_size} {names} {sizes}"
