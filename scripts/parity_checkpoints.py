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
    bert_tokenizer,
    camembert_tokenizer,
    distilbert_tokenizer,
    roberta_tokenizer,
    xlm_roberta_tokenizer,
)
from fixtures_weights import Tensors, with_gamma_and_beta, without_prefix

FAMILIES = {
    "bert": "Bert",
    "roberta": "Roberta",
    "xlm-roberta": "XLMRoberta",
    "camembert": "Camembert",
    "distilbert": "DistilBert",
}
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


def random_checkpoint(name: str, family: str, head: str, chooser: random.Random) -> Checkpoint:
    """A small checkpoint of a family of `FAMILIES` with a head of `HEADS`."""
    heads = chooser.choice([1, 2, 3, 4, 5])
    hidden = heads * chooser.choice([4, 8, 12, 16, 24, 32, 40, 64])
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
    if family == "distilbert":
        config |= {"activation": activation, "sinusoidal_pos_embds": chooser.random() < 0.3}
    else:
        config |= {
            "hidden_act": activation,
            "layer_norm_eps": chooser.choice([1e-12, 1e-12, 1e-5]),
            "type_vocab_size": chooser.choice([1, 2, 2]) if family != "bert" or head not in ("sequence", "spans") else 2,
        }
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


def random_tokenizer(
    family: str, head: str, positions: int, chooser: random.Random
) -> tuple[int, int, Callable[[], PreTrainedTokenizerBase]]:
    """A tokenizer of the family with the id of its padding and the number of its entries."""
    padding, specials = 0, ROBERTA_SPECIALS
    if family == "roberta":
        specials = chooser.choice([ROBERTA_SPECIALS, PADDING_LAST, PADDING_THIRD])
    elif family == "xlm-roberta":
        specials = chooser.choice([ROBERTA_SPECIALS, PADDING_THIRD])
    if family not in ("bert", "distilbert"):
        padding = specials.index("<pad>")
    usable = positions if family in ("bert", "distilbert") else positions - padding - 1
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
    if family == "camembert":
        return padding, entries, partial(camembert_tokenizer, entries, limit)
    make = bert_tokenizer if family == "bert" else distilbert_tokenizer
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
