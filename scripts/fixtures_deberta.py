"""Checkpoints of DeBERTa v2 and v3, with each of their heads."""

from functools import partial

from transformers import (
    DebertaV2ForMaskedLM,
    DebertaV2ForSequenceClassification,
    DebertaV2ForTokenClassification,
    DebertaV2Model,
)

from fixtures_bert import EXTRACT_BASICS, FILL_MASK_BASICS
from fixtures_checkpoints import Checkpoint, bert_sizes
from fixtures_classification import CLASSIFY_BASICS, ENTAILMENT, ENTITIES, TAG_BASICS
from fixtures_tokenizers import deberta_tokenizer
from fixtures_weights import with_gamma_and_beta, without_prefix

SHORT = (1, 2, 17, 48)
DEBERTA = bert_sizes(24, 3, 2, 36, 240, 48, relative_attention=True)
VERSION_3 = DEBERTA | {
    "position_buckets": 8,
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "pos_att_type": "p2c|c2p",
    "position_biased_input": False,
    "max_relative_positions": -1,
    "type_vocab_size": 0,
}

CHECKPOINTS = [
    Checkpoint(
        "deberta-masked",
        VERSION_3 | {"max_position_embeddings": 150, "position_buckets": 40},
        FILL_MASK_BASICS + EXTRACT_BASICS,
        model_class=DebertaV2ForMaskedLM,
        tokenizer=partial(deberta_tokenizer, 240, 150),
        lengths=(1, 2, 66, 150),
    ),
    Checkpoint(
        "deberta-masked-new-head",
        DEBERTA | {
            "legacy": False,
            "pos_att_type": ["c2p"],
            "type_vocab_size": 2,
            "max_relative_positions": 20,
            "hidden_act": "gelu_new",
            "tie_word_embeddings": True,
        },
        FILL_MASK_BASICS,
        model_class=DebertaV2ForMaskedLM,
        tokenizer=partial(deberta_tokenizer, 240, 48),
        lengths=SHORT,
    ),
    Checkpoint(
        "deberta-encoder",
        VERSION_3 | {"num_attention_heads": 2, "share_att_key": False, "norm_rel_ebd": "none"},
        EXTRACT_BASICS,
        model_class=DebertaV2Model,
        tokenizer=partial(deberta_tokenizer, 240, 48),
        rewrite=with_gamma_and_beta,
        lengths=SHORT,
    ),
    Checkpoint(
        "deberta-sequence",
        VERSION_3 | ENTAILMENT | {"pos_att_type": ["p2c"], "position_buckets": -1, "pooler_hidden_act": "tanh"},
        CLASSIFY_BASICS,
        model_class=DebertaV2ForSequenceClassification,
        tokenizer=partial(deberta_tokenizer, 240, 48),
        lengths=SHORT,
        least_labels=2,
    ),
    Checkpoint(
        "deberta-tokens",
        DEBERTA | ENTITIES | {"relative_attention": False, "pos_att_type": ["c2p", "p2c"]},
        TAG_BASICS,
        model_class=DebertaV2ForTokenClassification,
        tokenizer=partial(deberta_tokenizer, 240, 22),
        rewrite=without_prefix,
        lengths=SHORT,
        least_labels=4,
    ),
]
