"""Checkpoints of sparse embeddings: a masked-language-model head and SpladePooling."""

import zlib
from dataclasses import dataclass, field
from pathlib import Path

import torch
from sentence_transformers import SparseEncoder
from transformers import BertConfig, BertForMaskedLM

from fixtures_base import JSON, Case, start_afresh, write_golden, write_json
from fixtures_checkpoints import bert_sizes
from fixtures_sentences import EMBED_TEXTS, PROMPTS
from fixtures_tokenizers import bert_tokenizer
from fixtures_weights import save_random_model

PAIR = {"source_sentence": EMBED_TEXTS[2], "sentences": EMBED_TEXTS}


def sparse(inputs: JSON, **parameters: JSON) -> Case:
    return Case("sparse", inputs, parameters)


CASES = [
    sparse(EMBED_TEXTS[0]),
    sparse(EMBED_TEXTS),
    sparse(EMBED_TEXTS, max_active_dims=7),
    sparse(EMBED_TEXTS[2], max_active_dims=1),
    sparse(EMBED_TEXTS[2], max_active_dims=1000),
    sparse(EMBED_TEXTS[2], max_active_dims=0),
    Case("sparse-similarity", PAIR),
    Case("sparse-similarity", PAIR, {"max_active_dims": 5}),
    *(
        Case("sparse-similarity", PAIR, {"similarity_fn_name": name})
        for name in ("cosine", "dot", "euclidean", "manhattan", "maxsim")
    ),
]


@dataclass(frozen=True)
class SparseCheckpoint:
    """A tiny checkpoint for SparseEncoder."""

    name: str
    kind: str | None = "MLMTransformer"  # of the first module; None for no modules.json
    pooling: dict[str, JSON] = field(default_factory=dict)
    sentence_config: dict[str, JSON] = field(default_factory=lambda: {"max_seq_length": 12, "do_lower_case": False})
    model_config: dict[str, JSON] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=lambda: CASES)

    def save(self, folder: Path, seed: int) -> None:
        config = BertConfig(**bert_sizes(14, 2, 1, 22, 200, 60))
        save_random_model(folder, BertForMaskedLM, config, seed)
        bert_tokenizer(config.vocab_size, config.max_position_embeddings, False).save_pretrained(folder)
        if self.kind is None:
            return
        write_json(folder / "sentence_bert_config.json", self.sentence_config)
        write_json(folder / "config_sentence_transformers.json", {"model_type": "SparseEncoder"} | self.model_config)
        write_json(folder / "1_SpladePooling" / "config.json", self.pooling)
        kinds = [("", self.kind), ("1_SpladePooling", "SpladePooling")]
        write_json(
            folder / "modules.json",
            [
                {"idx": index, "name": str(index), "path": path, "type": self.module_type(kind)}
                for index, (path, kind) in enumerate(kinds)
            ],
        )

    @staticmethod
    def module_type(kind: str) -> str:
        if kind == "Transformer":
            return "sentence_transformers.base.modules.transformer.Transformer"
        return f"sentence_transformers.sparse_encoder.models.{kind}"


class SparseReference:
    """Embeddings by SparseEncoder over one checkpoint, one text at a time."""

    def __init__(self, folder: Path) -> None:
        self.model = SparseEncoder(
            str(folder), device="cpu", model_kwargs={"attn_implementation": "eager", "dtype": torch.float32}
        )
        self.similarity_fn_name = self.model.similarity_fn_name

    def embeddings(self, texts: list[str], **options: JSON) -> torch.Tensor:
        found = self.model.encode(
            texts, batch_size=1, convert_to_sparse_tensor=False, show_progress_bar=False, **options
        )
        everything = self.model.encode(
            texts, batch_size=1, convert_to_sparse_tensor=False, show_progress_bar=False,
            **options | {"max_active_dims": self.model[0].model.config.vocab_size},
        )
        check_stability(everything, options.get("max_active_dims") or self.model.max_active_dims)
        return found

    def embed(self, inputs: str | list[str], **options: JSON) -> JSON:
        texts = [inputs] if isinstance(inputs, str) else inputs
        answer = [elements(row) for row in self.embeddings(texts, **options).tolist()]
        return answer[0] if isinstance(inputs, str) else answer

    def similarities(
        self, source_sentence: str, sentences: list[str], similarity_fn_name: str | None = None, **options: JSON
    ) -> list[float]:
        self.model.similarity_fn_name = similarity_fn_name or self.similarity_fn_name
        texts = [source_sentence] + sentences
        vectors = [self.embeddings([text], **options) for text in texts]
        return [self.model.similarity(vectors[0], vector)[0, 0].item() for vector in vectors[1:]]

    def record(self, case: Case) -> dict[str, JSON]:
        if case.task == "sparse-similarity":
            return case.record(lambda inputs, parameters: self.similarities(**inputs, **parameters))
        return case.record(lambda inputs, parameters: self.embed(inputs, **parameters))


def elements(row: list[float]) -> JSON:
    return [{"index": index, "value": value} for index, value in enumerate(row) if value > 0]


def check_stability(embeddings: torch.Tensor, kept: int | None) -> None:
    """Stops if another computation could give other dimensions: some are almost 0, or almost as large as the last kept."""
    for row in embeddings:
        values = row[row > 0].sort(descending=True).values
        if values[-1] < 1e-5 or (kept or len(values)) < len(values) and values[kept - 1] - values[kept] < 1e-4:
            raise SystemExit(f"dimensions that are too close: {values}")


SPARSE_CHECKPOINTS = [
    SparseCheckpoint("sparse-max"),
    SparseCheckpoint(
        "sparse-sum",
        "Transformer",
        {"pooling_strategy": "sum", "activation_function": "log1p_relu", "embedding_dimension": 200},
        {"transformer_task": "fill-mask", "max_seq_length": None},
        {"max_active_dims": 20, "similarity_fn_name": "cosine", "prompts": PROMPTS, "default_prompt_name": "query"},
        CASES[:3]
        + [
            sparse(EMBED_TEXTS[0], prompt_name="passage"),
            sparse(EMBED_TEXTS[0], prompt="book: ", max_active_dims=30),
            sparse(" ".join(EMBED_TEXTS[4:] * 3)),
            Case("sparse-similarity", PAIR),
            Case("sparse-similarity", PAIR, {"prompt_name": "none"}),
        ],
    ),
    SparseCheckpoint("sparse-plain", None, cases=CASES[:3]),
]


def make_sparse_checkpoint(checkpoint: SparseCheckpoint, folder: Path) -> None:
    start_afresh(folder)
    checkpoint.save(folder, zlib.crc32(checkpoint.name.encode()))
    reference = SparseReference(folder)
    write_golden(folder, [reference.record(case) for case in checkpoint.cases])
