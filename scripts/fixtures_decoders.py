"""Tiny checkpoints of decoders, and the logits that `transformers` has for sequences of random tokens."""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy
import torch
import transformers
from transformers import PreTrainedConfig, PreTrainedModel

from fixtures_base import JSON, start_afresh, write_golden, write_json
from fixtures_weights import Tensors, randomize, rewrite_tensors


@dataclass(frozen=True)
class Decoder:
    """A tiny decoder: its class, its configuration, and how many tokens the recorded sequences have."""

    name: str
    model: str  # the class of the model
    config: dict[str, JSON]
    lengths: tuple[int, ...] = (1, 2, 67, 130)
    publish: Callable[[Path], None] | None = None  # makes the files, at last, look like those on the Hub

    @property
    def model_class(self) -> type[PreTrainedModel]:
        return getattr(transformers, self.model)


# --- Goldens ----------------------------------------------------------------------------------------------------------


def numbers(values: torch.Tensor) -> JSON:
    """Floats as the shortest texts that stand for them."""
    return [[float(str(number)) for number in row] for row in values.numpy().astype(numpy.float32)]


def measured(model: PreTrainedModel, length: int, generator: torch.Generator) -> JSON:
    """Of a sequence of random tokens: the last hidden state, and the logits of some rows or those of a classifier, or,
    of a model without a head, the hidden states of those rows."""
    ids = torch.randint(0, model.config.vocab_size, (1, length), generator=generator)
    # Borders of pages and of ranges of pages are among the rows.
    rows = sorted({0, 1, length // 2, 63, 64, 1023, 1024, length - 1} & set(range(length)))
    with torch.no_grad():
        hidden = model.base_model(input_ids=ids).last_hidden_state
        logits = getattr(model(input_ids=ids), "logits", None)
    entry = {"input_ids": ids[0].tolist(), "hidden": numbers(hidden[0, -1:])}
    if logits is None:
        return entry | {"rows": rows, "states": numbers(hidden[0, rows])}
    if model.__class__.__name__.endswith("SequenceClassification"):
        return entry | {"sequence": numbers(logits)}
    return entry | {"rows": rows, "logits": numbers(logits[0, rows])}


def make_decoder(decoder: Decoder, folder: Path) -> None:
    seed = zlib.crc32(decoder.name.encode())
    start_afresh(folder)
    config: PreTrainedConfig = decoder.model_class.config_class(**decoder.config)
    model = decoder.model_class(config)
    randomize(model, seed)
    model.save_pretrained(folder)
    model = decoder.model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    generator = torch.Generator().manual_seed(seed)
    write_golden(folder, [measured(model, length, generator) for length in decoder.lengths])
    (folder / "generation_config.json").unlink(missing_ok=True)
    if decoder.publish:
        decoder.publish(folder)


# --- What files on the Hub look like ----------------------------------------------------------------------------------


def change_config(folder: Path, changes: dict[str, JSON], removed: tuple[str, ...] = ()) -> None:
    path = folder / "config.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    write_json(path, {key: value for key, value in written.items() if key not in removed} | changes)


def rename(folder: Path, old: str, new: str) -> None:
    def renamed(tensors: Tensors) -> Tensors:
        return {(new + name[len(old) :] if name.startswith(old) else name): each for name, each in tensors.items()}

    rewrite_tensors(folder, renamed)


def publish_gpt2(folder: Path) -> None:
    """The published gpt2 has no name before its tensors, and the masks of attention among them."""
    rename(folder, "transformer.", "")
    rewrite_tensors(folder, lambda tensors: tensors | {"h.0.attn.bias": torch.ones(1, 1, 4, 4)})


def publish_neox(folder: Path) -> None:
    """Pythia's files have the names of version 4."""
    rename(folder, "lm_head.", "embed_out.")
    change_config(folder, {"rotary_pct": 0.25, "rotary_emb_base": 10000}, removed=("rope_parameters",))


def publish_old_rope(folder: Path) -> None:
    """`rope_theta` and `rope_scaling` of version 4 in place of `rope_parameters`."""
    parameters = json.loads((folder / "config.json").read_text(encoding="utf-8"))["rope_parameters"]
    theta = parameters.pop("rope_theta")
    parameters["type"] = parameters.pop("rope_type")
    change_config(folder, {"rope_theta": theta, "rope_scaling": parameters}, removed=("rope_parameters",))


def publish_gemma3(folder: Path) -> None:
    """The two angles of version 4, and the pattern in place of the types of layers."""
    changes = {
        "rope_theta": 7000.0,
        "rope_local_base_freq": 300.0,
        "rope_scaling": {"rope_type": "linear", "factor": 4.0},
        "sliding_window_pattern": 2,
    }
    change_config(folder, changes, removed=("rope_parameters", "layer_types"))


# --- Checkpoints ------------------------------------------------------------------------------------------------------

LABELS = {"num_labels": 3}
LLAMA = {
    "vocab_size": 67,
    "hidden_size": 24,
    "intermediate_size": 34,
    "num_hidden_layers": 2,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "max_position_embeddings": 160,
    "pad_token_id": None,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
WIDE = LLAMA | {"num_attention_heads": 2, "num_key_value_heads": 1}


def rope(kind: str, **parameters: JSON) -> dict[str, JSON]:
    return {"rope_parameters": {"rope_type": kind, "rope_theta": 500.0} | parameters}


GPT2 = {"vocab_size": 67, "n_embd": 25, "n_head": 5, "n_layer": 2, "n_positions": 140, "bos_token_id": 1}
BLOOM = {"vocab_size": 67, "hidden_size": 30, "n_head": 5, "n_layer": 2, "bos_token_id": 1}
NEOX = {
    "vocab_size": 67,
    "hidden_size": 32,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "intermediate_size": 41,
    "max_position_embeddings": 160,
}
OPT = {
    "vocab_size": 67,
    "hidden_size": 24,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "ffn_dim": 37,
    "max_position_embeddings": 140,
}
GEMMA = LLAMA | {"head_dim": 8, "num_attention_heads": 4}
WINDOWS = {"layer_types": ["sliding_attention", "full_attention"], "sliding_window": 21}

# Embedding models, whose tokens see those behind them.
BIDIRECTIONAL = [
    Decoder(
        "gemma3-bidirectional",
        "Gemma3TextModel",
        GEMMA | WINDOWS | {"use_bidirectional_attention": True, "query_pre_attn_scalar": 8},
    ),
    # Both settings together see one token more.
    Decoder(
        "gemma3-bidirectional-sequence",
        "Gemma3TextForSequenceClassification",
        GEMMA
        | WINDOWS
        | LABELS
        | {"use_bidirectional_attention": True, "is_causal": False, "query_pre_attn_scalar": 8, "pad_token_id": 66},
    ),
    Decoder(
        "qwen2-bidirectional",
        "Qwen2Model",
        LLAMA | {"is_causal": False, "max_position_embeddings": 1200},
        lengths=(1, 2, 67, 130, 1200),
    ),
    Decoder(
        "qwen3-bidirectional-sequence",
        "Qwen3ForSequenceClassification",
        LLAMA | LABELS | {"is_causal": False, "head_dim": 16, "pad_token_id": 66},
    ),
    Decoder(
        "mistral-bidirectional",
        "MistralModel",
        LLAMA | {"is_causal": False, "sliding_window": 450, "max_position_embeddings": 1200, "num_hidden_layers": 1},
        lengths=(1, 1100),
    ),
]

DECODERS = [
    Decoder("gpt2", "GPT2LMHeadModel", GPT2 | {"n_inner": 39}, publish=publish_gpt2),
    Decoder(
        "gpt2-sequence",
        "GPT2ForSequenceClassification",
        GPT2 | LABELS | {"scale_attn_by_inverse_layer_idx": True, "pad_token_id": 66, "n_embd": 24, "n_head": 3},
    ),
    Decoder("bloom", "BloomForCausalLM", BLOOM, lengths=(1, 2, 67, 130, 1100)),
    Decoder("bloom-sequence", "BloomForSequenceClassification", BLOOM | LABELS | {"pad_token_id": 3, "n_head": 6}),
    Decoder("gpt-neox", "GPTNeoXForCausalLM", NEOX, publish=publish_neox),
    Decoder(
        "gpt-neox-sequential",
        "GPTNeoXForCausalLM",
        NEOX
        | rope("default", partial_rotary_factor=0.5)
        | {"use_parallel_residual": False, "attention_bias": False, "tie_word_embeddings": True, "hidden_act": "relu"},
    ),
    Decoder("opt", "OPTForCausalLM", OPT),
    Decoder(
        "opt-norms-behind",
        "OPTForCausalLM",
        OPT | {"do_layer_norm_before": False, "word_embed_proj_dim": 10, "layer_norm_elementwise_affine": False},
    ),
    Decoder(
        "llama",
        "LlamaForCausalLM",
        LLAMA | {"max_position_embeddings": 1200},
        lengths=(1, 2, 67, 130, 1100),
    ),
    Decoder(
        "llama-biased",
        "LlamaForCausalLM",
        LLAMA | {"head_dim": 10, "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True, "hidden_act": "gelu"},
        publish=publish_old_rope,
    ),
    Decoder("llama-sequence", "LlamaForSequenceClassification", LLAMA | LABELS | {"pad_token_id": 66}),
    Decoder("llama-linear", "LlamaForCausalLM", WIDE | rope("linear", factor=3.0), lengths=(2, 130)),
    Decoder(
        "llama-dynamic",
        "LlamaForCausalLM",
        WIDE | rope("dynamic", factor=4.0) | {"max_position_embeddings": 48},
        lengths=(2, 48, 49, 130),
        publish=publish_old_rope,
    ),
    Decoder(
        "llama-llama3",
        "LlamaForCausalLM",
        WIDE
        | rope("llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=40),
        lengths=(2, 130),
    ),
    Decoder(
        "llama-yarn",
        "LlamaForCausalLM",
        WIDE | rope("yarn", factor=4.0, original_max_position_embeddings=40),
        lengths=(2, 130),
    ),
    Decoder(
        "llama-yarn-tuned",
        "LlamaForCausalLM",
        WIDE
        | rope(
            "yarn",
            factor=4.0,
            original_max_position_embeddings=40,
            beta_fast=8.0,
            beta_slow=2.0,
            mscale=1.2,
            mscale_all_dim=0.7,
            truncate=False,
        ),
        lengths=(2, 130),
    ),
    Decoder("mistral", "MistralForCausalLM", LLAMA | {"sliding_window": 9}),
    Decoder(
        "mistral-wide-window",
        "MistralForCausalLM",
        LLAMA | {"sliding_window": 900, "max_position_embeddings": 1200, "num_hidden_layers": 1},
        lengths=(1100,),
    ),
    Decoder(
        "qwen2",
        "Qwen2ForCausalLM",
        LLAMA | {"use_sliding_window": True, "sliding_window": 33, "max_window_layers": 1, "tie_word_embeddings": True},
    ),
    Decoder("qwen3", "Qwen3ForCausalLM", LLAMA | {"head_dim": 16}),
    Decoder(
        "smollm3",
        "SmolLM3ForCausalLM",
        LLAMA | {"num_hidden_layers": 3, "no_rope_layer_interval": 2, "use_sliding_window": True, "sliding_window": 12},
    ),
    Decoder("gemma", "GemmaForCausalLM", GEMMA | {"hidden_act": "gelu"}),
    Decoder(
        "gemma2",
        "Gemma2ForCausalLM",
        GEMMA | WINDOWS | {"query_pre_attn_scalar": 5, "attn_logit_softcapping": 2.0, "final_logit_softcapping": 3.0},
    ),
    Decoder(
        "gemma3",
        "Gemma3ForCausalLM",
        GEMMA
        | WINDOWS
        | {
            "query_pre_attn_scalar": 11,
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "rope_theta": 7000.0, "factor": 4.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 300.0},
            },
        },
        publish=publish_gemma3,
    ),
    *BIDIRECTIONAL,
    Decoder("phi3", "Phi3ForCausalLM", LLAMA | {"sliding_window": 40, "num_attention_heads": 4}),
    Decoder(
        "phi3-longrope",
        "Phi3ForCausalLM",
        WIDE
        | rope(
            "longrope",
            partial_rotary_factor=0.5,
            short_factor=[1.0, 1.3, 1.7],
            long_factor=[2.0, 4.5, 9.0],
        )
        | {"original_max_position_embeddings": 40},
        lengths=(2, 40, 41, 130),
    ),
]
