#!/usr/bin/env python3
"""Writes Tests/Fixtures/gguf: blocks of every kind, and tiny decoders in GGUF files with goldens of `transformers`.

Run by hand, with the packages of `requirements-fixtures.txt`:

    scripts/fixtures_gguf.py                   # all
    scripts/fixtures_gguf.py --only llama phi3 # some of the decoders

Tensors are renamed and changed as the converters of llama.cpp do it. What `transformers` itself makes of a file, for
the architectures that it reads, is compared with the model that the file was made of.
"""

import argparse
import json
import shutil
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import gguf
import numpy
import torch
import transformers
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize, quantize
from safetensors.numpy import save_file

from fixtures_base import FIXTURES, JSON, start_afresh, use_reference_settings, write_golden
from fixtures_decoders import GPT2, LLAMA, NEOX, BLOOM, Decoder, measured, rope
from fixtures_weights import randomize

Kind = GGMLQuantizationType
Arrays = dict[str, numpy.ndarray]

# --- Blocks -----------------------------------------------------------------------------------------------------------

# Where blocks have numbers of half precision, which must not be random bits.
HALVES = {
    Kind.Q4_0: [0], Kind.Q4_1: [0, 2], Kind.Q5_0: [0], Kind.Q5_1: [0, 2], Kind.Q8_0: [0], Kind.IQ4_NL: [0],
    Kind.Q2_K: [80, 82], Kind.Q3_K: [108], Kind.Q4_K: [0, 2], Kind.Q5_K: [0, 2], Kind.Q6_K: [208], Kind.MXFP4: [],
}  # fmt: skip
ROWS, BLOCKS_OF_ROW = 2, 3


def random_blocks(kind: Kind, generator: numpy.random.Generator) -> numpy.ndarray:
    """Rows of blocks as bytes."""
    size = gguf.GGML_QUANT_SIZES[kind][1]
    blocks = generator.integers(0, 256, (ROWS * BLOCKS_OF_ROW, size), dtype=numpy.uint8)
    for offset in HALVES[kind]:
        numbers = generator.normal(0, 1, len(blocks)) * 10.0 ** generator.integers(-6, 3, len(blocks))
        blocks[:, offset : offset + 2] = numbers.astype("<f2").view(numpy.uint8).reshape(-1, 2)
    if kind == Kind.MXFP4:
        # Scales of and beside the least powers, and the greatest with which all products are finite.
        blocks[:, 0] = [0, 1, 2, 127, 128, 251]
    return blocks.reshape(ROWS, -1)


def make_blocks(folder: Path) -> None:
    """blocks.gguf, and what it stands for as blocks.safetensors."""
    generator = numpy.random.default_rng(7)
    writer = GGUFWriter(folder / "blocks.gguf", "blocks")
    expected: Arrays = {}
    for kind in HALVES:
        blocks = random_blocks(kind, generator)
        writer.add_tensor(kind.name, blocks, raw_dtype=kind)
        expected[kind.name] = dequantize(blocks, kind)
    for kind, numbers in {
        Kind.F32: numpy.array([[1.5, -2.25, 1e-40]], "<f4"), Kind.F16: numpy.array([[1.5, -2.25, 6e-8]], "<f2"),
        Kind.F64: numpy.array([1.5, -2.25], "<f8"), Kind.I32: numpy.array([7, -8], "<i4"),
    }.items():  # fmt: skip
        writer.add_tensor(kind.name, numbers, raw_dtype=kind)
        expected[kind.name] = numbers
    finish(writer)
    save_file(expected, folder / "blocks.safetensors")


def finish(writer: GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


SUFFIXES = (".weight", ".bias")

# --- What converters do -----------------------------------------------------------------------------------------------


def neighbours(weights: numpy.ndarray, heads: int) -> numpy.ndarray:
    """Rows of heads whose pairs are halves, with those pairs as neighbours."""
    halves = weights.reshape(heads, 2, -1, *weights.shape[1:])
    return halves.swapaxes(1, 2).reshape(weights.shape)


def parts_first(weights: numpy.ndarray, heads: int) -> numpy.ndarray:
    """Rows `[heads, 3, size]` as `[3, heads, size]`."""
    parts = weights.reshape(heads, 3, -1, *weights.shape[1:])
    return parts.swapaxes(0, 1).reshape(weights.shape)


def converted(architecture: str, name: str, weights: numpy.ndarray, config: dict[str, JSON]) -> numpy.ndarray:
    """A tensor of a name of GGUF as converters change it."""
    part = name.removesuffix(".weight").removesuffix(".bias").rsplit(".", 1)[-1]
    heads = config.get("num_attention_heads") or config.get("n_head")
    if architecture in ("llama", "smollm3") and part in ("attn_q", "attn_k"):
        return neighbours(weights, heads if part == "attn_q" else config["num_key_value_heads"])
    if architecture in ("bloom", "gptneox") and part == "attn_qkv":
        return parts_first(weights, heads)
    if architecture.startswith("gemma") and part.endswith("norm"):
        return weights + numpy.float32(1)
    if architecture == "gpt2" and part in ("attn_qkv", "attn_output", "ffn_up", "ffn_down") and weights.ndim == 2:
        return numpy.ascontiguousarray(weights.T)
    return weights


@dataclass(frozen=True)
class File:
    """A decoder, the architecture that its file has, and the keys beside those that all have."""

    decoder: Decoder
    architecture: str
    keys: dict[str, JSON] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)  # of tensors, by a part of their names
    extra: Callable[[dict[str, JSON]], Arrays] | None = None  # tensors of factors
    parts: int = 1
    is_read_by_reference: bool = True


def scalar_keys(config: dict[str, JSON]) -> dict[str, JSON]:
    """Keys that follow from config.json in all architectures."""
    first = lambda *names: next((config[name] for name in names if config.get(name) is not None), None)  # noqa: E731
    width = first("hidden_size", "n_embd")
    keys = {
        "context_length": first("max_position_embeddings", "n_positions", "seq_length") or 2048,
        "embedding_length": width,
        "block_count": first("num_hidden_layers", "n_layer"),
        "feed_forward_length": first("intermediate_size", "n_inner") or 4 * width,
        "attention.head_count": first("num_attention_heads", "n_head"),
        "attention.head_count_kv": config.get("num_key_value_heads"),
        "attention.key_length": config.get("head_dim"),
        "attention.value_length": config.get("head_dim"),
        "attention.layer_norm_rms_epsilon": config.get("rms_norm_eps"),
        "attention.layer_norm_epsilon": first("layer_norm_epsilon", "layer_norm_eps"),
        "rope.freq_base": (config.get("rope_parameters") or {}).get("rope_theta"),
    }
    return {key: value for key, value in keys.items() if value is not None}


def add(writer: GGUFWriter, key: str, value: JSON) -> None:
    adders = {bool: writer.add_bool, int: writer.add_uint32, float: writer.add_float32, str: writer.add_string}
    (writer.add_array if isinstance(value, list) else adders[type(value)])(key, value)


def tensors_of(file: File, model: torch.nn.Module, config: dict[str, JSON]) -> Arrays:
    """The tensors by the names of the file. Weights that are tied are there once."""
    architecture = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == file.architecture)
    names = gguf.get_tensor_name_map(architecture, 8)
    tensors: Arrays = dict(file.extra(config)) if file.extra else {}
    for name, weights in model.state_dict().items():
        if name.startswith("lm_head") and config.get("tie_word_embeddings"):
            continue
        # The converter of BLOOM leaves the first part of names out.
        new = names.get_name(name.removeprefix("transformer.") if file.architecture == "bloom" else name, SUFFIXES)
        if new is None:
            raise ValueError(f"{name} has no name in {file.architecture}")
        tensors[new] = converted(file.architecture, new, weights.numpy().astype("<f4"), config)
    return tensors


def write_file(file: File, model: torch.nn.Module, folder: Path) -> None:
    """The file, and the weights of the model as the file has them."""
    config = model.config.to_dict()
    keys = {f"{file.architecture}.{key}": value for key, value in (scalar_keys(config) | file.keys).items()}
    tensors = tensors_of(file, model, config)
    names = sorted(tensors)
    for part in range(file.parts):
        ending = f"-{part + 1:05}-of-{file.parts:05}" if file.parts > 1 else ""
        writer = GGUFWriter(folder / f"{file.decoder.name}{ending}.gguf", file.architecture)
        if part == 0:
            writer.add_type(gguf.GGUFType.MODEL)
            for key, value in keys.items():
                add(writer, key, value)
            # A vocabulary without text.
            writer.add_tokenizer_model("none")
            writer.add_token_list([f"<{id}>" for id in range(config["vocab_size"])])
            writer.add_eos_token_id(2)
        if file.parts > 1:
            writer.add_uint16("split.no", part)
            writer.add_uint16("split.count", file.parts)
            writer.add_int32("split.tensors.count", len(names))
        for name in names[part :: file.parts]:
            kind = next((kind for piece, kind in file.kinds.items() if piece in name), Kind.F32)
            writer.add_tensor(name, quantize(tensors[name], kind), raw_dtype=kind)
        finish(writer)


def packed(file: File, model: torch.nn.Module) -> None:
    """Gives the model the weights that blocks stand for."""
    config = model.config.to_dict()
    architecture = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == file.architecture)
    names = gguf.get_tensor_name_map(architecture, 8)
    for name, weights in model.state_dict().items():
        new = names.get_name(name, SUFFIXES)
        kind = next((kind for piece, kind in file.kinds.items() if piece in new), Kind.F32)
        if kind == Kind.F32:
            continue
        heads = config["num_attention_heads"] if ".attn_q." in new else config["num_key_value_heads"]
        stored = converted(file.architecture, new, weights.numpy().astype("<f4"), config)
        numbers = dequantize(quantize(stored, kind), kind).reshape(stored.shape)
        if ".attn_q." in new or ".attn_k." in new:
            # From neighbours to halves again.
            numbers = numbers.reshape(heads, -1, 2, numbers.shape[1]).swapaxes(1, 2).reshape(numbers.shape)
        weights.copy_(torch.from_numpy(numpy.ascontiguousarray(numbers)))


def make_file(file: File, folder: Path) -> None:
    seed = zlib.crc32(file.decoder.name.encode())
    start_afresh(folder)
    with tempfile.TemporaryDirectory() as work:
        model = file.decoder.model_class(file.decoder.model_class.config_class(**file.decoder.config))
        randomize(model, seed)
        if file.kinds:
            packed(file, model)
        model.save_pretrained(work)
        load = file.decoder.model_class.from_pretrained
        model = load(work, dtype=torch.float32, attn_implementation="eager").eval()
    write_file(file, model, folder)
    generator = torch.Generator().manual_seed(seed)
    golden = [measured(model, length, generator) for length in file.decoder.lengths]
    write_golden(folder, golden)
    if file.is_read_by_reference:
        own = load(folder, gguf_file=f"{file.decoder.name}.gguf", dtype=torch.float32, attn_implementation="eager")
        for case in golden:
            with torch.no_grad():
                logits = own(input_ids=torch.tensor([case["input_ids"]])).logits[0, case["rows"]]
            difference = (logits - torch.tensor(case["logits"])).abs().max().item()
            assert difference < 1e-4, f"{file.decoder.name}: transformers is {difference} off"


# --- Files ------------------------------------------------------------------------------------------------------------

SHORT = (1, 2, 40)
SIZES = LLAMA | {"vocab_size": 41, "max_position_embeddings": 96}
WIDE = SIZES | {"num_attention_heads": 2, "num_key_value_heads": 1}
GEMMA = SIZES | {"head_dim": 8, "num_attention_heads": 4, "num_key_value_heads": 2}
BLOCKS = SIZES | {
    "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 32,
}  # fmt: skip


def llama3_factors(config: dict[str, JSON]) -> Arrays:
    """As `LlamaModel.generate_extra_tensors` of the converter."""
    parameters = config["rope_parameters"]
    size = config["head_dim"]
    frequencies = 1.0 / (parameters["rope_theta"] ** (numpy.arange(0, size, 2, dtype=numpy.float32) / size))
    low, high = parameters["low_freq_factor"], parameters["high_freq_factor"]
    old = parameters["original_max_position_embeddings"]
    factors = []
    for frequency in frequencies:
        wavelength = 2 * numpy.pi / frequency
        if wavelength < old / high:
            factors.append(1.0)
        elif wavelength > old / low:
            factors.append(parameters["factor"])
        else:
            smooth = (old / wavelength - low) / (high - low)
            factors.append(1 / ((1 - smooth) / parameters["factor"] + smooth))
    return {"rope_freqs.weight": numpy.array(factors, "<f4")}


def phi3_factors(config: dict[str, JSON]) -> Arrays:
    parameters = config["rope_parameters"]
    return {
        f"rope_factors_{name}.weight": numpy.array(parameters[f"{name}_factor"], "<f4") for name in ("long", "short")
    }


FILES = [
    File(Decoder("llama", "LlamaForCausalLM", SIZES, SHORT), "llama", {"rope.dimension_count": 4}),
    File(
        Decoder("llama-split", "LlamaForCausalLM", SIZES | {"attention_bias": True, "mlp_bias": True}, SHORT), "llama",
        parts=3, is_read_by_reference=False,
    ),
    File(
        Decoder("llama-packed", "LlamaForCausalLM", BLOCKS | {"tie_word_embeddings": True}, SHORT), "llama",
        kinds={
            "token_embd": Kind.Q8_0, "attn_q.": Kind.Q4_0, "attn_k.": Kind.Q4_1, "attn_v": Kind.Q5_0,
            "attn_output": Kind.Q5_1, "ffn_gate": Kind.Q8_0, "ffn_up": Kind.Q4_1, "ffn_down": Kind.Q4_0,
        },
    ),
    File(
        Decoder("llama-linear", "LlamaForCausalLM", WIDE | rope("linear", factor=3.0), SHORT), "llama",
        {"rope.scaling.type": "linear", "rope.scaling.factor": 3.0}, is_read_by_reference=False,
    ),
    File(
        Decoder(
            "llama-factors", "LlamaForCausalLM",
            WIDE | rope("llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=40),
            SHORT,
        ),
        "llama", extra=llama3_factors, is_read_by_reference=False,
    ),
    File(
        Decoder("llama-yarn", "LlamaForCausalLM", WIDE | rope("yarn", factor=4.0, original_max_position_embeddings=24), SHORT),
        "llama",
        {"rope.scaling.type": "yarn", "rope.scaling.factor": 4.0, "rope.scaling.original_context_length": 24},
        is_read_by_reference=False,
    ),
    File(Decoder("qwen2", "Qwen2ForCausalLM", SIZES | {"tie_word_embeddings": True}, SHORT), "qwen2"),
    File(Decoder("qwen3", "Qwen3ForCausalLM", SIZES | {"head_dim": 16}, SHORT), "qwen3", is_read_by_reference=False),
    File(
        Decoder("smollm3", "SmolLM3ForCausalLM", SIZES | {"num_hidden_layers": 4}, SHORT), "smollm3",
        is_read_by_reference=False,
    ),
    File(Decoder("gemma", "GemmaForCausalLM", GEMMA, SHORT), "gemma", is_read_by_reference=False),
    File(
        Decoder(
            "gemma2", "Gemma2ForCausalLM",
            GEMMA | {
                "query_pre_attn_scalar": 8, "sliding_window": 11, "attn_logit_softcapping": 2.0,
                "final_logit_softcapping": 3.0,
            },
            SHORT,
        ),
        "gemma2",
        {"attention.sliding_window": 11, "attn_logit_softcapping": 2.0, "final_logit_softcapping": 3.0},
        is_read_by_reference=False,
    ),
    File(
        Decoder(
            "gemma3", "Gemma3ForCausalLM",
            GEMMA | {
                "query_pre_attn_scalar": 8, "sliding_window": 11, "num_hidden_layers": 3,
                "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
                "rope_parameters": {
                    "full_attention": {"rope_type": "linear", "rope_theta": 7000.0, "factor": 4.0},
                    "sliding_attention": {"rope_type": "default", "rope_theta": 300.0},
                },
            },
            SHORT,
        ),
        "gemma3",
        {
            "attention.sliding_window": 11, "attention.sliding_window_pattern": [True, False, True],
            "rope.freq_base": 7000.0, "rope.freq_base_swa": 300.0, "rope.scaling.type": "linear",
            "rope.scaling.factor": 4.0,
        },
        is_read_by_reference=False,
    ),
    File(
        Decoder("phi3", "Phi3ForCausalLM", SIZES | {"num_attention_heads": 4, "sliding_window": 17}, SHORT), "phi3",
        {"attention.sliding_window": 17, "rope.dimension_count": 6}, is_read_by_reference=False,
    ),
    File(
        Decoder(
            "phi3-long", "Phi3ForCausalLM",
            WIDE
            | rope(
                "longrope", partial_rotary_factor=0.5, short_factor=[1.0, 1.3, 1.7], long_factor=[2.0, 4.5, 9.0],
                original_max_position_embeddings=24,
            )
            | {"original_max_position_embeddings": 24},
            (2, 24, 40),
        ),
        "phi3",
        {
            "attention.sliding_window": 0, "rope.dimension_count": 6, "rope.scaling.type": "longrope",
            "rope.scaling.original_context_length": 24,
            "rope.scaling.attn_factor": float((1 + numpy.log(4) / numpy.log(24)) ** 0.5),
        },
        extra=phi3_factors, is_read_by_reference=False,
    ),
    File(Decoder("gpt2", "GPT2LMHeadModel", GPT2 | {"n_inner": 39, "n_positions": 64}, SHORT), "gpt2", is_read_by_reference=False),
    File(Decoder("bloom", "BloomForCausalLM", BLOOM, SHORT), "bloom"),
    File(
        Decoder("gptneox", "GPTNeoXForCausalLM", NEOX, SHORT), "gptneox",
        {"rope.dimension_count": 4, "use_parallel_residual": True}, is_read_by_reference=False,
    ),
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="make only these decoders")
    arguments = parser.parse_args()
    use_reference_settings()
    folder = FIXTURES / "gguf"
    folder.mkdir(exist_ok=True)
    if not arguments.only:
        make_blocks(folder)
    for file in FILES:
        if arguments.only and file.decoder.name not in arguments.only:
            continue
        print(file.decoder.name)
        make_file(file, folder / file.decoder.name)


if __name__ == "__main__":
    main()
