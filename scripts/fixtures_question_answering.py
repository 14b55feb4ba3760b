"""Checkpoints of all families for question-answering, whose goldens are of transformers 4: version 5 has no such pipeline.

`PENSTOCK_PYTHON_V4` names a Python with the packages of `requirements-fixtures-v4.txt`.
"""

import json
import os
import subprocess
import zlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import torch
from transformers import (
    AutoTokenizer,
    BertForQuestionAnswering,
    DistilBertForQuestionAnswering,
    RobertaForQuestionAnswering,
    XLMRobertaForQuestionAnswering,
)

from fixtures_base import JSON, Case, start_afresh, write_golden
from fixtures_checkpoints import Checkpoint, bert_sizes
from fixtures_families import PADDING_LAST, distilbert_sizes, in_roberta
from fixtures_tokenizers import (
    WORDS,
    distilbert_tokenizer,
    roberta_tokenizer,
    xlm_roberta_tokenizer,
)
from fixtures_weights import with_gamma_and_beta

# --- Cases ------------------------------------------------------------------------------------------------------------


def ask(question: JSON, context: JSON, **parameters: JSON) -> Case:
    return Case("question-answering", {"question": question, "context": context}, parameters)


WHERE = "Is it good?"
CAT = "The small cat, which never sat on a mat before, ran to Paris with the happy dogs of that school."
ODD = "  Café naïve, 東京 🙂🙂 and Россия;\n\tdon't! Cafe\u0301 ﬁne [SEP] [MASK] Paris paris PARIS  "
LONG = " ".join(WORDS[:90])

ASK_ALL = [
    ask(WHERE, CAT),
    ask(WHERE, CAT, top_k=3),
    ask(WHERE, CAT, top_k=3, align_to_words=False),
    ask(WHERE, CAT, handle_impossible_answer=True),
    ask(WHERE, CAT, handle_impossible_answer=True, top_k=4),
    ask(WHERE, CAT, max_answer_len=1),
    ask(WHERE, CAT, max_answer_len=3, top_k=2),
    ask(WHERE, CAT, max_answer_len=100),
    ask(WHERE, ODD),
    ask(WHERE, ODD, top_k=5),
    ask(WHERE, ODD, align_to_words=False, top_k=2, handle_impossible_answer=True),
    ask(WHERE, LONG),
    ask(WHERE, LONG, top_k=3, doc_stride=4),
    ask(WHERE, LONG, max_seq_len=20, doc_stride=3),
    ask(WHERE, LONG, max_seq_len=24, doc_stride=0, handle_impossible_answer=True, top_k=3),
    ask(WHERE, LONG + " " + LONG.upper(), max_seq_len=30, doc_stride=10, top_k=2),
    ask("Café 東京?", f"[CLS] and {LONG} [CLS]", max_seq_len=30, doc_stride=9, align_to_words=False),
    ask("a", "b"),
    Case(
        "question-answering",
        [ask(WHERE, CAT).inputs, ask("a cat", ODD).inputs],
        {"handle_impossible_answer": True, "doc_stride": 5},
    ),
    Case("question-answering", [ask(WHERE, CAT).inputs, ask("a cat", ODD).inputs], {"top_k": 2}),
]

ASK_ERRORS = [
    ask("", CAT),
    ask(WHERE, ""),
    ask(None, CAT),
    ask(WHERE, None),
    ask(WHERE, 7),
    ask(WHERE, CAT, top_k=0),
    ask(WHERE, CAT, max_answer_len=0),
    ask(WHERE, CAT, max_seq_len=20, doc_stride=21),
    ask(WHERE, LONG, max_seq_len=4),
    ask(WHERE, LONG, max_seq_len=200),
    Case("question-answering", {"question": WHERE}),
    Case("question-answering", {"context": CAT}),
    Case("question-answering", WHERE),
    Case("question-answering", 7),
]

# --- Checkpoints ------------------------------------------------------------------------------------------------------

BERT = bert_sizes(16, 2, 2, 24, 320, 40)
ROBERTA = bert_sizes(16, 2, 1, 24, 361, 58, type_vocab_size=1, layer_norm_eps=1e-5)
UNIGRAM = bert_sizes(16, 2, 1, 24, 250, 58, type_vocab_size=1, layer_norm_eps=1e-5)

SPAN_CHECKPOINTS = [
    Checkpoint("span-bert", BERT, ASK_ALL + ASK_ERRORS, model_class=BertForQuestionAnswering),
    Checkpoint(
        "span-bert-cased",
        BERT | {"num_hidden_layers": 1},
        ASK_ALL,
        model_class=BertForQuestionAnswering,
        cased=True,
        dtype=torch.bfloat16,
        rewrite=with_gamma_and_beta,
    ),
    Checkpoint(
        "span-roberta",
        ROBERTA | {"pad_token_id": 3},
        in_roberta(ASK_ALL),
        model_class=RobertaForQuestionAnswering,
        tokenizer=partial(roberta_tokenizer, 54, merges=100, specials=PADDING_LAST),
    ),
    Checkpoint(
        "span-xlm-roberta",
        UNIGRAM,
        in_roberta(ASK_ALL),
        model_class=XLMRobertaForQuestionAnswering,
        tokenizer=partial(xlm_roberta_tokenizer, 250, 55),
    ),
    Checkpoint(
        "span-distilbert",
        distilbert_sizes(16, 2, 2, 24, 320, 40),
        ASK_ALL,
        model_class=DistilBertForQuestionAnswering,
        tokenizer=partial(distilbert_tokenizer, 320, 40),
    ),
]


# --- The reference ----------------------------------------------------------------------------------------------------


class Version4:
    """The pipeline of transformers 4 over one checkpoint, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        python = os.environ.get("PENSTOCK_PYTHON_V4")
        if not python:
            raise RuntimeError(f"PENSTOCK_PYTHON_V4 has to name a Python: {__doc__}")
        inputs = AutoTokenizer.from_pretrained(folder).model_input_names
        script = Path(__file__).with_name("question_answering_v4.py")
        self.command = [python, str(script), str(folder), ",".join(inputs)]

    def answers(self, cases: Iterable[Case]) -> list[dict[str, JSON]]:
        """For each case `{"output", "is_stable"}` or `{"error"}`. Raises: RuntimeError when the process fails."""
        lines = [json.dumps({"inputs": case.inputs, "parameters": case.parameters}) for case in cases]
        result = subprocess.run(self.command, input="\n".join(lines).encode(), capture_output=True, check=False)
        answers = [json.loads(line) for line in result.stdout.decode().splitlines()]
        if len(answers) != len(lines):
            raise RuntimeError(f"{self.command} ended after {len(answers)} answers: {result.stderr.decode()[-2000:]}")
        return answers

    def answers_without(self, parameters: list[str]) -> Callable[[list[Case]], list[dict[str, JSON]]]:
        """Answers of cases of which some parameters are left out."""

        def kept(case: Case) -> Case:
            return Case(case.task, case.inputs, {k: v for k, v in case.parameters.items() if k not in parameters})

        return lambda cases: self.answers([kept(case) for case in cases])


def make_span_checkpoint(checkpoint: Checkpoint, folder: Path) -> None:
    """Saves the checkpoint with the first seed, counted from its name, whose answers are safe from rounding."""
    seed = zlib.crc32(checkpoint.name.encode())
    while True:
        start_afresh(folder)
        checkpoint.save(folder, seed)
        answers = Version4(folder).answers(checkpoint.cases)
        if all(answer.get("is_stable", True) for answer in answers):
            break
        seed += 1
    entries = [
        {"task": case.task, "inputs": case.inputs, "parameters": case.parameters}
        | {key: value for key, value in answer.items() if key != "is_stable"}
        for case, answer in zip(checkpoint.cases, answers)
    ]
    write_golden(folder, entries)
