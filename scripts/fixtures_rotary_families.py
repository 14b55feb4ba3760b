"""Checkpoints of the families with rotary positions, with each of their heads."""

import json
from functools import partial
from pathlib import Path

from transformers import (
    ModernBertForMaskedLM,
    ModernBertForSequenceClassification,
    ModernBertForTokenClassification,
    ModernBertModel,
    NomicBertForMaskedLM,
    NomicBertForSequenceClassification,
    NomicBertForTokenClassification,
    NomicBertModel,
)

from fixtures_base import JSON, write_json
from fixtures_bert import EXTRACT_BASICS, FILL_MASK_BASICS, FILL_MASK_TEXTS
from fixtures_checkpoints import Checkpoint, bert_sizes
from fixtures_classification import CLASSIFY_BASICS, EMOTIONS, ENTAILMENT, ENTITIES, TAG_BASICS
from fixtures_tokenizers import bert_tokenizer, modernbert_tokenizer
from fixtures_weights import Tensors, rewrite_tensors, without_prefix

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

# --- NomicBERT --------------------------------------------------------------------------------------------------------


def without_masked_biases(tensors: Tensors) -> Tensors:
    """What the head of the published nomic-bert-2048 does not have. Upstream takes zero instead."""
    missing = ("cls.predictions.bias", "cls.predictions.transform.dense.bias")
    return {name: tensor for name, tensor in tensors.items() if name not in missing}


def publish_nomic(folder: Path) -> None:
    """The names that the code beside Nomic's checkpoints has for tensors and, from GPT-2, for sizes."""
    written = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    sizes = {
        "hidden_size": "n_embd",
        "num_hidden_layers": "n_layer",
        "num_attention_heads": "n_head",
        "intermediate_size": "n_inner",
        "layer_norm_eps": "layer_norm_epsilon",
    }
    flags = ["prenorm", "parallel_block", "use_rms_norm", "causal", "rotary_emb_interleaved", "qkv_proj_bias"]
    changes = {name: written[key] for key, name in sizes.items()} | {flag: False for flag in flags} | {
        "activation_function": "swiglu",
        "rotary_emb_base": written["rope_parameters"]["rope_theta"],
        "rotary_emb_fraction": 1.0,
        "rotary_emb_scale_base": None,
        "rotary_scaling_factor": None,
        "max_trained_positions": 20,
        "n_positions": written["max_position_embeddings"],
        "auto_map": {"AutoModel": "nomic-ai/nomic-bert-2048--modeling_hf_nomic_bert.NomicBertModel"},
    }
    removed = (*sizes, "hidden_act", "head_dim", "rope_parameters", "max_position_embeddings")
    change_config(folder, changes, removed)
    rewrite_tensors(
        folder, lambda tensors: {name.replace("nomic_bert.", "bert."): tensor for name, tensor in tensors.items()}
    )


NOMIC = bert_sizes(24, 3, 2, 20, 260, 48)
NOMIC_CHECKPOINTS = [
    Checkpoint(
        "nomic-masked",
        NOMIC | {"max_position_embeddings": 150},
        FILL_MASK_BASICS + EXTRACT_BASICS,
        model_class=NomicBertForMaskedLM,
        tokenizer=partial(bert_tokenizer, 260, 150),
        lengths=(1, 2, 66, 150),
    ),
    Checkpoint(
        "nomic-masked-published",
        NOMIC | {"rope_parameters": {"rope_type": "default", "rope_theta": 77.0}, "num_attention_heads": 2},
        FILL_MASK_BASICS,
        model_class=NomicBertForMaskedLM,
        rewrite=without_masked_biases,
        lengths=SHORT,
        publish=publish_nomic,
    ),
    Checkpoint(
        "nomic-encoder",
        NOMIC | {"hidden_act": "gelu", "type_vocab_size": 1, "layer_norm_eps": 1e-5},
        EXTRACT_BASICS,
        model_class=NomicBertModel,
        lengths=SHORT,
    ),
    Checkpoint(
        "nomic-sequence",
        NOMIC | ENTAILMENT | {"rope_parameters": {"rope_type": "linear", "rope_theta": 1000.0, "factor": 4.0}},
        CLASSIFY_BASICS,
        model_class=NomicBertForSequenceClassification,
        lengths=SHORT,
        least_labels=2,
    ),
    Checkpoint(
        "nomic-tokens",
        NOMIC | ENTITIES,
        TAG_BASICS,
        model_class=NomicBertForTokenClassification,
        tokenizer=partial(bert_tokenizer, 260, 18),
        rewrite=without_prefix,
        lengths=SHORT,
        least_labels=4,
    ),
]

CHECKPOINTS = MODERNBERT_CHECKPOINTS + NOMIC_CHECKPOINTS
