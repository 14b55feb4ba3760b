"""Checkpoints of the families with rotary positions, with each of their heads."""

import json
from functools import partial
from pathlib import Path

from transformers import (
    ModernBertForMaskedLM,
    ModernBertForSequenceClassification,
    ModernBertForTokenClassification,
    ModernBertModel,
)

from fixtures_base import JSON, write_json
from fixtures_bert import EXTRACT_BASICS, FILL_MASK_BASICS, FILL_MASK_TEXTS
from fixtures_checkpoints import Checkpoint, bert_sizes
from fixtures_classification import CLASSIFY_BASICS, EMOTIONS, ENTAILMENT, ENTITIES, TAG_BASICS
from fixtures_tokenizers import modernbert_tokenizer

SHORT = (1, 2, 17, 48)


def change_config(folder: Path, changes: dict[str, JSON], removed: tuple[str, ...] = ()) -> None:
    """Replaces entries of config.json, and takes others out."""
    path = folder / "config.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    write_json(path, {key: value for key, value in written.items() if key not in removed} | changes)


# --- ModernBERT -------------------------------------------------------------------------------------------------------


def publish_old_modernbert(folder: Path) -> None:
    """The keys that files of version 4 have for the types of layers and their angles."""
    changes = {"global_attn_every_n_layers": 2, "global_rope_theta": 5000.0, "local_rope_theta": 300.0}
    change_config(
        folder, changes | {"layer_norm_eps": 1e-3, "reference_compile": True, "position_embedding_type": "absolute"},
        removed=("layer_types", "rope_parameters"),
    )


MODERNBERT = bert_sizes(24, 3, 4, 20, 301, 48, local_attention=10) | {
    "pad_token_id": 3, "bos_token_id": 1, "cls_token_id": 1, "eos_token_id": 2, "sep_token_id": 2
}
BIASES = {"norm_bias": True, "attention_bias": True, "mlp_bias": True, "classifier_bias": True}
MODERNBERT_CHECKPOINTS = [
    Checkpoint(
        "modernbert-masked",
        MODERNBERT | {"max_position_embeddings": 200, "local_attention": 21},
        FILL_MASK_BASICS + FILL_MASK_TEXTS[:8] + EXTRACT_BASICS,
        model_class=ModernBertForMaskedLM,
        tokenizer=partial(modernbert_tokenizer, 200),
        lengths=(1, 2, 11, 66, 200),
    ),
    Checkpoint(
        "modernbert-masked-untied",
        MODERNBERT | {"tie_word_embeddings": False, "decoder_bias": False, "num_hidden_layers": 2},
        FILL_MASK_BASICS,
        model_class=ModernBertForMaskedLM,
        tokenizer=partial(modernbert_tokenizer, 48),
        lengths=SHORT,
    ),
    Checkpoint(
        "modernbert-encoder",
        MODERNBERT | BIASES | {"num_attention_heads": 2, "local_attention": 128, "max_position_embeddings": 300},
        EXTRACT_BASICS,
        model_class=ModernBertModel,
        tokenizer=partial(modernbert_tokenizer, 300),
        lengths=(1, 2, 65, 300),
    ),
    Checkpoint(
        "modernbert-sequence",
        MODERNBERT | BIASES | EMOTIONS | {
            "classifier_pooling": "mean",
            "classifier_activation": "silu",
            "hidden_activation": "gelu_new",
            "layer_types": ["full_attention", "sliding_attention"] * 2,
            "rope_parameters": {
                "full_attention": {"rope_type": "default", "rope_theta": 5000.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 300.0},
            },
        },
        CLASSIFY_BASICS,
        model_class=ModernBertForSequenceClassification,
        tokenizer=partial(modernbert_tokenizer, 48),
        lengths=SHORT,
        publish=publish_old_modernbert,
        least_labels=2,
    ),
    Checkpoint(
        "modernbert-sequence-first",
        MODERNBERT | ENTAILMENT | {"layer_types": ["sliding_attention"] * 3 + ["full_attention"]},
        CLASSIFY_BASICS,
        model_class=ModernBertForSequenceClassification,
        tokenizer=partial(modernbert_tokenizer, 48),
        lengths=SHORT,
        least_labels=2,
    ),
    Checkpoint(
        "modernbert-tokens",
        MODERNBERT | ENTITIES | {
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "rope_theta": 160000.0, "factor": 3.0},
                "sliding_attention": {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0},
            },
        },
        TAG_BASICS,
        model_class=ModernBertForTokenClassification,
        tokenizer=partial(modernbert_tokenizer, 24),
        lengths=SHORT,
        least_labels=4,
    ),
]

CHECKPOINTS = MODERNBERT_CHECKPOINTS
