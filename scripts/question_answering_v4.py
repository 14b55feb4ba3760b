#!/usr/bin/env python3
"""Answers questions with the pipeline of transformers 4, for goldens and comparisons: version 5 has no such pipeline.

Run with the packages of `requirements-fixtures-v4.txt`, by `Version4` in `fixtures_question_answering.py`, with the
checkpoint and, separated by commas, the inputs that the tokenizer of version 5 gives to the model. Reads lines
`{"inputs": …, "parameters": {…}}` from standard input, and writes a line for each:
`{"output": …, "is_stable": …}`, or `{"error": …}`. An output is stable if it is the same when logits move a little.

Version 5 is the reference for tokenizers. A class may give the model other inputs there: that of ALBERT no longer gives
it token types.
"""

import json
import math
import sys
import warnings
from typing import Any

import torch
import transformers

SIZE = 1e-5  # by which logits move
TRIES = 4


def is_same(a: Any, b: Any) -> bool:
    """Whether two outputs differ in nothing but the last digits of scores."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(is_same(x, y) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return all(a[key] == b[key] for key in ("start", "end", "answer")) and math.isclose(
            a["score"], b["score"], rel_tol=20 * SIZE
        )
    return False


def main() -> None:
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    warnings.filterwarnings("ignore")
    pipeline = transformers.pipeline(
        "question-answering",
        model=sys.argv[1],
        dtype=torch.float32,
        device="cpu",
        model_kwargs={"attn_implementation": "eager"},
    )
    pipeline.tokenizer.model_input_names = sys.argv[2].split(",")
    generator = torch.Generator().manual_seed(0)

    def move(_module: torch.nn.Module, _inputs: Any, output: Any) -> None:
        for name in ("start_logits", "end_logits"):
            output[name] = output[name] + SIZE * torch.randn(output[name].shape, generator=generator)

    for line in sys.stdin:
        call = json.loads(line)
        try:
            output = pipeline(call["inputs"], **call["parameters"])
            handle = pipeline.model.register_forward_hook(move)
            others = [pipeline(call["inputs"], **call["parameters"]) for _ in range(TRIES)]
            handle.remove()
            answer = {"output": output, "is_stable": all(is_same(output, other) for other in others)}
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # whatever upstream raises is the golden; a panic of Rust is no `Exception`
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
