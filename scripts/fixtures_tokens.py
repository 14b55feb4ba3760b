"""Checkpoints of late interaction: a vector for each token."""

import zlib
from dataclasses import dataclass, field
from pathlib import Path

import torch
from sentence_transformers import MultiVectorEncoder
from transformers import BertConfig, BertModel

from fixtures_base import JSON, Case, start_afresh, write_golden, write_json
from fixtures_checkpoints import bert_sizes
from fixtures_sentences import EMBED_TEXTS, SENTENCE_HIDDEN, Module, dense_module
from fixtures_tokenizers import bert_tokenizer
from fixtures_weights import save_random_model

PAIR = {"source_sentence": EMBED_TEXTS[2], "sentences": EMBED_TEXTS}
WIDTH = 11


def tokens(inputs: JSON, **parameters: JSON) -> Case:
    return Case("tokens", inputs, parameters)


CASES = [
    tokens(EMBED_TEXTS[0]),
    tokens(EMBED_TEXTS),
    tokens(EMBED_TEXTS[2:], task="query"),
    tokens(EMBED_TEXTS[2:], task="document"),
    tokens(EMBED_TEXTS[0], normalize=True),
    tokens(EMBED_TEXTS[0], task="title"),
    Case("tokens-similarity", PAIR),
    Case("tokens-similarity", PAIR, {"similarity_fn_name": "meanmaxsim"}),
    Case("tokens-similarity", PAIR, {"similarity_fn_name": "cosine"}),
]
PROMPTED = CASES + [
    tokens(EMBED_TEXTS[0], task="query", prompt_name="other"),
    tokens(EMBED_TEXTS[0], prompt_name="document"),
    tokens(EMBED_TEXTS[0], task="document", prompt="book: "),
]


@dataclass(frozen=True)
class TokensCheckpoint:
    """A tiny checkpoint for MultiVectorEncoder."""

    name: str
    modules: list[Module]
    sentence_config: dict[str, JSON]
    model_config: dict[str, JSON] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=lambda: CASES)

    def save(self, folder: Path, seed: int) -> None:
        config = BertConfig(**bert_sizes(SENTENCE_HIDDEN, 2, 1, 24, 200, 40))
        save_random_model(folder, BertModel, config, seed)
        bert_tokenizer(config.vocab_size, config.max_position_embeddings, False).save_pretrained(folder)
        write_json(folder / "sentence_bert_config.json", self.sentence_config)
        write_json(
            folder / "config_sentence_transformers.json", {"model_type": "MultiVectorEncoder"} | self.model_config
        )
        generator = torch.Generator().manual_seed(seed)
        paths = [("", "sentence_transformers.base.modules.transformer.Transformer")]
        for index, module in enumerate(self.modules, start=1):
            path = f"{index}_{module.kind}"
            module.save(folder / path, generator)
            paths.append((path, module_type(module.kind)))
        write_json(
            folder / "modules.json",
            [
                {"idx": index, "name": str(index), "path": path, "type": kind}
                for index, (path, kind) in enumerate(paths)
            ],
        )


def module_type(kind: str) -> str:
    if kind == "MultiVectorMask":
        return "sentence_transformers.multi_vector_encoder.modules.multi_vector_mask.MultiVectorMask"
    return f"sentence_transformers.base.modules.{kind.lower()}.{kind}"


class TokensReference:
    """Vectors of tokens by MultiVectorEncoder over one checkpoint, one text at a time."""

    def __init__(self, folder: Path) -> None:
        self.model = MultiVectorEncoder(
            str(folder), device="cpu", model_kwargs={"attn_implementation": "eager", "dtype": torch.float32}
        )
        self.similarity_fn_name = self.model.similarity_fn_name

    def vectors(self, text: str, task: str | None = None, normalize: bool = False, **options: JSON) -> torch.Tensor:
        encode = {
            None: self.model.encode, "query": self.model.encode_query, "document": self.model.encode_document
        }[task]
        options |= {"normalize_embeddings": normalize, "show_progress_bar": False}
        return encode([text], batch_size=1, **options)[0]

    def embed(self, inputs: str | list[str], **options: JSON) -> JSON:
        if isinstance(inputs, str):
            return self.vectors(inputs, **options).tolist()
        return [self.vectors(text, **options).tolist() for text in inputs]

    def similarities(
        self, source_sentence: str, sentences: list[str], similarity_fn_name: str | None = None
    ) -> list[float]:
        self.model.similarity_fn_name = similarity_fn_name or self.similarity_fn_name
        query = self.vectors(source_sentence, "query")
        documents = [self.vectors(text, "document") for text in sentences]
        return [self.model.similarity([query], [document])[0, 0].item() for document in documents]

    def record(self, case: Case) -> dict[str, JSON]:
        if case.task == "tokens-similarity":
            return case.record(lambda inputs, parameters: self.similarities(**inputs, **parameters))
        return case.record(lambda inputs, parameters: self.embed(inputs, **parameters))


def mask(**config: JSON) -> Module:
    return Module("MultiVectorMask", config)


TOKEN_NORMALIZE = Module("Normalize", {"module_input_name": "token_embeddings"})

TOKENS_CHECKPOINTS = [
    TokensCheckpoint(
        "tokens-plain",
        [dense_module(SENTENCE_HIDDEN, WIDTH, "linear.Identity"), mask(), TOKEN_NORMALIZE],
        {"max_seq_length": 20},
    ),
    TokensCheckpoint(
        "tokens-colbert",
        [
            dense_module(SENTENCE_HIDDEN, 15, "activation.GELU", module_input_name="token_embeddings", use_residual=True),
            dense_module(15, WIDTH, "linear.Identity", module_input_name="token_embeddings"),
            mask(skiplist_words=["!", "##e", "no such token"], skiplist_tasks=["document"]),
            TOKEN_NORMALIZE,
        ],
        {
            "max_seq_length": 30,
            "query_length": 25,
            "document_length": 17,
            "query_expansion": {"strategy": "fixed", "attend": True, "token": None, "length": 24},
        },
        {
            "prompts": {"query": "q: ", "document": "d: ", "other": "cat "},
            "default_prompt_name": "other",
            "similarity_fn_name": "meanmaxsim",
        },
        PROMPTED,
    ),
    TokensCheckpoint(
        "tokens-least",
        [
            mask(skiplist_words=["##e", "c"], skiplist_tasks=["query", "document"], keep_only_token_ids=list(range(3, 30))),
            Module("Normalize", {"module_input_name": "token_embeddings"}),
        ],
        {
            "max_seq_length": 7,
            "query_expansion": {"strategy": "min", "attend": True, "token": "t", "length": 10},
        },
    ),
]


def make_tokens_checkpoint(checkpoint: TokensCheckpoint, folder: Path) -> None:
    start_afresh(folder)
    checkpoint.save(folder, zlib.crc32(checkpoint.name.encode()))
    reference = TokensReference(folder)
    write_golden(folder, [reference.record(case) for case in checkpoint.cases])
