"""Checkpoints of sentence-transformers over decoders, in the shapes of EmbeddingGemma, Qwen3-Embedding and gte-Qwen2."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import transformers
from tokenizers import processors
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from fixtures_base import JSON
from fixtures_decoders import GEMMA, LLAMA, WINDOWS
from fixtures_sentences import (
    EMBED_BASICS, EMBED_LONG, EMBED_TEXTS, Module, SentenceCheckpoint, embed, flag_pooling,
)
from fixtures_tokenizers import byte_fallback_tokenizer, byte_level_tokenizer
from fixtures_weights import save_random_model

SPECIALS = ("<unk>", "<bos>", "<eos>", "<pad>")
MERGES = 40
# A template of chats, which upstream does not apply to texts.
CHAT = "{% for message in messages %}<bos>{{ message['content'] }}<eos>{% endfor %}"


@dataclass(frozen=True)
class DecoderSentences(SentenceCheckpoint):
    """The same over a decoder."""

    model: str = ""
    config: dict[str, JSON] = field(default_factory=dict)
    tokenizer: Callable[[int], PreTrainedTokenizerBase] | None = None

    def save_transformer(self, folder: Path, seed: int) -> None:
        model_class = getattr(transformers, self.model)
        tokenizer = self.tokenizer(self.config["max_position_embeddings"])
        config = model_class.config_class(**self.config | {"vocab_size": len(tokenizer), "pad_token_id": 3})
        save_random_model(folder, model_class, config, seed)
        (folder / "generation_config.json").unlink(missing_ok=True)
        tokenizer.save_pretrained(folder)


def ending(tokenizer: PreTrainedTokenizerFast, starts: bool) -> PreTrainedTokenizerFast:
    """The tokenizer with `<eos>` behind each text, and `<bos>` before it if that is so."""
    text = f"{SPECIALS[1]} $A {SPECIALS[2]}" if starts else f"$A {SPECIALS[2]}"
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=text, special_tokens=[(SPECIALS[1], 1), (SPECIALS[2], 2)]
    )
    return tokenizer


def gemma_tokenizer(length: int) -> PreTrainedTokenizerFast:
    return ending(byte_fallback_tokenizer(length, SPECIALS, MERGES, starts=False), starts=True)


def qwen_tokenizer(length: int) -> PreTrainedTokenizerFast:
    tokenizer = ending(byte_level_tokenizer(length, SPECIALS, MERGES, starts=False), starts=False)
    tokenizer.chat_template = CHAT
    return tokenizer


def narrow_dense(inputs: int, outputs: int) -> Module:
    """A Dense without a bias and without a function, as EmbeddingGemma has two of them."""
    config = {
        "in_features": inputs, "out_features": outputs, "bias": False,
        "activation_function": "torch.nn.modules.linear.Identity",
    }  # fmt: skip
    return Module("Dense", config, {"linear.weight": [outputs, inputs]})


WIDTH = LLAMA["hidden_size"]
LONG_TEXT = " ".join([EMBED_LONG] * 20)
LIMIT = {"max_seq_length": 150, "do_lower_case": False}
PROMPTS = {
    "prompts": {"query": "task: search result | query: ", "document": "title: none | text: ", "none": ""},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}


def pooled(mode: str) -> Module:
    return Module("Pooling", flag_pooling(mode) | {"word_embedding_dimension": WIDTH})


CASES = [*EMBED_BASICS, embed([EMBED_LONG, "a", LONG_TEXT])]

DECODER_SENTENCES = [
    DecoderSentences(
        "st-gemma3",
        {},
        [*CASES, *(embed(EMBED_TEXTS, prompt_name=name) for name in ("query", "document")), embed("a", prompt="b: ")],
        modules=[pooled("mean"), narrow_dense(WIDTH, 40), narrow_dense(40, WIDTH), Module("Normalize")],
        sentence_config=LIMIT,
        prompts=PROMPTS,
        model="Gemma3TextModel",
        config=GEMMA | WINDOWS | {"use_bidirectional_attention": True, "query_pre_attn_scalar": 8},
        tokenizer=gemma_tokenizer,
    ),
    DecoderSentences(
        "st-qwen3",
        {},
        [*CASES, embed(EMBED_TEXTS, prompt_name="query")],
        modules=[pooled("lasttoken"), Module("Normalize")],
        sentence_config={},
        prompts=PROMPTS,
        model="Qwen3ForCausalLM",
        config=LLAMA | {"head_dim": 16},
        tokenizer=qwen_tokenizer,
    ),
    DecoderSentences(
        "st-qwen2-bidirectional",
        {},
        CASES,
        modules=[pooled("lasttoken"), Module("Normalize")],
        sentence_config=LIMIT,
        model="Qwen2Model",
        config=LLAMA | {"is_causal": False},
        tokenizer=qwen_tokenizer,
    ),
]
