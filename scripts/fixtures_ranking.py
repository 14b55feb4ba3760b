"""Cross-encoders of all families for text-ranking, as sentence-transformers saves them now and saved them before."""

import json
import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

import torch
from sentence_transformers import CrossEncoder
from sentence_transformers.cross_encoder.modules import LogitScore, Transformer
from tokenizers import processors
from transformers import (
    BertForSequenceClassification,
    CamembertForSequenceClassification,
    DistilBertForSequenceClassification,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Qwen3ForCausalLM,
    Qwen3ForSequenceClassification,
    RobertaForSequenceClassification,
    XLMRobertaForSequenceClassification,
)

from fixtures_base import JSON, Case, start_afresh, write_golden, write_json
from fixtures_checkpoints import Checkpoint
from fixtures_classification import BERT, DISTILBERT, LONG, ROBERTA, UNIGRAM, named
from fixtures_decoder_sentences import MERGES, SPECIALS
from fixtures_decoders import LLAMA
from fixtures_families import PADDING_LAST, in_roberta
from fixtures_tokenizers import (
    byte_fallback_tokenizer,
    byte_level_tokenizer,
    camembert_tokenizer,
    distilbert_tokenizer,
    roberta_tokenizer,
    xlm_roberta_tokenizer,
)
from fixtures_weights import save_random_model

# --- Cases ------------------------------------------------------------------------------------------------------------


def rank(query: JSON, texts: JSON, **parameters: JSON) -> Case:
    return Case("text-ranking", {"query": query, "texts": texts}, parameters)


QUESTION = "Is it good?"
TEXTS = ["The cat sat on the mat.", "", "never before was it so", "Is it good?", " ", "Café 東京 🙂", "The cat sat on the mat."]

RANK_ALL = [
    rank(QUESTION, TEXTS),
    rank(QUESTION, TEXTS, top_k=3),
    rank(QUESTION, TEXTS[:1]),
    rank(QUESTION, TEXTS, top_k=100, return_documents=True),
    rank(QUESTION, TEXTS, function_to_apply="none"),
    rank(QUESTION, TEXTS, function_to_apply="sigmoid", top_k=None),
    rank("Россия [SEP] and [MASK] 東京", TEXTS),
    rank(" ", TEXTS[::2]),
    rank(LONG, [LONG, "a cat", LONG + LONG]),
    rank("a cat", [LONG, "a", LONG[10:]]),
    rank(QUESTION, [LONG, LONG[5:]], max_length=11),
    rank(LONG, TEXTS, truncation="only_first", max_length=20),
    rank(QUESTION, TEXTS[:2], truncation=False),
    Case("text-ranking", [rank(QUESTION, TEXTS).inputs, rank("a cat", TEXTS[:2]).inputs], {"top_k": 2}),
    Case("text-ranking", [rank(QUESTION, TEXTS[:2]).inputs]),
]

RANK_ERRORS = [
    rank(QUESTION, []),
    rank(QUESTION, None),
    rank(QUESTION, 7),
    rank(QUESTION, "a cat"),
    rank(QUESTION, ["a cat", 7]),
    rank(QUESTION, ["a cat", ["a dog"]]),
    rank(7, TEXTS),
    rank(None, TEXTS),
    rank([QUESTION], TEXTS),
    rank(QUESTION, TEXTS, top_k=0),
    rank(QUESTION, TEXTS, top_k=1.5),
    rank(QUESTION, TEXTS, function_to_apply="softmax"),
    rank(QUESTION, TEXTS, unknown_parameter=1),
    rank(QUESTION, TEXTS, return_documents="yes"),
    rank(LONG, [LONG], truncation=False),
    Case("text-ranking", []),
    Case("text-ranking", QUESTION),
    Case("text-ranking", [QUESTION, "a cat"]),
    Case("text-ranking", {"query": QUESTION}),
    Case("text-ranking", {"texts": TEXTS}),
    Case("text-ranking", {"query": QUESTION, "texts": TEXTS, "documents": TEXTS}),
]

RANK_PROMPTED = [
    *RANK_ALL[:9],
    rank("a cat", TEXTS, prompt="Which of them is it?"),
    rank("a cat", TEXTS, prompt=""),
    rank("a cat", TEXTS, prompt_name="web"),
    rank("a cat", TEXTS, prompt_name="web", prompt="No, is it that?", function_to_apply="none"),
    rank("a cat", TEXTS, prompt_name="nonsense"),
    rank(QUESTION, TEXTS[:2], truncation=False),
]
RANK_BARE = [case for case in RANK_PROMPTED if case.parameters.get("prompt_name") != "web"]
# Chats are cut as one text, but for their end.
RANK_CUT = [rank("a cat", [LONG, "a", LONG[10:]], max_length=length) for length in (70, 48, 20, 7, 1)]
RANK_PAIRS = [
    rank("a cat", [LONG, "a", LONG[10:]], max_length=30),
    rank(LONG, TEXTS, truncation="only_first", max_length=40),
]


# --- The reference ----------------------------------------------------------------------------------------------------

ACTIVATIONS = {"sigmoid": torch.nn.Sigmoid(), "none": torch.nn.Identity()}


class RankingReference:
    """Scores by `CrossEncoder.predict`, one pair at a time, ranked as `CrossEncoder.rank` does."""

    def __init__(self, folder: Path) -> None:
        self.model = CrossEncoder(
            str(folder), device="cpu", model_kwargs={"attn_implementation": "eager", "dtype": torch.float32}
        )

    def record(self, case: Case) -> dict[str, JSON]:
        return case.record(lambda inputs, parameters: self.answer(inputs, **parameters))

    def answer(self, inputs: JSON, **parameters: JSON) -> JSON:
        if not isinstance(inputs, list):
            return self.rank(inputs, **parameters)
        if not inputs:
            raise ValueError("no inputs")
        return [self.rank(element, **parameters) for element in inputs]

    def rank(
        self,
        inputs: dict[str, JSON],
        top_k: int | None = None,
        function_to_apply: str | None = None,
        return_documents: bool = False,
        prompt: str | None = None,
        prompt_name: str | None = None,
        **tokenizer: JSON,
    ) -> list[dict[str, JSON]]:
        if set(inputs) != {"query", "texts"} or (top_k is not None and top_k < 1):
            raise ValueError("a query and texts are needed, and a top_k of at least 1")
        if not set(tokenizer) <= {"truncation", "max_length"} or not isinstance(return_documents, bool):
            raise TypeError(f"unknown or unfit parameters {tokenizer} {return_documents}")
        query, texts = inputs["query"], inputs["texts"]
        if not isinstance(query, str) or not isinstance(texts, list) or not texts:
            raise TypeError("a text and a list of texts are needed")
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("texts are needed")
        scores = self.model.predict(
            [[query, text] for text in texts],
            batch_size=1,
            prompt=prompt,
            prompt_name=prompt_name,
            activation_fn=ACTIVATIONS[function_to_apply.lower()] if function_to_apply else None,
            show_progress_bar=False,
            convert_to_tensor=True,
            **({"processing_kwargs": {"text": tokenizer}} if tokenizer else {}),
        ).tolist()
        rows = [{"index": index, "score": score} for index, score in enumerate(scores)]
        if return_documents:
            rows = [row | {"text": texts[row["index"]]} for row in rows]
        return sorted(rows, key=lambda row: row["score"], reverse=True)[:top_k]


def is_stable(output: JSON) -> bool:
    """Whether another computation gives the same order: scores are either the same or clearly different."""
    if isinstance(output, list) and output and isinstance(output[0], dict):
        scores = [row["score"] for row in output]
        return all(a == b or not math.isclose(a, b, rel_tol=5e-5, abs_tol=5e-6) for a, b in pairwise(scores))
    return all(is_stable(part) for part in output)


# --- Decoders ---------------------------------------------------------------------------------------------------------

# The system says what is asked for, in front of a query and a document.
FLAT_CHAT = """<bos>{{ messages | selectattr("role", "eq", "system") | map(attribute="content") | first \
| default("Is it so?") }}
<Query>: {{ messages | selectattr("role", "eq", "query") | map(attribute="content") | first }}
<Document>: {{ messages | selectattr("role", "eq", "document") | map(attribute="content") | first }}<eos>
{% if add_generation_prompt %}answer: {{ thought }}{% endif %}"""
STRUCTURED_CHAT = """{% for message in messages %}<bos>{{ message["role"] }} \
{% for part in message["content"] %}{{ part.text if part.type == "text" }}{% endfor %}<eos>
{% endfor %}"""


def pair_tokenizer(length: int) -> PreTrainedTokenizerBase:
    """A tokenizer that puts `<bos>` before the first text of a pair, and `<eos>` behind each."""
    tokenizer = byte_fallback_tokenizer(length, SPECIALS, MERGES, starts=False)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>", pair="<bos> $A <eos> $B:1 <eos>:1", special_tokens=[("<bos>", 1), ("<eos>", 2)]
    )
    return tokenizer


# --- Checkpoints ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CrossEncoderCheckpoint:
    """A cross-encoder: a checkpoint of transformers, and what sentence-transformers adds to it."""

    checkpoint: Checkpoint
    config_keys: dict[str, JSON] = field(default_factory=dict)  # added to config.json
    saved_with: dict[str, JSON] | None = None  # if not None, sentence_bert_config.json of version 6 has these, too
    activation: torch.nn.Module | None = None  # with which version 6 saves it

    @property
    def name(self) -> str:
        return self.checkpoint.name

    @property
    def cases(self) -> list[Case]:
        return self.checkpoint.cases

    def save(self, folder: Path, seed: int) -> None:
        self.checkpoint.save(folder, seed)
        if self.config_keys:
            change_json(folder / "config.json", self.config_keys)
        if self.saved_with is not None:
            CrossEncoder(str(folder), device="cpu", activation_fn=self.activation).save_pretrained(str(folder))
            (folder / "README.md").unlink()
            change_json(folder / "sentence_bert_config.json", self.saved_with)


def change_json(path: Path, keys: dict[str, JSON]) -> None:
    write_json(path, json.loads(path.read_text(encoding="utf-8")) | keys)


@dataclass(frozen=True)
class DecoderRanking:
    """A cross-encoder over a decoder: with logits of its next token for a score, or with a head for sequences."""

    name: str
    model: type[PreTrainedModel]
    cases: list[Case]
    tokens: tuple[int, int | None] | None = None  # for yes and for no; None for a head
    template: str | None = None  # of chats, which pairs become then
    tokenizer: Callable[[int], PreTrainedTokenizerBase] = partial(
        byte_level_tokenizer, specials=SPECIALS, merges=MERGES, starts=False
    )
    words: tuple[str, ...] = ()  # tokens that the tokenizer has, too
    is_bare: bool = False  # as transformers saves it, without modules
    prompts: dict[str, str] = field(default_factory=dict)
    default_prompt: str | None = None
    processing: dict[str, JSON] = field(default_factory=dict)

    def save(self, folder: Path, seed: int) -> None:
        tokenizer = self.tokenizer(LLAMA["max_position_embeddings"])
        tokenizer.chat_template = self.template
        tokenizer.add_tokens(list(self.words))
        sizes = LLAMA | {"head_dim": 4, "vocab_size": len(tokenizer), "pad_token_id": 3}
        labels = named("LABEL_0") if self.tokens is None else {}
        save_random_model(folder, self.model, self.model.config_class(**sizes | labels), seed)
        (folder / "generation_config.json").unlink(missing_ok=True)
        tokenizer.save_pretrained(folder)
        if self.is_bare:
            return
        task = "sequence-classification" if self.tokens is None else "text-generation"
        modules = [Transformer(str(folder), transformer_task=task, processing_kwargs=self.processing)]
        if self.tokens:
            modules.append(LogitScore(*self.tokens))
        CrossEncoder(
            modules=modules, device="cpu", prompts=self.prompts, default_prompt_name=self.default_prompt
        ).save_pretrained(str(folder))
        (folder / "README.md").unlink()
        (folder / "generation_config.json").unlink(missing_ok=True)


ONE_LABEL = named("LABEL_0")
OLD_KEY = "sbert_ce_default_activation_function"

RANKING_CHECKPOINTS = [
    CrossEncoderCheckpoint(
        Checkpoint(
            "ranking-bert",
            BERT | ONE_LABEL,
            RANK_ALL + RANK_ERRORS,
            model_class=BertForSequenceClassification,
        ),
    ),
    CrossEncoderCheckpoint(
        Checkpoint(
            "ranking-roberta",
            ROBERTA | ONE_LABEL | {"pad_token_id": 3},
            in_roberta(RANK_ALL),
            model_class=RobertaForSequenceClassification,
            tokenizer=partial(roberta_tokenizer, 54, merges=100, specials=PADDING_LAST),
        ),
        config_keys={OLD_KEY: "torch.nn.modules.linear.Identity"},
    ),
    CrossEncoderCheckpoint(
        Checkpoint(
            "ranking-xlm-roberta",
            UNIGRAM | named("score") | {"num_hidden_layers": 2},
            in_roberta(RANK_ALL),
            model_class=XLMRobertaForSequenceClassification,
            tokenizer=partial(xlm_roberta_tokenizer, 250, 55),
        ),
        config_keys={
            "sentence_transformers": {"activation_fn": "torch.nn.modules.activation.Tanh", "version": "4.1.0"},
            OLD_KEY: "torch.nn.modules.linear.Identity",
        },
    ),
    CrossEncoderCheckpoint(
        Checkpoint(
            "ranking-camembert",
            UNIGRAM | ONE_LABEL,
            in_roberta(RANK_ALL),
            model_class=CamembertForSequenceClassification,
            tokenizer=partial(camembert_tokenizer, 250, 56),
        ),
        config_keys={OLD_KEY: "somewhere.else.Activation"},
    ),
    CrossEncoderCheckpoint(
        Checkpoint(
            "ranking-distilbert",
            DISTILBERT | ONE_LABEL,
            RANK_ALL,
            model_class=DistilBertForSequenceClassification,
            tokenizer=partial(distilbert_tokenizer, 320, 40),
        ),
        saved_with={"max_seq_length": 17},
        activation=torch.nn.Identity(),
    ),
    DecoderRanking(
        "ranking-qwen3-chat",
        Qwen3ForCausalLM,
        [*RANK_PROMPTED, *RANK_CUT],
        tokens=(90, 101),
        template=FLAT_CHAT,
        prompts={"web": "Is it in the web?", "none": ""},
        default_prompt="web",
        processing={"chat_template": {"add_generation_prompt": True, "thought": "So: "}},
    ),
    DecoderRanking(
        "ranking-llama-pairs",
        LlamaForCausalLM,
        [*RANK_PROMPTED, *RANK_PAIRS],
        tokens=(77, None),
        tokenizer=pair_tokenizer,
        prompts={"web": "in the web: "},
    ),
    # Upstream makes the score of the tokens yes and no.
    DecoderRanking(
        "ranking-qwen3-bare",
        Qwen3ForCausalLM,
        [*RANK_BARE, *RANK_CUT],
        tokens=(0, 0),
        template=STRUCTURED_CHAT,
        words=("no", "yes"),
        is_bare=True,
    ),
    DecoderRanking(
        "ranking-llama-bare",
        LlamaForCausalLM,
        [*RANK_BARE, *RANK_PAIRS],
        tokens=(0, 0),
        tokenizer=pair_tokenizer,
        words=("no", "yes"),
        is_bare=True,
    ),
    DecoderRanking(
        "ranking-qwen3-sequence",
        Qwen3ForSequenceClassification,
        [*RANK_PROMPTED, *RANK_CUT],
        template=STRUCTURED_CHAT,
        prompts={"web": "Is it in the web?"},
    ),
]


def make_ranking_checkpoint(checkpoint: CrossEncoderCheckpoint | DecoderRanking, folder: Path) -> None:
    """Saves the checkpoint with the first seed, counted from its name, whose order is safe from rounding."""
    seed = zlib.crc32(checkpoint.name.encode())
    while True:
        start_afresh(folder)
        checkpoint.save(folder, seed)
        reference = RankingReference(folder)
        entries = [reference.record(case) for case in checkpoint.cases]
        if all(is_stable(entry["output"]) for entry in entries if "output" in entry):
            break
        seed += 1
    write_golden(folder, entries)
