"""Checkpoints whose embeddings are means of a table's rows: StaticEmbedding, and models of model2vec."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from model2vec import StaticModel
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from fixtures_base import JSON, Case, start_afresh, write_golden, write_json
from fixtures_sentences import (
    EMBED_LONG,
    EMBED_TEXTS,
    Module,
    SentenceReference,
    dense_module,
    embed,
    layer_norm_module,
)
from fixtures_tokenizers import bert_tokenizer

WIDTH = 7
VOCABULARY = 200
UNKNOWN_TEXT = "hello \u2603 world"
LONG_TEXT = " ".join([EMBED_LONG] * 3)
CASES = [
    embed(EMBED_TEXTS[0]),
    embed(EMBED_TEXTS + [UNKNOWN_TEXT, LONG_TEXT]),
    embed(EMBED_TEXTS[2], normalize=True),
    Case("sentence-similarity", {"source_sentence": EMBED_TEXTS[2], "sentences": EMBED_TEXTS[:1] + EMBED_TEXTS[2:]}),
]
OF_MODEL2VEC = {"model_type": "model2vec", "architectures": ["StaticModel"], "hidden_dim": WIDTH, "seq_length": 1000000}


def wordpiece() -> Tokenizer:
    return Tokenizer.from_str(bert_tokenizer(VOCABULARY, 40, False).backend_tokenizer.to_str())


def unigram() -> Tokenizer:
    """A tokenizer whose unknown token has a place, but no name, and is not the first."""
    pieces = ["▁", "<unk>", *"abcdefghilmnorstuwx", "▁the", "▁cat", "▁hello", "he", "wor"]
    tokenizer = Tokenizer(models.Unigram([(piece, -1 - 0.1 * place) for place, piece in enumerate(pieces)], unk_id=1))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


@dataclass(frozen=True)
class StaticCheckpoint:
    """A tiny checkpoint of static embeddings, with modules.json or without."""

    name: str
    config: dict[str, JSON] | None = None  # config.json, of a model of model2vec
    modules: list[Module] | None = None  # behind StaticEmbedding; None for no modules.json
    path: str = ""  # the folder of StaticEmbedding
    sentence_config: dict[str, JSON] = field(default_factory=dict)
    clusters: int | None = None  # rows that tokens share
    weighted: bool = False
    dtype: torch.dtype = torch.float32
    truncation: dict[str, JSON] | None = None  # of tokenizer.json
    tokenizer: Callable[[], Tokenizer] = wordpiece
    cases: list[Case] = field(default_factory=lambda: CASES)

    def save(self, folder: Path, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        own = folder / self.path
        own.mkdir(exist_ok=True)
        tokenizer = self.tokenizer()
        if self.truncation:
            tokenizer.enable_truncation(**self.truncation)
        tokenizer.save(str(own / "tokenizer.json"))
        save_file(self.tensors(tokenizer.get_vocab_size(), generator), own / "model.safetensors")
        if self.config is not None:
            write_json(folder / "config.json", OF_MODEL2VEC | self.config)
        if self.modules is None:
            return
        write_json(folder / "config_sentence_transformers.json", self.sentence_config)
        listed = [{"idx": 0, "name": "0", "path": self.path, "type": "sentence_transformers.models.StaticEmbedding"}]
        for index, module in enumerate(self.modules, start=1):
            path = f"{index}_{module.kind}"
            module.save(folder / path, generator)
            listed.append(
                {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{module.kind}"}
            )
        write_json(folder / "modules.json", listed)

    def tensors(self, tokens: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        table = torch.randn(self.clusters or tokens, WIDTH, generator=generator).to(self.dtype)
        if self.config is None:
            return {"embedding.weight": table}
        tensors = {"embeddings": table}
        if self.clusters:
            tensors["mapping"] = torch.randint(self.clusters, (tokens,), generator=generator)
        if self.weighted:
            tensors["weights"] = torch.rand(tokens, generator=generator)
        return tensors


class Model2VecReference:
    """Embeddings by model2vec over one checkpoint."""

    def __init__(self, folder: Path) -> None:
        self.model = StaticModel.from_pretrained(folder)

    def record(self, case: Case) -> dict[str, JSON]:
        return case.record(lambda inputs, parameters: self.model.encode(inputs, **parameters).tolist())


STATIC_CHECKPOINTS = [
    StaticCheckpoint("static-plain", modules=[]),
    StaticCheckpoint(
        "static-modules",
        modules=[
            dense_module(WIDTH, 9, "activation.Tanh"),
            layer_norm_module(9),
            Module("Normalize"),
        ],
        path="0_StaticEmbedding",
        sentence_config={"prompts": {"query": "the mat : "}, "similarity_fn_name": "euclidean"},
        truncation={"max_length": 9},
        cases=[
            *CASES[:3],
            embed(EMBED_TEXTS, prompt_name="query"),
            embed(EMBED_LONG, truncate_dim=4),
        ],
    ),
    StaticCheckpoint(
        "static-of-model2vec", config={"normalize": True}, modules=[Module("Normalize")], clusters=31, weighted=True
    ),
    StaticCheckpoint("model2vec-plain", config={}, cases=CASES[:2]),
    StaticCheckpoint(
        "model2vec-mapped", config={"normalize": True, "max_length": 6}, clusters=31, weighted=True, cases=CASES[:2]
    ),
    StaticCheckpoint("model2vec-unigram", config={}, tokenizer=unigram, cases=CASES[:2]),
    StaticCheckpoint("model2vec-weighted", config={"max_length": None}, weighted=True, cases=CASES[:2]),
]


def make_static_checkpoint(checkpoint: StaticCheckpoint, folder: Path) -> None:
    start_afresh(folder)
    checkpoint.save(folder, zlib.crc32(checkpoint.name.encode()))
    reference = Model2VecReference(folder) if checkpoint.modules is None else SentenceReference(folder)
    write_golden(folder, [reference.record(case) for case in checkpoint.cases])
