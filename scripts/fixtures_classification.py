"""Checkpoints of all families with heads for text-classification and token-classification."""

from functools import partial

import torch
from transformers import (
    BertForSequenceClassification,
    BertForTokenClassification,
    CamembertForSequenceClassification,
    CamembertForTokenClassification,
    DistilBertForSequenceClassification,
    DistilBertForTokenClassification,
    RobertaForSequenceClassification,
    RobertaForTokenClassification,
    XLMRobertaForSequenceClassification,
    XLMRobertaForTokenClassification,
)

from fixtures_base import JSON, Case
from fixtures_checkpoints import Checkpoint, bert_sizes
from fixtures_families import PADDING_LAST, PADDING_THIRD, distilbert_sizes, in_roberta
from fixtures_tokenizers import (
    WORDS,
    bert_tokenizer,
    camembert_tokenizer,
    distilbert_tokenizer,
    roberta_tokenizer,
    xlm_roberta_tokenizer,
)
from fixtures_weights import with_gamma_and_beta, without_prefix

# --- Cases of text-classification -------------------------------------------------------------------------------------


def classify(inputs: JSON, **parameters: JSON) -> Case:
    return Case("text-classification", inputs, parameters)


CAT = "The cat sat on the mat."
WINE = "it isn't wine"
PAIR = {"text": CAT, "text_pair": WINE}
LONG = " ".join(WORDS[:60])

CLASSIFY_BASICS = [
    classify(CAT),
    classify(CAT, top_k=None),
    classify([CAT, WINE]),
    classify(PAIR),
    classify(CAT, function_to_apply="none", top_k=None),
    classify(LONG, truncation=True),
]

CLASSIFY_SHAPES = [
    classify(inputs, **parameters)
    for inputs in [CAT, [CAT], [CAT, WINE], PAIR, {"text": CAT}, [PAIR], [PAIR, CAT], [[[CAT, WINE]]]]
    for parameters in [{}, {"top_k": 1}, {"top_k": 2}, {"top_k": None}]
] + [
    classify(CAT, top_k=0),
    classify(CAT, top_k=100),
    classify([CAT, WINE], top_k=100),
    classify([[[CAT, WINE]], [["a", "b"]], CAT, {"text": "a", "text_pair": "b"}], top_k=1),
]

CLASSIFY_TEXTS = [
    classify("", top_k=None),
    classify(["", " ", "."], top_k=1),
    classify({"text": CAT, "text_pair": ""}),
    classify({"text": CAT, "text_pair": None}),
    classify({"text": "", "text_pair": CAT}),
    classify([[[CAT, ""]]]),
    classify("  Café naïve, 東京 🙂\n\tабв سلام  ", top_k=None),
    classify("one [SEP] two [MASK] [PAD] three", top_k=None),
    classify([WORDS[index] for index in range(0, 60, 4)]),
]

CLASSIFY_FUNCTIONS = [
    classify(CAT, function_to_apply=function, **parameters)
    for function in ["sigmoid", "softmax", "none", "SoftMax", None]
    for parameters in [{}, {"top_k": None}]
] + [classify([CAT, PAIR], function_to_apply="sigmoid", top_k=None)]

CLASSIFY_TRUNCATION = [
    classify(LONG, truncation=True, max_length=5, top_k=None),
    classify(LONG, max_length=7, top_k=None),
    classify(LONG, truncation="only_first", max_length=9),
    classify(LONG, truncation="longest_first"),
    classify(CAT, truncation=True, max_length=30),
    classify(CAT, truncation=True, max_length=4),
    classify(CAT, truncation=False),
    classify(CAT, truncation="do_not_truncate", top_k=1),
    classify({"text": CAT, "text_pair": LONG}, truncation=True, max_length=15, top_k=None),
    classify({"text": LONG, "text_pair": CAT}, truncation=True, max_length=16, top_k=None),
    classify({"text": LONG, "text_pair": LONG}, truncation=True, top_k=None),
    classify({"text": CAT, "text_pair": LONG}, truncation="only_second", max_length=20),
    classify({"text": LONG, "text_pair": CAT}, truncation="only_first", max_length=20),
    classify([LONG, PAIR, "a"], truncation=True, max_length=9),
]

CLASSIFY_ERRORS = [
    classify([]),
    classify([[CAT, WINE]]),
    classify([[CAT, WINE]], top_k=1),
    classify([[CAT]]),
    classify([[]]),
    classify([[[CAT]]]),
    classify([[[CAT, WINE, CAT]]]),
    classify([CAT, [CAT]]),
    classify([CAT, 7]),
    classify(7),
    classify(None),
    classify(True),
    classify({}),
    classify({"text_pair": CAT}),
    classify({"text": 7}),
    classify({"text": None}),
    classify({"text": CAT, "text_pair": 7}),
    classify([[[CAT, 7]]]),
    classify([{"role": "user", "content": CAT}]),
    classify(CAT, function_to_apply="default"),
    classify(CAT, function_to_apply="foo"),
    classify(CAT, function_to_apply=""),
    classify(CAT, function_to_apply=7),
    classify(LONG),
    classify([CAT, LONG]),
    classify({"text": LONG, "text_pair": LONG}),
    classify(LONG, truncation=False),
    classify(LONG, truncation="longest"),
    classify(LONG, truncation="only_second", max_length=9),
    classify(LONG, truncation=True, max_length=-1),
    classify(LONG, truncation=True, max_length=5.5),
    classify(LONG, truncation=True, max_length="5"),
]

CLASSIFY_SOME = CLASSIFY_BASICS + CLASSIFY_TEXTS + CLASSIFY_FUNCTIONS + CLASSIFY_TRUNCATION
CLASSIFY_ALL = CLASSIFY_SOME + CLASSIFY_SHAPES + CLASSIFY_ERRORS

# --- Cases of token-classification ------------------------------------------------------------------------------------


def tag(inputs: JSON, **parameters: JSON) -> Case:
    return Case("token-classification", inputs, parameters)


def tag_words(inputs: JSON, **parameters: JSON) -> Case:
    return tag(inputs, is_split_into_words=True, **parameters)


STRATEGIES = ["none", "simple", "first", "average", "max"]
MERGING = STRATEGIES[1:]
PARIS = "The cats sat in Paris!"
VISIT = "hello Paris and the small dog, who likes cheese; never before was it so, that winter"
SPLIT = ["The", "cats", "don't", "", "in", "New York", "naïve"]

TAG_TEXTS = [
    "Zoë ate crêpes",
    "Россия и абв!",
    "東京は中文。",
    "بسم سلام",
    "नमस्ते दुनिया",
    "👩‍👩‍👧 and 🙂🏽",
    "Cafe\u0301 ﬁne ① Ａ İs ΣΑ",
    "a  b   cats \t d\n e",
    "  the dogs\u00a0ran  ",
    "it's (50%) \"U.S.\" e-mail...",
    "the [MASK] and [SEP][PAD] [UNK] is",
    "Café",
    "naïve Café",
]

TAG_BASICS = [
    tag(PARIS),
    *[tag(PARIS, aggregation_strategy=strategy) for strategy in MERGING],
    tag([PARIS, "hello"], aggregation_strategy="simple"),
    tag_words(SPLIT, aggregation_strategy="first"),
    tag(VISIT, aggregation_strategy="simple", stride=4),
]

TAG_SCRIPTS = [
    tag(text, ignore_labels=[], aggregation_strategy=strategy)
    for index, text in enumerate(TAG_TEXTS)
    for strategy in ["none", MERGING[index % 4]]
]

TAG_SHAPES = [
    tag([PARIS]),
    tag(["", "hello world"]),
    tag(""),
    tag([""]),
    tag("", aggregation_strategy="simple"),
    tag(["", " "], aggregation_strategy="max"),
    tag(" "),
    tag("!"),
    tag(PARIS, aggregation_strategy="NONE"),
    tag("hello", aggregation_strategy="Simple"),
    tag("hello", aggregation_strategy=None),
    tag([WORDS[index] for index in range(0, 40, 5)]),
]

TAG_LABELS = [
    tag(PARIS, ignore_labels=[]),
    tag("hello world", ignore_labels=None),
    tag(PARIS, ignore_labels=["O", "PER", "PERSON"], aggregation_strategy="simple"),
    tag(PARIS, ignore_labels=["B-PER", "I-LOC", "NON-HUMAN", "LABEL_1"]),
    tag(PARIS, ignore_labels=["B-PER", "LOC", "HUMAN"], aggregation_strategy="average"),
    tag(PARIS, ignore_labels=["nothing"], aggregation_strategy="max"),
]

TAG_WORDS = [tag_words(SPLIT, ignore_labels=[], aggregation_strategy=strategy) for strategy in STRATEGIES] + [
    tag_words(SPLIT, delimiter="", aggregation_strategy="first"),
    tag_words(SPLIT, delimiter=" – ", aggregation_strategy="average"),
    tag_words(SPLIT, delimiter=None, aggregation_strategy="simple"),
    tag_words([SPLIT, ["Paris"]], aggregation_strategy="simple"),
    tag_words([SPLIT[:2]]),
    tag_words([["hello"], []]),
    tag_words([[]]),
    tag_words([""]),
    tag_words(["", "a", " ", " the ", "b "], ignore_labels=[]),
    tag_words(["東京は", "абв", "👩‍👩‍👧", "Cafe\u0301", "ﬁne"], ignore_labels=[], aggregation_strategy="max"),
    tag(SPLIT[:3], is_split_into_words=False),
    tag("hello world", delimiter="--"),
    tag_words(VISIT.split(" "), aggregation_strategy="average", stride=3),
]

TAG_STRIDES = [
    tag(VISIT),
    tag(VISIT, stride=5),
    *[tag(VISIT, aggregation_strategy=strategy, stride=5) for strategy in MERGING],
    *[tag(VISIT, aggregation_strategy="simple", stride=stride) for stride in [0, 12]],
    tag(VISIT, aggregation_strategy="max", stride=6, ignore_labels=["O", "LOC"]),
    tag([VISIT, "hello world", ""], aggregation_strategy="first", stride=2),
    tag("hello Paris", aggregation_strategy="simple", stride=3),
    tag("hello Paris", stride=0),
    tag("  the  dogs ran  and   was it hello there  Paris", ignore_labels=[], aggregation_strategy="first", stride=3),
]

TAG_ERRORS = [
    tag([]),
    tag(7),
    tag(None),
    tag(True),
    tag({"text": PARIS}),
    tag([PARIS, 7]),
    tag([[PARIS]]),
    tag([{"role": "user", "content": PARIS}]),
    tag_words(PARIS),
    tag_words(""),
    tag_words([]),
    tag_words(["a", 7]),
    tag_words(["a", ["b"]]),
    tag_words([["a"], "b"]),
    tag_words([["a", 7]]),
    tag_words({"a": 1}),
    tag_words(SPLIT, delimiter=7),
    tag(PARIS, aggregation_strategy="foo"),
    tag(PARIS, aggregation_strategy=""),
    tag(PARIS, aggregation_strategy=7),
    tag(PARIS, ignore_labels="O"),
    tag(PARIS, ignore_labels=7),
    tag(PARIS, unknown_parameter=1),
    tag(PARIS, aggregation_strategy="none", stride=2),
    tag(PARIS, aggregation_strategy="simple", stride=1000),
    tag(PARIS, aggregation_strategy="simple", stride=-1),
    tag(PARIS, aggregation_strategy="simple", stride=2.5),
    tag(PARIS, aggregation_strategy="simple", stride="3"),
]

# The offsets of a text are given, one list per text.
TAG_OFFSETS = [
    tag("a cat", offset_mapping=[[[0, 0], [0, 1], [2, 3], [3, 4], [4, 5], [0, 0]]], ignore_labels=[]),
    tag(["a cat", "a dog"], offset_mapping=[[[0, 0], [1, 2], [3, 4], [0, 0]]]),
]

TAG_SOME = TAG_BASICS + TAG_SCRIPTS + TAG_STRIDES + TAG_WORDS
TAG_ALL = TAG_SOME + TAG_SHAPES + TAG_LABELS + TAG_ERRORS

# --- Labels -----------------------------------------------------------------------------------------------------------


def named(*names: str) -> dict[str, JSON]:
    return {"id2label": dict(enumerate(names)), "label2id": {name: index for index, name in enumerate(names)}}


SENTIMENT = named("NEGATIVE", "POSITIVE")
ENTAILMENT = named("contradiction", "entailment", "neutral")
EMOTIONS = named("sadness", "joy", "love", "anger", "fear", "surprise", "été 🙂")
ENTITIES = named("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-MISC", "I-MISC")
ODD_ENTITIES = named("NON-HUMAN", "PER", "I-PER", "B-PER", "A-", "B-X-Y", "NON-PLANT")
WORD_CLASSES = named("NOUN", "VERB", "O")

# --- Checkpoints ------------------------------------------------------------------------------------------------------

BERT = bert_sizes(16, 2, 1, 24, 320, 40)
OLD_BERT = bert_sizes(16, 2, 2, 24, 220, 48, layer_norm_eps=1e-5)
ROBERTA = bert_sizes(16, 2, 1, 24, 361, 58, type_vocab_size=1, layer_norm_eps=1e-5)
UNIGRAM = bert_sizes(16, 2, 1, 24, 250, 58, type_vocab_size=1, layer_norm_eps=1e-5)
DISTILBERT = distilbert_sizes(16, 2, 1, 24, 320, 40)

SEQUENCE_CHECKPOINTS = [
    Checkpoint(
        "bert-sequence",
        BERT | ENTAILMENT | {"classifier_dropout": 0.3, "problem_type": "single_label_classification"},
        CLASSIFY_ALL,
        model_class=BertForSequenceClassification,
        least_labels=3,
    ),
    Checkpoint(
        "bert-sequence-regression",
        OLD_BERT | named("score") | {"problem_type": "regression"},
        CLASSIFY_SOME,
        model_class=BertForSequenceClassification,
        rewrite=with_gamma_and_beta,
        old_files=True,
    ),
    Checkpoint(
        "bert-sequence-multilabel",
        OLD_BERT | EMOTIONS | {"problem_type": "multi_label_classification", "hidden_act": "relu"},
        CLASSIFY_SOME,
        model_class=BertForSequenceClassification,
        cased=True,
        dtype=torch.bfloat16,
    ),
    Checkpoint(
        "roberta-sequence",
        ROBERTA | {"classifier_dropout": 0.2},
        in_roberta(CLASSIFY_ALL),
        model_class=RobertaForSequenceClassification,
        tokenizer=partial(roberta_tokenizer, 56, merges=100),
        omitted=("problem_type", "id2label", "label2id"),
        least_labels=2,
    ),
    Checkpoint(
        "roberta-sequence-regression",
        ROBERTA | named("valence", "arousal", "dominance") | {"problem_type": "regression", "pad_token_id": 3},
        in_roberta(CLASSIFY_SOME),
        model_class=RobertaForSequenceClassification,
        tokenizer=partial(roberta_tokenizer, 54, merges=100, specials=PADDING_LAST),
        rewrite=with_gamma_and_beta,
    ),
    Checkpoint(
        "xlm-roberta-sequence",
        UNIGRAM | ENTAILMENT | {"pad_token_id": 2, "num_hidden_layers": 2},
        in_roberta(CLASSIFY_ALL),
        model_class=XLMRobertaForSequenceClassification,
        tokenizer=partial(xlm_roberta_tokenizer, 250, 55, specials=PADDING_THIRD),
        least_labels=3,
    ),
    Checkpoint(
        "camembert-sequence",
        UNIGRAM | named("toxic"),
        in_roberta(CLASSIFY_SOME),
        model_class=CamembertForSequenceClassification,
        tokenizer=partial(camembert_tokenizer, 250, 56),
        rewrite=without_prefix,
    ),
    Checkpoint(
        "distilbert-sequence",
        DISTILBERT | SENTIMENT | {"seq_classif_dropout": 0.4},
        CLASSIFY_ALL,
        model_class=DistilBertForSequenceClassification,
        tokenizer=partial(distilbert_tokenizer, 320, 40),
        least_labels=2,
    ),
    Checkpoint(
        "distilbert-sequence-multilabel",
        DISTILBERT | EMOTIONS | {"problem_type": "multi_label_classification", "activation": "relu", "n_layers": 2},
        CLASSIFY_SOME,
        model_class=DistilBertForSequenceClassification,
        tokenizer=partial(distilbert_tokenizer, 320, 40, cased=True),
        rewrite=lambda tensors: without_prefix(with_gamma_and_beta(tensors)),
    ),
]

TOKEN_CHECKPOINTS = [
    Checkpoint(
        "bert-tokens",
        BERT | ENTITIES | {"classifier_dropout": 0.1},
        TAG_ALL + TAG_OFFSETS,
        model_class=BertForTokenClassification,
        tokenizer=partial(bert_tokenizer, 320, 18),
        least_labels=7,
    ),
    Checkpoint(
        "bert-tokens-cased",
        OLD_BERT | ODD_ENTITIES | {"max_position_embeddings": 80},
        TAG_SOME + TAG_LABELS,
        model_class=BertForTokenClassification,
        tokenizer=partial(bert_tokenizer, 220, int(1e30), cased=True),
        rewrite=with_gamma_and_beta,
        least_labels=7,
    ),
    Checkpoint(
        "roberta-tokens",
        ROBERTA | ENTITIES,
        in_roberta(TAG_ALL),
        model_class=RobertaForTokenClassification,
        tokenizer=partial(roberta_tokenizer, 22, merges=100),
        least_labels=7,
    ),
    Checkpoint(
        "roberta-tokens-spaced",
        ROBERTA | WORD_CLASSES | {"pad_token_id": 3},
        in_roberta(TAG_BASICS + TAG_SCRIPTS + TAG_WORDS),
        model_class=RobertaForTokenClassification,
        tokenizer=partial(roberta_tokenizer, 28, merges=100, specials=PADDING_LAST, add_prefix_space=True),
        least_labels=3,
    ),
    Checkpoint(
        "xlm-roberta-tokens",
        UNIGRAM | ENTITIES | {"pad_token_id": 2},
        in_roberta(TAG_ALL),
        model_class=XLMRobertaForTokenClassification,
        tokenizer=partial(xlm_roberta_tokenizer, 250, 20, specials=PADDING_THIRD),
        rewrite=without_prefix,
        least_labels=7,
    ),
    Checkpoint(
        "camembert-tokens",
        UNIGRAM,
        in_roberta(TAG_SOME + TAG_LABELS),
        model_class=CamembertForTokenClassification,
        tokenizer=partial(camembert_tokenizer, 250, 20),
        dtype=torch.float16,
        least_labels=2,
    ),
    Checkpoint(
        "distilbert-tokens",
        DISTILBERT | ENTITIES | {"hidden_act": "relu"},
        TAG_ALL,
        model_class=DistilBertForTokenClassification,
        tokenizer=partial(distilbert_tokenizer, 320, 18),
        least_labels=7,
    ),
]

CHECKPOINTS = SEQUENCE_CHECKPOINTS + TOKEN_CHECKPOINTS
