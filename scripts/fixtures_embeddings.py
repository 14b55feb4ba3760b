"""Checkpoints of sentence-transformers whose embeddings are cut, stored in other precisions, or of other kinds."""

from fixtures_base import Case
from fixtures_sentences import (
    EMBED_PROMPTS,
    EMBED_TEXTS,
    PROMPTS,
    SENTENCE_HIDDEN,
    TANH_DENSE,
    Module,
    SentenceCheckpoint,
    embed,
    flag_pooling,
)
from fixtures_tokenizers import bert_tokenizer

TEXTS = EMBED_TEXTS[:4]
WIDTH = 13
LEAST = [-0.4, -0.3, -0.5, -0.2, -0.1, 0.0, -0.5, -0.5, -0.5, 0.25, -0.35, -0.4, -0.3]
GREATEST = [0.4, 0.3, 0.1, 0.2, 0.6, 0.5, 0.5, 0.45, 0.5, 0.25, 0.35, 0.4, 0.2]


def cases_of_encodings() -> list[Case]:
    cases = [
        embed(TEXTS, truncate_dim=5),
        embed(TEXTS[0], truncate_dim=1, normalize=True),
        embed(TEXTS, truncate_dim=7, normalize=True),
        embed(TEXTS[0], truncate_dim=WIDTH),
    ]
    for precision in ("binary", "ubinary"):
        for encoding_format in ("float", "base64"):
            cases.append(embed(TEXTS, precision=precision, encoding_format=encoding_format))
    for precision in ("int8", "uint8"):
        for encoding_format in ("float", "base64"):
            for ranges in ([LEAST, GREATEST], [-0.6, 0.55]):
                cases.append(embed(TEXTS, precision=precision, encoding_format=encoding_format, ranges=ranges))
    return cases + [
        embed(TEXTS[0], precision="ubinary", truncate_dim=8),
        embed(TEXTS[0], precision="binary", truncate_dim=9, normalize=True),
        embed(TEXTS[1], precision="int8", truncate_dim=3, ranges=[LEAST[:3], GREATEST[:3]]),
        embed(TEXTS[0], precision="int8"),
        embed(TEXTS[0], precision="uint8", ranges=[LEAST[:3], GREATEST[:3]]),
        embed(TEXTS[0], precision="int4"),
    ]


WORD_WEIGHTS = {"t": 0.25, "h": 2.5, "##s": 1.5, "c": 3, "[CLS]": 0.5, "##e": -0.5, "##o": 1.25, "!": 0}


def word_weights() -> Module:
    """Weights for some of the tokens; one of the vocabulary has the weight of its lower case."""
    tokens = sorted(vocabulary := bert_tokenizer(200, 40, False).get_vocab(), key=vocabulary.get)
    vocab = [token.upper() if token == "c" else token for token in tokens]
    return Module("WordWeights", {"vocab": vocab, "word_weights": WORD_WEIGHTS, "unknown_word_weight": 0.75})


SIMILARITIES = [
    Case("sentence-similarity", {"source_sentence": EMBED_TEXTS[2], "sentences": EMBED_TEXTS}, parameters)
    for parameters in (
        {},
        {"similarity_fn_name": "cosine"},
        {"similarity_fn_name": "dot"},
        {"similarity_fn_name": "euclidean"},
        {"similarity_fn_name": "manhattan"},
        {"similarity_fn_name": "maxsim"},
        {"similarity_fn_name": "dot", "truncate_dim": 3},
    )
]

EMBEDDING_CHECKPOINTS = [
    SentenceCheckpoint(
        "st-similarities", flag_pooling("mean"), SIMILARITIES, prompts={"similarity_fn_name": "manhattan"}
    ),
    SentenceCheckpoint(
        "st-word-weights",
        {},
        EMBED_PROMPTS,
        modules=[
            word_weights(),
            Module("Pooling", flag_pooling("mean", "mean_sqrt_len_tokens", "weightedmean", "max", include_prompt=False)),
            Module("Normalize"),
        ],
        prompts={"prompts": PROMPTS, "default_prompt_name": "query"},
    ),
    SentenceCheckpoint(
        "st-encodings",
        flag_pooling("mean"),
        cases_of_encodings(),
        dense=TANH_DENSE | {"out_features": WIDTH, "in_features": SENTENCE_HIDDEN},
        normalize=True,
        prompts={"truncate_dim": None},
    ),
]
