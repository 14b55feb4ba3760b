"""Checkpoints of MPNet, ELECTRA and ALBERT, with each of their heads."""

from functools import partial

import torch
from transformers import (
    AlbertForMaskedLM,
    AlbertForSequenceClassification,
    AlbertForTokenClassification,
    ElectraForMaskedLM,
    ElectraForSequenceClassification,
    ElectraForTokenClassification,
    MPNetForMaskedLM,
    MPNetForSequenceClassification,
    MPNetForTokenClassification,
    MPNetModel,
)

from fixtures_bert import EXTRACT_BASICS, FILL_MASK_BASICS, FILL_MASK_TEXTS
from fixtures_checkpoints import Checkpoint, bert_sizes
from fixtures_classification import CLASSIFY_BASICS, CLASSIFY_TEXTS, EMOTIONS, ENTAILMENT, ENTITIES, TAG_BASICS, TAG_SCRIPTS
from fixtures_families import in_roberta
from fixtures_tokenizers import albert_tokenizer, bert_tokenizer, mpnet_tokenizer
from fixtures_weights import Tensors, with_gamma_and_beta, without_prefix

SHORT = (1, 2, 17, 48)


def with_albert_leftovers(tensors: Tensors) -> Tensors:
    """What AlbertForPreTraining leaves in files, which other classes do not read."""
    words = tensors["albert.embeddings.word_embeddings.weight"]
    return tensors | {
        "albert.embeddings.position_ids": torch.arange(48).unsqueeze(0),
        "predictions.decoder.weight": words.clone(),
        "predictions.decoder.bias": tensors["predictions.bias"].clone(),
        "sop_classifier.classifier.weight": torch.zeros(2, 20),
        "sop_classifier.classifier.bias": torch.zeros(2),
    }


# --- MPNet ------------------------------------------------------------------------------------------------------------

MPNET = bert_sizes(24, 3, 2, 36, 300, 60, layer_norm_eps=1e-5)
MPNET_CHECKPOINTS = [
    Checkpoint(
        "mpnet-masked",
        MPNET | {"max_position_embeddings": 212},
        in_roberta(FILL_MASK_BASICS + FILL_MASK_TEXTS[:8] + EXTRACT_BASICS),
        model_class=MPNetForMaskedLM,
        tokenizer=partial(mpnet_tokenizer, 300, 210),
        lengths=(1, 2, 63, 66, 210),
    ),
    Checkpoint(
        "mpnet-encoder",
        MPNET | {"num_attention_heads": 2, "relative_attention_num_buckets": 40, "hidden_act": "relu"},
        in_roberta(EXTRACT_BASICS),
        model_class=MPNetModel,
        tokenizer=partial(mpnet_tokenizer, 300, 58),
        rewrite=with_gamma_and_beta,
        lengths=(1, 2, 17, 58),
    ),
    Checkpoint(
        "mpnet-sequence",
        MPNET | ENTAILMENT,
        in_roberta(CLASSIFY_BASICS),
        model_class=MPNetForSequenceClassification,
        tokenizer=partial(mpnet_tokenizer, 300, 58),
        rewrite=without_prefix,
        lengths=(1, 2, 17, 58),
        least_labels=2,
    ),
    Checkpoint(
        "mpnet-tokens",
        MPNET | ENTITIES,
        in_roberta(TAG_BASICS),
        model_class=MPNetForTokenClassification,
        tokenizer=partial(mpnet_tokenizer, 300, 24),
        lengths=(1, 2, 17, 58),
        least_labels=4,
    ),
]

# --- ELECTRA ----------------------------------------------------------------------------------------------------------

ELECTRA = bert_sizes(24, 3, 2, 36, 260, 48, embedding_size=20)
ELECTRA_CHECKPOINTS = [
    Checkpoint(
        "electra-masked",
        ELECTRA,
        FILL_MASK_BASICS + EXTRACT_BASICS,
        model_class=ElectraForMaskedLM,
        lengths=SHORT,
        rewrite=with_gamma_and_beta,
    ),
    Checkpoint(
        "electra-masked-wide",
        ELECTRA | {"embedding_size": 40, "tie_word_embeddings": False, "type_vocab_size": 1, "hidden_act": "relu"},
        FILL_MASK_BASICS,
        model_class=ElectraForMaskedLM,
        lengths=SHORT,
    ),
    Checkpoint(
        "electra-sequence",
        ELECTRA | EMOTIONS | {"embedding_size": 24},
        CLASSIFY_BASICS + CLASSIFY_TEXTS,
        model_class=ElectraForSequenceClassification,
        lengths=SHORT,
        least_labels=2,
    ),
    Checkpoint(
        "electra-tokens",
        ELECTRA | ENTITIES,
        TAG_BASICS,
        model_class=ElectraForTokenClassification,
        tokenizer=partial(bert_tokenizer, 260, 18),
        rewrite=without_prefix,
        lengths=SHORT,
        least_labels=4,
    ),
]

# --- ALBERT -----------------------------------------------------------------------------------------------------------

ALBERT = bert_sizes(20, 2, 3, 36, 260, 48, embedding_size=12)
ALBERT_CHECKPOINTS = [
    Checkpoint(
        "albert-masked",
        ALBERT,
        FILL_MASK_BASICS + FILL_MASK_TEXTS[:8] + EXTRACT_BASICS,
        model_class=AlbertForMaskedLM,
        tokenizer=partial(albert_tokenizer, 260, 48),
        rewrite=with_albert_leftovers,
        lengths=SHORT,
    ),
    Checkpoint(
        "albert-sequence",
        ALBERT | ENTAILMENT | {"num_hidden_groups": 2, "inner_group_num": 2},
        CLASSIFY_BASICS + CLASSIFY_TEXTS[:5],
        model_class=AlbertForSequenceClassification,
        tokenizer=partial(albert_tokenizer, 260, 48),
        lengths=SHORT,
        least_labels=2,
    ),
    Checkpoint(
        "albert-sequence-types",
        ALBERT | ENTAILMENT | {"hidden_act": "gelu"},
        CLASSIFY_BASICS,
        model_class=AlbertForSequenceClassification,
        tokenizer=partial(
            albert_tokenizer, 260, 48, model_input_names=["input_ids", "token_type_ids", "attention_mask"]
        ),
        lengths=SHORT,
        least_labels=2,
    ),
    Checkpoint(
        "albert-tokens",
        ALBERT | ENTITIES | {"embedding_size": 20},
        TAG_BASICS + TAG_SCRIPTS[:6],
        model_class=AlbertForTokenClassification,
        tokenizer=partial(albert_tokenizer, 260, 24),
        rewrite=without_prefix,
        lengths=SHORT,
        least_labels=4,
    ),
]

CHECKPOINTS = MPNET_CHECKPOINTS + ELECTRA_CHECKPOINTS + ALBERT_CHECKPOINTS
