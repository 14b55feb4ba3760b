"""Small random checkpoints of decoders: of each family, with each kind of angles, and with settings of generation."""

import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
import transformers
from transformers import PreTrainedTokenizerBase

from fixtures_base import JSON, write_json
from fixtures_checkpoints import Checkpoint
from fixtures_tokenizers import byte_fallback_tokenizer, byte_level_tokenizer, qwen2_tokenizer

# The class of each family without its head, and the one that generates.
DECODERS = {
    "gpt2": ("GPT2Model", "GPT2LMHeadModel"),
    "bloom": ("BloomModel", "BloomForCausalLM"),
    "gpt_neox": ("GPTNeoXModel", "GPTNeoXForCausalLM"),
    "opt": ("OPTModel", "OPTForCausalLM"),
    "llama": ("LlamaModel", "LlamaForCausalLM"),
    "mistral": ("MistralModel", "MistralForCausalLM"),
    "smollm3": ("SmolLM3Model", "SmolLM3ForCausalLM"),
    "qwen2": ("Qwen2Model", "Qwen2ForCausalLM"),
    "qwen3": ("Qwen3Model", "Qwen3ForCausalLM"),
    "gemma": ("GemmaModel", "GemmaForCausalLM"),
    "gemma2": ("Gemma2Model", "Gemma2ForCausalLM"),
    "gemma3": ("Gemma3TextModel", "Gemma3ForCausalLM"),
    "phi3": ("Phi3Model", "Phi3ForCausalLM"),
}
CLASSIFIERS = {
    "sequence": "ForSequenceClassification",
    "tokens": "ForTokenClassification",
    "spans": "ForQuestionAnswering",
}
SPECIALS = ("<unk>", "<s>", "</s>", "<pad>")
ROPE_TYPES = ("default", "linear", "dynamic", "llama3", "yarn", "longrope")
ACTIVATIONS = ["gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "quick_gelu", "relu", "silu", "tanh"]


def class_name(family: str, head: str) -> str | None:
    """The name of the class of a family with a head: `hidden`, `generation`, or one of `CLASSIFIERS`; or none."""
    base, generating = DECODERS[family]
    classes = {"hidden": base, "generation": generating}
    return classes.get(head, base.removesuffix("Model") + CLASSIFIERS[head] if head in CLASSIFIERS else None)


def has_decoder_head(family: str, head: str) -> bool:
    """Whether transformers has a class of a family of `DECODERS` with a head."""
    name = class_name(family, head)
    return name is not None and hasattr(transformers, name)


def random_decoder(name: str, family: str, head: str, labels: JSON, chooser: random.Random) -> Checkpoint:
    """A small checkpoint of a family of `DECODERS`; `labels` are what the configuration says of a classifier."""
    positions = chooser.choice([48, 130, 300, 300, 600])
    entries, tokenizer = random_tokenizer(family, positions, chooser)
    config = {
        "vocab_size": entries + chooser.choice([0, 0, 1, 20]),
        "tie_word_embeddings": chooser.random() < 0.5,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 3,
    }
    make = {"gpt2": gpt2, "bloom": bloom, "gpt_neox": gpt_neox, "opt": opt}.get(family, partial(gated, family))
    config |= make(positions, chooser)
    return Checkpoint(
        name,
        config | labels,
        cases=[],
        model_class=getattr(transformers, class_name(family, head) or ""),
        tokenizer=tokenizer,
        dtype=chooser.choice([torch.float32, torch.float32, torch.float16, torch.bfloat16]),
        max_shard_size=chooser.choice(["1GB", "1GB", "30KB"]),
    )


def random_tokenizer(
    family: str, positions: int, chooser: random.Random
) -> tuple[int, Callable[[], PreTrainedTokenizerBase]]:
    """The number of entries of a tokenizer, and what makes it."""
    merges, starts = chooser.randint(0, 150), chooser.random() < 0.5
    if family == "qwen2":
        return len(SPECIALS) + 256 + merges, partial(qwen2_tokenizer, positions, SPECIALS, merges)
    if chooser.random() < 0.6:
        return len(SPECIALS) + 256 + merges, partial(byte_level_tokenizer, positions, SPECIALS, merges, starts=starts)
    tokenizer = byte_fallback_tokenizer(positions, SPECIALS, merges, starts)
    return len(tokenizer), lambda: tokenizer


# --- Families ---------------------------------------------------------------------------------------------------------


def even_heads(chooser: random.Random) -> tuple[int, int]:
    """The size of hidden states, and the heads that share it."""
    heads = chooser.choice([1, 2, 3, 4, 5, 6])
    return heads * chooser.choice([4, 8, 10, 16, 32]), heads


def gpt2(positions: int, chooser: random.Random) -> dict[str, JSON]:
    hidden, heads = even_heads(chooser)
    return {
        "n_embd": hidden,
        "n_head": heads,
        "n_layer": chooser.randint(1, 4),
        "n_positions": positions,
        "n_inner": chooser.choice([None, 33, 100]),
        "activation_function": chooser.choice(ACTIVATIONS),
        "layer_norm_epsilon": chooser.choice([1e-5, 1e-12]),
        "scale_attn_weights": chooser.random() < 0.8,
        "scale_attn_by_inverse_layer_idx": chooser.random() < 0.3,
    }


def bloom(positions: int, chooser: random.Random) -> dict[str, JSON]:
    hidden, heads = even_heads(chooser)
    return {
        "hidden_size": hidden,
        "n_head": heads,
        "n_layer": chooser.randint(1, 4),
        "seq_length": positions,
        "layer_norm_epsilon": chooser.choice([1e-5, 1e-12]),
    }


def gpt_neox(positions: int, chooser: random.Random) -> dict[str, JSON]:
    heads = chooser.choice([1, 2, 3, 5])
    size = chooser.choice([8, 16, 32])
    return {
        "hidden_size": heads * size,
        "num_attention_heads": heads,
        "num_hidden_layers": chooser.randint(1, 4),
        "intermediate_size": chooser.choice([33, 64, 100]),
        "max_position_embeddings": positions,
        "hidden_act": chooser.choice(ACTIVATIONS),
        "layer_norm_eps": chooser.choice([1e-5, 1e-12]),
        "use_parallel_residual": chooser.random() < 0.6,
        "attention_bias": chooser.random() < 0.7,
    } | random_angles(size, positions, chooser, share=chooser.choice([0.25, 0.5, 1.0] if size > 8 else [0.5, 1.0]))


def opt(positions: int, chooser: random.Random) -> dict[str, JSON]:
    hidden, heads = even_heads(chooser)
    return {
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_hidden_layers": chooser.randint(1, 4),
        "ffn_dim": chooser.choice([33, 64, 100]),
        "max_position_embeddings": positions,
        "activation_function": chooser.choice(ACTIVATIONS),
        "do_layer_norm_before": chooser.random() < 0.7,
        "word_embed_proj_dim": chooser.choice([hidden, hidden, 10]),
        "layer_norm_elementwise_affine": chooser.random() < 0.8,
        "enable_bias": chooser.random() < 0.8,
    }


def gated(family: str, positions: int, chooser: random.Random) -> dict[str, JSON]:
    """Llama and its relatives."""
    key_heads = chooser.choice([1, 1, 2, 3])
    heads = key_heads * chooser.choice([1, 2, 3, 4])
    size = chooser.choice([4, 8, 10, 16, 32])
    own_size = family in ("qwen3", "gemma", "gemma2", "gemma3") or (
        family in ("llama", "mistral", "qwen2", "smollm3") and chooser.random() < 0.4
    )
    hidden = heads * (chooser.choice([3, 5, 8, 12]) if own_size else size)
    activation = "hidden_activation" if family in ("gemma2", "gemma3") else "hidden_act"
    config = {
        "hidden_size": hidden,
        "intermediate_size": chooser.choice([16, 33, 64, 100]),
        "num_hidden_layers": chooser.randint(1, 4),
        "num_attention_heads": heads,
        "num_key_value_heads": key_heads,
        "max_position_embeddings": positions,
        "rms_norm_eps": chooser.choice([1e-6, 1e-5]),
        activation: chooser.choice(["silu", *ACTIVATIONS]),
    }
    if own_size:
        config["head_dim"] = size
    window = chooser.choice([2, 5, 21, 64, 100])
    types = [chooser.choice(["sliding_attention", "full_attention"]) for _ in range(config["num_hidden_layers"])]
    windows = {"sliding_window": window, "layer_types": types}
    first = chooser.randint(0, config["num_hidden_layers"])
    in_some_layers = chooser.choice([{}, windows, {"sliding_window": window, "max_window_layers": first}])
    in_some_layers |= {"use_sliding_window": bool(in_some_layers)}
    biases = {"attention_bias": chooser.random() < 0.5}
    capped = {"final_logit_softcapping": chooser.choice([None, 2.0, 30.0])}
    scaled = {"query_pre_attn_scalar": chooser.choice([5, 11, 256])}
    own = {
        "llama": biases | {"mlp_bias": chooser.random() < 0.4},
        "mistral": {"sliding_window": chooser.choice([None, window])},
        "smollm3": biases
        | {"no_rope_layer_interval": chooser.choice([2, 3, 4]), "mlp_bias": chooser.random() < 0.4}
        | chooser.choice([{}, {"use_sliding_window": True, "sliding_window": window}]),
        "qwen2": in_some_layers,
        "qwen3": biases | in_some_layers,
        "gemma": biases,
        "gemma2": biases | windows | scaled | capped | {"attn_logit_softcapping": chooser.choice([None, 2.0, 50.0])},
        "gemma3": biases | windows | scaled | capped,
        "phi3": {"sliding_window": chooser.choice([None, window])},
    }[family]
    if family == "gemma3":
        kinds = ("full_attention", "sliding_attention")
        angles = {kind: random_angles(size, positions, chooser)["rope_parameters"] for kind in kinds}
        for parameters in angles.values():
            parameters.pop("truncate", None)  # not heeded in the angles of a type of layers
        return config | own | {"rope_parameters": angles}
    if family == "phi3":
        share = chooser.choice([0.5, 1.0] if size % 4 == 0 else [1.0])
        angles = random_angles(size, positions, chooser, share, ("default", "longrope"))
        trained = angles["rope_parameters"].get("original_max_position_embeddings", positions)
        return config | own | angles | {"original_max_position_embeddings": trained}
    return config | own | random_angles(size, positions, chooser)


def random_angles(
    size: int, positions: int, chooser: random.Random, share: float | None = None,
    types: tuple[str, ...] = ROPE_TYPES,
) -> dict[str, JSON]:
    """How far positions turn queries and keys, of which a share of the numbers is turned; without one all are."""
    trained = positions // chooser.choice([2, 4, 8])
    pairs = int(size * (share or 1)) // 2
    if pairs == 1:  # The reference divides by zero.
        types = tuple(kind for kind in types if kind != "dynamic")
    tuned = {"beta_fast": 8.0, "beta_slow": 2.0, "mscale": 1.2, "mscale_all_dim": 0.7, "truncate": False}
    some = {key: value for key, value in tuned.items() if chooser.random() < 0.3}
    factors = {
        name: [round(chooser.uniform(1, most), 3) for _ in range(pairs)]
        for name, most in [("short_factor", 2), ("long_factor", 9)]
    }
    kinds = [
        {"rope_type": "default"},
        {"rope_type": "linear", "factor": chooser.choice([2.5, 4.0])},
        {"rope_type": "dynamic", "factor": chooser.choice([2.0, 3.0])},
        {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
        | {"original_max_position_embeddings": trained},
        {"rope_type": "yarn", "factor": chooser.choice([2.0, 4.0, 32.0]), "original_max_position_embeddings": trained}
        | some,
        {"rope_type": "longrope", "original_max_position_embeddings": trained} | factors,
    ]
    angles = chooser.choice([kind for kind in kinds if kind["rope_type"] in types])
    angles |= {"rope_theta": chooser.choice([50.0, 500.0, 10_000.0])}
    if share is not None:
        angles["partial_rotary_factor"] = share
    return {"rope_parameters": angles}


# --- Settings of generation -------------------------------------------------------------------------------------------


def save_generation_config(folder: Path, settings: dict[str, JSON] | None) -> None:
    """Replaces generation_config.json by some settings, or takes it away."""
    path = folder / "generation_config.json"
    path.unlink(missing_ok=True)
    if settings is not None:
        write_json(path, settings)


def config_of(folder: Path) -> dict[str, JSON]:
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))
