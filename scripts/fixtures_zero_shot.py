"""Checkpoints of all families for zero-shot-classification, with entailment under several names and in several places."""

from functools import partial

from transformers import (
    BertForSequenceClassification,
    CamembertForSequenceClassification,
    DistilBertForSequenceClassification,
    RobertaForSequenceClassification,
    XLMRobertaForSequenceClassification,
)

from fixtures_base import JSON, Case
from fixtures_checkpoints import Checkpoint
from fixtures_classification import BERT, DISTILBERT, LONG, ROBERTA, UNIGRAM, named
from fixtures_families import PADDING_LAST, in_roberta
from fixtures_tokenizers import (
    bert_tokenizer,
    camembert_tokenizer,
    distilbert_tokenizer,
    roberta_tokenizer,
    xlm_roberta_tokenizer,
)

# --- Cases ------------------------------------------------------------------------------------------------------------


def choose(inputs: JSON, **parameters: JSON) -> Case:
    return Case("zero-shot-classification", inputs, parameters)


CAT = "The cat sat on the mat."
LABELS = ["animals", "politics", "school", "été 🙂"]

CHOOSE_ALL = [
    choose(CAT, candidate_labels=LABELS),
    choose(CAT, candidate_labels=LABELS, multi_label=True),
    choose(CAT, candidate_labels=LABELS[:1]),
    choose(CAT, candidate_labels=LABELS[:1], multi_label=False),
    choose([CAT], candidate_labels=LABELS[:2]),
    choose([CAT, "  Café naïve, 東京 🙂 ", "it isn't wine"], candidate_labels=LABELS),
    choose(CAT, candidate_labels="animals, politics ,\u00a0school\x1f,, "),
    choose(CAT, candidate_labels="animals"),
    choose(CAT, candidate_labels=["a,b", " good ", ""]),
    choose(CAT, candidate_labels=LABELS, hypothesis_template="{}"),
    choose(CAT, candidate_labels=LABELS, hypothesis_template="{0} or {0}: {{that}}", multi_label=True),
    choose(CAT, candidate_labels=LABELS[:3], hypothesis_template="In Paris {} ran"),
    choose(LONG, candidate_labels=LABELS),
    choose([LONG, "a", LONG[9:]], candidate_labels=LABELS[:2], multi_label=True),
    choose("one [SEP] two [MASK] [PAD] three", candidate_labels=["[MASK]", "cat"]),
    choose(" ", candidate_labels=LABELS),
]

CHOOSE_ERRORS = [
    choose(CAT),
    choose(CAT, candidate_labels=[]),
    choose(CAT, candidate_labels=""),
    choose(CAT, candidate_labels=" , "),
    choose(CAT, candidate_labels=7),
    choose(CAT, candidate_labels=LABELS, hypothesis_template="This example is."),
    choose(CAT, candidate_labels=LABELS, hypothesis_template=""),
    choose(CAT, candidate_labels=LABELS, hypothesis_template="{} and {}"),
    choose(CAT, candidate_labels=LABELS, hypothesis_template="{} and {0}"),
    choose(CAT, candidate_labels=LABELS, hypothesis_template="{1}"),
    choose(CAT, candidate_labels=LABELS, hypothesis_template="{label}"),
    choose(CAT, candidate_labels=LABELS, hypothesis_template="This is {"),
    choose(CAT, candidate_labels=LABELS, hypothesis_template="This is }"),
    choose(CAT, candidate_labels=LABELS, hypothesis_template=7),
    choose("", candidate_labels=LABELS),
    choose([], candidate_labels=LABELS),
    choose(7, candidate_labels=LABELS),
    choose(None, candidate_labels=LABELS),
    choose(CAT, candidate_labels=[LONG]),
]

CHECKPOINTS = [
    Checkpoint(
        "zero-shot-bert",
        BERT | named("contradiction", "neutral", "entailment"),
        CHOOSE_ALL + CHOOSE_ERRORS,
        model_class=BertForSequenceClassification,
    ),
    Checkpoint(
        "zero-shot-bert-short",  # the tokenizer cuts earlier than the model has to
        BERT | named("ENTAILMENT", "neutral", "contradiction"),
        CHOOSE_ALL + [choose("a cat", candidate_labels=[LONG[:70], "good"])],
        model_class=BertForSequenceClassification,
        tokenizer=partial(bert_tokenizer, 320, 18),
    ),
    Checkpoint(
        "zero-shot-roberta",
        ROBERTA | named("CONTRADICTION", "Entails", "entailment") | {"pad_token_id": 3},
        in_roberta(CHOOSE_ALL),
        model_class=RobertaForSequenceClassification,
        tokenizer=partial(roberta_tokenizer, 54, merges=100, specials=PADDING_LAST),
    ),
    Checkpoint(
        "zero-shot-xlm-roberta",
        UNIGRAM | named("entailment", "not_entailment"),
        in_roberta(CHOOSE_ALL),
        model_class=XLMRobertaForSequenceClassification,
        tokenizer=partial(xlm_roberta_tokenizer, 250, 55),
    ),
    Checkpoint(
        "zero-shot-camembert",
        UNIGRAM | named("Non", "Peut-être", "Oui"),
        in_roberta(CHOOSE_ALL),
        model_class=CamembertForSequenceClassification,
        tokenizer=partial(camembert_tokenizer, 250, 56),
    ),
    Checkpoint(
        "zero-shot-distilbert",
        DISTILBERT | named("contradiction", "entailment") | {"n_layers": 2},
        CHOOSE_ALL,
        model_class=DistilBertForSequenceClassification,
        tokenizer=partial(distilbert_tokenizer, 320, 40),
    ),
]
