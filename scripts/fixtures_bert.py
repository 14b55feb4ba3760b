"""BERT checkpoints for fill-mask and feature-extraction."""

import torch
from transformers import BertForPreTraining, BertModel

from fixtures_base import JSON, Case
from fixtures_checkpoints import Checkpoint, bert_sizes
from fixtures_tokenizers import WORDS
from fixtures_weights import with_another_decoder, with_decoder_only, with_gamma_and_beta, with_leftovers

# --- Cases ------------------------------------------------------------------------------------------------------------


def fill_mask(inputs: JSON, **parameters: JSON) -> Case:
    return Case("fill-mask", inputs, parameters)


def extract(inputs: JSON, **parameters: JSON) -> Case:
    return Case("feature-extraction", inputs, parameters)


ONE_MASK = "The cat sat on the [MASK]."
TWO_MASKS = "the [MASK] ran to the [MASK], quickly!"
OVERLONG = "[MASK] " + " ".join(WORDS[:60])

FILL_MASK_BASICS = [
    fill_mask(ONE_MASK),
    fill_mask(ONE_MASK, top_k=50),
    fill_mask(TWO_MASKS, top_k=2),
    fill_mask([ONE_MASK, "hello [MASK]", TWO_MASKS], top_k=3),
    fill_mask(OVERLONG, top_k=3, tokenizer_kwargs={"truncation": True, "max_length": 12}),
    fill_mask("there is no mask here"),
]

FILL_MASK_SHAPES = [
    fill_mask(ONE_MASK, top_k=1),
    fill_mask(ONE_MASK, top_k=0),
    fill_mask(ONE_MASK, top_k=None),
    fill_mask("[MASK] [MASK] [MASK]", top_k=50),
    fill_mask(TWO_MASKS, top_k=0),
    fill_mask([ONE_MASK]),
    fill_mask([TWO_MASKS], top_k=2),
    fill_mask([ONE_MASK, "hello [MASK]"], top_k=1),
    fill_mask([TWO_MASKS, "[MASK] of [MASK]"], top_k=1),
]

FILL_MASK_TARGETS = [
    fill_mask(ONE_MASK, targets="mat"),
    fill_mask(ONE_MASK, targets=["mat", "dog", "house"]),
    fill_mask(ONE_MASK, targets=["mat", "dog", "mat", "mat"]),
    fill_mask(ONE_MASK, targets=["mat", "dog", "house", "river"], top_k=2),
    fill_mask(ONE_MASK, targets=["mat", "dog"], top_k=50),
    fill_mask(ONE_MASK, targets=["Mat", "capitals", "zebra", "##ing"]),
    fill_mask(ONE_MASK, targets=["🦙", "[PAD]", "[MASK]", "two words"]),
    fill_mask(ONE_MASK, targets=["", "mat"]),
    fill_mask(TWO_MASKS, targets=["fox", "garden", "school"]),
    fill_mask([ONE_MASK, TWO_MASKS], targets=["fox", "garden"], top_k=1),
    fill_mask(ONE_MASK, targets=["mat", "dog"], top_k=0),
]

FILL_MASK_TEXTS = [
    fill_mask(text, top_k=3)
    for text in [
        "[MASK]",
        "I don't know, it's [MASK]!",
        "  spaces \t and\n\nnewlines [MASK]  ",
        "THE [MASK] RAN",
        "un[MASK]able",
        "[mask] is not [MASK]",
        "Café au lait, naïve Zoë: [MASK]",
        "Cafe\u0301 and café [MASK]",
        "東京は[MASK]日本語、中文。",
        "Ελλάδα, Россия, 한국어 [MASK]",
        "I like 🙂 and 🦙👩‍👩‍👧 [MASK]",
        "zero\u200bwidth, null\u0000, soft\u00adhyphen, nbsp\u00a0[MASK]\ufffd",
        "x" * 101 + " " + "y" * 20 + " [MASK]",
        "one [SEP] two [MASK]",
        "[CLS] [UNK] [MASK] [SEP]",
        "a [PAD] [MASK] b",
        "a [PAD] [MASK] [MASK]",
        "$3.50 (50%) & #1 [MASK] @home *star* a+b=c_d \"quoted\" a/b",
    ]
]

FILL_MASK_TOKENIZER_KWARGS = [
    fill_mask(OVERLONG, top_k=3, tokenizer_kwargs={"truncation": "only_first", "max_length": 5}),
    fill_mask(OVERLONG, top_k=3, tokenizer_kwargs={"truncation": True}),
    fill_mask(ONE_MASK, top_k=3, tokenizer_kwargs={"truncation": True, "max_length": 30}),
    fill_mask(ONE_MASK, top_k=3, tokenizer_kwargs={"add_special_tokens": False}),
]

FILL_MASK_ERRORS = [
    fill_mask(""),
    fill_mask([]),
    fill_mask([ONE_MASK, "no mask"]),
    fill_mask(7),
    fill_mask(None),
    fill_mask([ONE_MASK, 7]),
    fill_mask({"text": ONE_MASK}),
    fill_mask(OVERLONG),
    fill_mask("the cat sat on the [MASK]", tokenizer_kwargs={"truncation": True, "max_length": 4}),
    fill_mask(ONE_MASK, top_k=100_000),
    fill_mask(ONE_MASK, top_k=-1),
    fill_mask(ONE_MASK, top_k=2.5),
    fill_mask(ONE_MASK, top_k="5"),
    fill_mask(ONE_MASK, targets=[]),
    fill_mask(ONE_MASK, targets=""),
    fill_mask(ONE_MASK, targets=["mat", 7]),
    fill_mask(ONE_MASK, unknown_parameter=1),
]

FILL_MASK_ALL = (
    FILL_MASK_BASICS
    + FILL_MASK_SHAPES
    + FILL_MASK_TARGETS
    + FILL_MASK_TEXTS
    + FILL_MASK_TOKENIZER_KWARGS
    + FILL_MASK_ERRORS
)

EXTRACT_BASICS = [
    extract("The cat sat."),
    extract("the capital of France is Paris.", tokenize_kwargs={"truncation": True, "max_length": 5}),
]

EXTRACT_ALL = EXTRACT_BASICS + [
    extract(["hello"]),
    extract(["hello", "東京 🙂"]),
    extract(""),
    extract("one two three", truncation=True, tokenize_kwargs={"max_length": 4}),
    extract("one two", tokenize_kwargs={"add_special_tokens": False}),
    extract(OVERLONG, truncation="only_first", tokenize_kwargs={"max_length": 6}),
    extract("x", truncation=True, tokenize_kwargs={"truncation": True}),
    extract([]),
    extract(7),
    extract(OVERLONG),
]


FORWARDED = [("The cat sat.",), ("Is it good?", "the wine is very good")]

# --- Checkpoints ------------------------------------------------------------------------------------------------------

SMALL = bert_sizes(16, 2, 1, 32, 220)
OLD = SMALL | {"num_hidden_layers": 2}

CHECKPOINTS = [
    Checkpoint("bert-tiny", bert_sizes(32, 2, 2, 64, 400), FILL_MASK_ALL + EXTRACT_BASICS),
    Checkpoint(
        "bert-odd",
        bert_sizes(72, 3, 3, 100, 301, 40, hidden_act="gelu_new", layer_norm_eps=1e-5),
        FILL_MASK_BASICS
        + FILL_MASK_SHAPES
        + FILL_MASK_TEXTS
        + FILL_MASK_TOKENIZER_KWARGS
        + [fill_mask("[MASK]", top_k=301), fill_mask("[MASK]", top_k=302)],
        tokens=297,
        cased=True,
    ),
    Checkpoint(
        "bert-relu-sharded",
        bert_sizes(48, 4, 2, 96, 260, hidden_act="relu"),
        FILL_MASK_BASICS + EXTRACT_BASICS,
        max_shard_size="45KB",
    ),
    Checkpoint("bert-f16", bert_sizes(32, 4, 2, 64, 260), FILL_MASK_BASICS + EXTRACT_BASICS, dtype=torch.float16),
    Checkpoint("bert-bf16", bert_sizes(32, 4, 2, 64, 260), FILL_MASK_BASICS + EXTRACT_BASICS, dtype=torch.bfloat16),
    Checkpoint("bert-one", bert_sizes(8, 1, 1, 16, 101, type_vocab_size=1), FILL_MASK_BASICS + EXTRACT_BASICS),
    Checkpoint("bert-gelu-tanh", SMALL | {"hidden_act": "gelu_pytorch_tanh"}, FILL_MASK_BASICS),
    Checkpoint("bert-gelu-fast", SMALL | {"hidden_act": "gelu_fast"}, FILL_MASK_BASICS),
    Checkpoint("bert-quick-gelu", SMALL | {"hidden_act": "quick_gelu"}, FILL_MASK_BASICS),
    Checkpoint("bert-silu", SMALL | {"hidden_act": "silu"}, FILL_MASK_BASICS),
    Checkpoint("bert-tanh", SMALL | {"hidden_act": "tanh"}, FILL_MASK_BASICS),
    Checkpoint("bert-untied", OLD | {"tie_word_embeddings": False}, FILL_MASK_BASICS),
    Checkpoint("bert-decoder-differs", OLD, FILL_MASK_BASICS, rewrite=with_another_decoder),
    Checkpoint("bert-decoder-only", OLD, FILL_MASK_BASICS, rewrite=with_decoder_only),
    Checkpoint(
        "bert-old-names",
        OLD,
        FILL_MASK_BASICS + FILL_MASK_TEXTS + EXTRACT_BASICS,
        rewrite=with_gamma_and_beta,
        tokenizer_flags={"clean_up_tokenization_spaces": True},
        old_files=True,
    ),
    Checkpoint(
        "bert-old-leftovers",
        OLD,
        FILL_MASK_BASICS + EXTRACT_BASICS,
        model_class=BertForPreTraining,
        rewrite=lambda tensors: with_gamma_and_beta(with_leftovers(tensors)),
        old_files=True,
    ),
    Checkpoint(
        "bert-old-encoder",
        OLD,
        EXTRACT_BASICS,
        model_class=BertModel,
        rewrite=with_gamma_and_beta,
        forwarded=FORWARDED,
    ),
    Checkpoint(
        "bert-encoder", bert_sizes(24, 3, 2, 40, 240), EXTRACT_ALL, model_class=BertModel, forwarded=FORWARDED
    ),
]
