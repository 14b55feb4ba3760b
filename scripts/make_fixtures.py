#!/usr/bin/env python3
"""Writes the reference fixtures: tiny random checkpoints with goldens, and the MiniLM embeddings.

Run by hand, with the packages of `requirements-fixtures.txt`:

    scripts/make_fixtures.py                                        # Tests/Fixtures/checkpoints, adapters, pickles
    scripts/make_fixtures.py --only bert-tiny st-cls                # some of them; also of Tests/Fixtures/decoders
    scripts/make_fixtures.py --only pickles                         # Tests/Fixtures/pickles
    PENSTOCK_PYTHON_V4=… scripts/make_fixtures.py --only span-bert  # those for question-answering
    scripts/make_fixtures.py --minilm models/all-MiniLM-L6-v2       # Tests/Fixtures/minilm

Everything is seeded, computed in float32 with eager attention on one thread and one text at a time. Nothing is
rounded: a golden is what the reference returned, as JSON.
"""

import argparse
from pathlib import Path

import fixtures_bert
import fixtures_classification
import fixtures_deberta
import fixtures_families
import fixtures_more_families
import fixtures_pickle
import fixtures_rotary_families
import fixtures_zero_shot
from fixtures_adapters import ADAPTERS, make_adapter
from fixtures_base import FIXTURES, use_reference_settings
from fixtures_checkpoints import make_checkpoint
from fixtures_decoder_sentences import DECODER_SENTENCES
from fixtures_decoders import DECODERS, make_decoder
from fixtures_embeddings import EMBEDDING_CHECKPOINTS
from fixtures_question_answering import SPAN_CHECKPOINTS, make_span_checkpoint
from fixtures_ranking import RANKING_CHECKPOINTS, make_ranking_checkpoint
from fixtures_sentences import SENTENCE_CHECKPOINTS, make_minilm, make_sentence_checkpoint
from fixtures_sparse import SPARSE_CHECKPOINTS, make_sparse_checkpoint
from fixtures_static import STATIC_CHECKPOINTS, make_static_checkpoint
from fixtures_tokens import TOKENS_CHECKPOINTS, make_tokens_checkpoint

CHECKPOINTS = (
    fixtures_bert.CHECKPOINTS
    + fixtures_families.CHECKPOINTS
    + fixtures_more_families.CHECKPOINTS
    + fixtures_rotary_families.CHECKPOINTS
    + fixtures_deberta.CHECKPOINTS
    + fixtures_classification.CHECKPOINTS
    + fixtures_zero_shot.CHECKPOINTS
    + fixtures_pickle.CHECKPOINTS
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="make only these checkpoints")
    parser.add_argument("--minilm", type=Path, metavar="DIR", help="make the MiniLM fixtures from this checkpoint")
    arguments = parser.parse_args()

    use_reference_settings()
    if arguments.minilm:
        make_minilm(arguments.minilm, FIXTURES / "minilm")
        return
    for checkpoints, make in [
        (CHECKPOINTS, make_checkpoint),
        (SENTENCE_CHECKPOINTS + EMBEDDING_CHECKPOINTS + DECODER_SENTENCES, make_sentence_checkpoint),
        (STATIC_CHECKPOINTS, make_static_checkpoint),
        (SPARSE_CHECKPOINTS, make_sparse_checkpoint),
        (TOKENS_CHECKPOINTS, make_tokens_checkpoint),
        (RANKING_CHECKPOINTS, make_ranking_checkpoint),
        (SPAN_CHECKPOINTS, make_span_checkpoint),
    ]:
        for checkpoint in checkpoints:
            if not arguments.only or checkpoint.name in arguments.only:
                make(checkpoint, FIXTURES / "checkpoints" / checkpoint.name)
    for decoder in DECODERS:
        if not arguments.only or decoder.name in arguments.only:
            make_decoder(decoder, FIXTURES / "decoders" / decoder.name)
    for fixture in ADAPTERS:
        if not arguments.only or fixture.name in arguments.only:
            make_adapter(fixture, FIXTURES / "adapters" / fixture.name)
    if not arguments.only or "pickles" in arguments.only:
        fixtures_pickle.make_archives(FIXTURES / "pickles")


if __name__ == "__main__":
    main()
