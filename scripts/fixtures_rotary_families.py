"""Checkpoints of the families with rotary positions, with each of their heads."""

import json
from functools import partial
from pathlib import Path

import torch
from transformers import (
    GteForMaskedLM,
    GteForSequenceClassification,
    GteForTokenClassification,
    GteModel,
    ModernBertForMaskedLM,
    ModernBertForSequenceClassification,
    ModernBertForTokenClassification,
    ModernBertModel,
    NomicBertForMaskedLM,
    NomicBertForSequenceClassification,
    NomicBertForTokenClassification,
    NomicBertModel,
    PreTrainedModel,
)

from fixtures_base import JSON, write_json
from fixtures_bert import EXTRACT_BASICS, FILL_MASK_BASICS, FILL_MASK_TEXTS
from fixtures_checkpoints import Checkpoint, bert_sizes
from fixtures_classification import CLASSIFY_BASICS, EMOTIONS, ENTAILMENT, ENTITIES, TAG_BASICS
from fixtures_families import in_roberta
from fixtures_tokenizers import bert_tokenizer, modernbert_tokenizer, xlm_roberta_tokenizer
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

# --- GTE --------------------------------------------------------------------------------------------------------------

FACTOR = 3.0
EXPONENT = 0.7


def scale_frequencies(model: PreTrainedModel) -> None:
    """Fixed NTK scaling, which transformers does not have: θ·factor as the base, all divided by factor^(2/d).

    Su, https://kexue.fm/archives/9706, formula 6.
    """
    config, rotary = model.config, model.base_model.rotary_emb
    size = config.hidden_size // config.num_attention_heads
    exponents = torch.arange(0, size, 2, dtype=torch.float32) / size
    base = config.rope_parameters["rope_theta"] * FACTOR
    rotary.inv_freq = 1.0 / base**exponents / FACTOR ** (2 / size)


def scale_frequencies_mixed(model: PreTrainedModel) -> None:
    """The same with an exponent, formulas 10 to 13 there: the i-th frequency is divided by exp(a·iᵇ), aᵇ as below."""
    config, rotary = model.config, model.base_model.rotary_emb
    size = config.hidden_size // config.num_attention_heads
    step = torch.tensor(FACTOR).log() / (size / 2) ** EXPONENT
    rotary.inv_freq = rotary.inv_freq / (step * torch.arange(1, size // 2 + 1).float() ** EXPONENT).exp()


def publish_gte(folder: Path, scaling: JSON = None) -> None:
    """The names that the code beside GTE's checkpoints has for tensors and settings."""
    written = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    changes = {
        "model_type": "new",
        "architectures": [name.replace("Gte", "New") for name in written["architectures"]],
        "auto_map": {"AutoModel": "Alibaba-NLP/new-impl--modeling.NewModel"},
        "rope_theta": written["rope_parameters"]["rope_theta"],
        "rope_scaling": scaling,
        "position_embedding_type": "rope",
        "layer_norm_type": "layer_norm",
        "pack_qkv": True,
        "logn_attention_scale": False,
        "logn_attention_clip1": False,
        "unpad_inputs": False,
        "use_memory_efficient_attention": False,
    }
    change_config(folder, changes, removed=("rope_parameters",))
    rewrite_tensors(folder, lambda tensors: {name.replace("gte.", "new."): tensor for name, tensor in tensors.items()})


def publish_separate_gte(folder: Path) -> None:
    """The same with a tensor each for queries, keys and values."""
    publish_gte(folder, {"type": "ntk", "factor": FACTOR, "mixed_b": EXPONENT})

    def separated(tensors: Tensors) -> Tensors:
        result = {}
        for name, tensor in tensors.items():
            parts = zip("qkv", tensor.chunk(3)) if "qkv_proj" in name else []
            result |= {name.replace("qkv_proj", f"{part}_proj"): chunk.clone() for part, chunk in parts}
            if "qkv_proj" not in name:
                result[name] = tensor
        return result

    rewrite_tensors(folder, separated)
    change_config(folder, {"pack_qkv": False})


GTE = bert_sizes(24, 3, 2, 20, 250, 48, pad_token_id=1)
GTE_CHECKPOINTS = [
    Checkpoint(
        "gte-masked",
        GTE | {"max_position_embeddings": 150},
        in_roberta(FILL_MASK_BASICS + EXTRACT_BASICS),
        model_class=GteForMaskedLM,
        tokenizer=partial(xlm_roberta_tokenizer, 250, 150),
        lengths=(1, 2, 66, 150),
    ),
    Checkpoint(
        "gte-masked-published",
        GTE | {"tie_word_embeddings": False, "rope_parameters": {"rope_type": "default", "rope_theta": 500.0}},
        in_roberta(FILL_MASK_BASICS),
        model_class=GteForMaskedLM,
        tokenizer=partial(xlm_roberta_tokenizer, 250, 48),
        lengths=SHORT,
        publish=publish_gte,
    ),
    Checkpoint(
        "gte-encoder-scaled",
        GTE | {"type_vocab_size": 0, "rope_parameters": {"rope_type": "default", "rope_theta": 500.0}},
        [],
        model_class=GteModel,
        lengths=SHORT,
        prepare=scale_frequencies,
        publish=lambda folder: publish_gte(folder, {"type": "ntk", "factor": FACTOR}),
    ),
    Checkpoint(
        "gte-sequence-scaled",
        GTE | ENTAILMENT | {"num_attention_heads": 2},
        [],
        model_class=GteForSequenceClassification,
        lengths=SHORT,
        prepare=scale_frequencies_mixed,
        publish=publish_separate_gte,
    ),
    Checkpoint(
        "gte-sequence",
        GTE | EMOTIONS | {"type_vocab_size": 2, "hidden_act": "silu", "layer_norm_eps": 1e-5},
        CLASSIFY_BASICS,
        model_class=GteForSequenceClassification,
        tokenizer=partial(bert_tokenizer, 250, 48),
        lengths=SHORT,
        publish=publish_gte,
        least_labels=2,
    ),
    Checkpoint(
        "gte-tokens",
        GTE | ENTITIES,
        in_roberta(TAG_BASICS),
        model_class=GteForTokenClassification,
        tokenizer=partial(xlm_roberta_tokenizer, 250, 20),
        rewrite=without_prefix,
        lengths=SHORT,
        least_labels=4,
    ),
]

CHECKPOINTS = MODERNBERT_CHECKPOINTS + NOMIC_CHECKPOINTS + GTE_CHECKPOINTS
