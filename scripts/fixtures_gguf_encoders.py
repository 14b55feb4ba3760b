#!/usr/bin/env python3
"""Writes Tests/Fixtures/gguf-encoders: checkpoints of the other fixtures in GGUF files, whose goldens they have.

Run by hand, with the packages of `requirements-fixtures.txt`, behind `make_fixtures.py`:

    scripts/fixtures_gguf_encoders.py

Tensors and vocabularies are renamed as the converters of llama.cpp do it.
"""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path

import gguf
from gguf import GGUFWriter, PoolingType, TokenType
from safetensors.numpy import load_file

from fixtures_base import FIXTURES, JSON
from fixtures_gguf import SUFFIXES, add, finish

SPECIALS = {  # names of converters by the roles of tokens
    "bos_token": "bos", "eos_token": "eos", "unk_token": "unknown", "sep_token": "seperator", "pad_token": "padding",
    "cls_token": "cls", "mask_token": "mask",
}  # fmt: skip
LEFT_OUT = ("pooler.", "cls.predictions.", "lm_head.")


@dataclass(frozen=True)
class EncoderFile:
    """A checkpoint of the fixtures, its architecture, and what the file says beside it."""

    checkpoint: str
    architecture: str
    tokenizer: str  # `tokenizer.ggml.model`
    pooling: PoolingType | None = None
    keys: dict[str, JSON] = field(default_factory=dict)


def word(token: str) -> str:
    """A token of WordPiece: what begins a word is marked, and not what continues it."""
    return token[2:] if token.startswith("##") else "\u2581" + token


def add_vocabulary(writer: GGUFWriter, kind: str, folder: Path) -> None:
    file = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    model = file["model"]
    vocabulary = model["vocab"]
    pieces = [entry[0] for entry in vocabulary] if kind == "t5" else sorted(vocabulary, key=vocabulary.get)
    special = {token["id"]: token["content"] for token in file["added_tokens"] if token["special"]}
    writer.add_tokenizer_model(kind)
    writer.add_token_list(
        [piece if kind != "bert" or index in special else word(piece) for index, piece in enumerate(pieces)]
    )
    writer.add_token_types([TokenType.CONTROL if index in special else TokenType.NORMAL for index in range(len(pieces))])
    if kind == "t5":
        writer.add_token_scores([score for _, score in vocabulary])
        writer.add_add_space_prefix(True)
        normalizer = file["normalizer"]
        for stage in normalizer.get("normalizers", [normalizer]):
            if stage["type"] == "Precompiled":
                writer.add_precompiled_charsmap(base64.b64decode(stage["precompiled_charsmap"]))
    if kind == "gpt2":
        writer.add_token_merges([" ".join(merge) for merge in model["merges"]])
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    for role, name in SPECIALS.items():
        token = settings.get(role)
        content = token["content"] if isinstance(token, dict) else token
        if content in pieces:
            writer.add_uint32(f"tokenizer.ggml.{name}_token_id", pieces.index(content))


def add_sizes(writer: GGUFWriter, file: EncoderFile, config: dict[str, JSON]) -> None:
    # Positions that stand behind that of the padding token begin with 0.
    offset = config["pad_token_id"] + 1 if "roberta" in config["model_type"] else 0
    sizes = {
        "context_length": config["max_position_embeddings"] - offset, "embedding_length": config["hidden_size"],
        "block_count": config["num_hidden_layers"], "feed_forward_length": config["intermediate_size"],
        "attention.head_count": config["num_attention_heads"],
        "attention.head_count_kv": config.get("num_key_value_heads"), "attention.key_length": config.get("head_dim"),
        "attention.layer_norm_epsilon": config.get("layer_norm_eps"),
        "attention.layer_norm_rms_epsilon": config.get("rms_norm_eps"),
        "rope.freq_base": (config.get("rope_parameters") or {}).get("rope_theta"),
        "attention.causal": "rms_norm_eps" in config, "pooling_type": file.pooling and int(file.pooling),
    }  # fmt: skip
    if file.architecture == "nomic-bert":
        del sizes["attention.key_length"]
    for key, value in (sizes | file.keys).items():
        if value is not None:
            add(writer, key if "tokenizer" in key else f"{file.architecture}.{key}", value)


def add_tensors(writer: GGUFWriter, file: EncoderFile, folder: Path, config: dict[str, JSON]) -> None:
    architecture = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == file.architecture)
    names = gguf.get_tensor_name_map(architecture, config["num_hidden_layers"])
    for name, weights in load_file(folder / "model.safetensors").items():
        for prefix in ("bert.", "roberta.", "nomic_bert."):
            name = name.removeprefix(prefix)
        if name.startswith(LEFT_OUT):
            continue
        if name == "embeddings.position_embeddings.weight" and "roberta" in config["model_type"]:
            weights = weights[config["pad_token_id"] + 1 :]
        new = names.get_name(name, SUFFIXES)
        if new is None:
            raise ValueError(f"{name} has no name in {file.architecture}")
        writer.add_tensor(new, weights.astype("<f4"))


def make(file: EncoderFile, target: Path) -> None:
    folder = FIXTURES / "checkpoints" / file.checkpoint
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    writer = GGUFWriter(target / f"{file.checkpoint}.gguf", file.architecture)
    writer.add_type(gguf.GGUFType.MODEL)
    add_sizes(writer, file, config)
    add_vocabulary(writer, file.tokenizer, folder)
    add_tensors(writer, file, folder, config)
    finish(writer)


FILES = [
    EncoderFile("st-no-limit", "bert", "bert", PoolingType.MEAN),
    EncoderFile("bert-encoder", "bert", "bert", PoolingType.CLS),
    EncoderFile("nomic-masked", "nomic-bert", "bert", PoolingType.MEAN),
    EncoderFile("roberta-encoder", "bert", "gpt2", PoolingType.CLS, {
        "tokenizer.ggml.pre": "roberta-bpe", "tokenizer.ggml.add_bos_token": True, "tokenizer.ggml.add_eos_token": True,
    }),
    EncoderFile("ranking-roberta", "bert", "gpt2", PoolingType.RANK, {
        "tokenizer.ggml.pre": "roberta-bpe", "tokenizer.ggml.add_bos_token": True, "tokenizer.ggml.add_eos_token": True,
    }),
    EncoderFile("ranking-xlm-roberta", "bert", "t5", PoolingType.RANK, {
        "tokenizer.ggml.add_bos_token": True, "tokenizer.ggml.add_eos_token": True,
        "classifier.output_labels": ["LABEL_0"],
    }),
    EncoderFile("st-qwen3", "qwen3", "gpt2", PoolingType.LAST, {"tokenizer.ggml.add_eos_token": True}),
]  # fmt: skip


def main() -> None:
    target = FIXTURES / "gguf-encoders"
    target.mkdir(exist_ok=True)
    for file in FILES:
        print(file.checkpoint)
        make(file, target)


if __name__ == "__main__":
    main()
