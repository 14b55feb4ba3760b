"""What all makers of fixtures share: cases, the pipelines of the reference, and files."""

import copy
import json
import math
import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy
import torch
import transformers

FIXTURES = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"

REFERENCE_PACKAGES = ("transformers", "tokenizers", "torch", "sentence-transformers")

CLASSIFICATION_TASKS = ("text-classification", "token-classification")

JSON = Any


def use_reference_settings() -> None:
    """One thread, no progress bars, no advice: the reference is to be repeatable and quiet."""
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", message="Tokenizer does not support real words")


# --- Cases ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One call of the reference."""

    task: str
    inputs: JSON
    parameters: dict[str, JSON] = field(default_factory=dict)

    def record(self, call: Callable[[JSON, dict[str, JSON]], JSON]) -> dict[str, JSON]:
        """The case as JSON with its `output`, or with the `error` that `call` raised."""
        entry = {"task": self.task, "inputs": self.inputs, "parameters": self.parameters}
        try:
            return entry | {"output": as_json(call(copy.deepcopy(self.inputs), copy.deepcopy(self.parameters)))}
        except Exception as error:  # whatever upstream raises is the golden
            return entry | {"error": f"{type(error).__name__}: {error}"}


def as_json(value: JSON) -> JSON:
    """The value with numpy's numbers as Python's, exactly."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.item() if isinstance(value, numpy.generic) else value


def without_scores(output: JSON) -> JSON:
    """An output of any nesting without its scores."""
    if isinstance(output, dict):
        return {key: value for key, value in output.items() if key not in ("score", "scores")}
    return [without_scores(part) for part in output] if isinstance(output, list) else output


# --- The pipelines of transformers ------------------------------------------------------------------------------------


class TransformersReference:
    """The pipelines of transformers over one checkpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pipelines: dict[str, transformers.Pipeline] = {}

    def pipeline(self, task: str) -> transformers.Pipeline:
        """The pipeline for `task`, in float32 whatever the checkpoint's dtype."""
        if task not in self.pipelines:
            self.pipelines[task] = transformers.pipeline(
                task,
                model=str(self.folder),
                dtype=torch.float32,
                device="cpu",
                model_kwargs={"attn_implementation": "eager"},
            )
        return self.pipelines[task]

    def record(self, case: Case) -> dict[str, JSON]:
        return case.record(lambda inputs, parameters: self.pipeline(case.task)(inputs, **parameters))

    def is_stable(self, case: Case, output: JSON) -> bool:
        """Whether another computation gives this output up to the last digits of its scores."""
        if case.task == "fill-mask":
            return not self.has_near_ties(case)
        if case.task == "zero-shot-classification":
            return all(without_scores(other) == without_scores(output) for other in self.perturbed(case, 3, 1e-4))
        if case.task in CLASSIFICATION_TASKS:
            return all(without_scores(other) == without_scores(output) for other in self.perturbed(case, 3))
        return True

    def perturbed(self, case: Case, times: int, size: float = 1e-5) -> list[JSON]:
        """Answers of a classification task when another computation moves the logits by about `size`."""
        generator = torch.Generator().manual_seed(0)

        def move(_module: torch.nn.Module, _inputs: JSON, output: transformers.utils.ModelOutput) -> None:
            output.logits = output.logits + size * torch.randn(output.logits.shape, generator=generator)

        handle = self.pipeline(case.task).model.register_forward_hook(move)
        try:
            return [self.record(case).get("output") for _ in range(times)]
        finally:
            handle.remove()

    def has_near_ties(self, case: Case, relative: float = 5e-5) -> bool:
        """Whether another computation could order the rows of a fill-mask case, or the one after them, otherwise."""
        top_k = case.parameters.get("top_k")
        vocabulary = self.pipeline(case.task).model.config.vocab_size
        wider = min((5 if top_k is None else top_k) + 1, vocabulary)
        output = self.pipeline(case.task)(case.inputs, **case.parameters | {"top_k": wider})
        return any(
            math.isclose(first["score"], second["score"], rel_tol=relative)
            for rows in mask_rows(output)
            for first, second in zip(rows, rows[1:])
        )


def mask_rows(output: JSON) -> Iterator[list[dict[str, JSON]]]:
    """The lists of rows, one per mask, of a fill-mask output of any nesting."""
    if output and isinstance(output[0], dict):
        yield output
    elif isinstance(output, list):
        for part in output:
            yield from mask_rows(part)


# --- Files ------------------------------------------------------------------------------------------------------------


def start_afresh(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def write_json(path: Path, value: JSON) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def lines_of_json(values: list[JSON]) -> str:
    """A JSON array with one element per line, so that a diff shows which ones changed."""
    return "[\n" + ",\n".join(json.dumps(value, ensure_ascii=False, allow_nan=False) for value in values) + "\n]"


def write_golden(folder: Path, entries: list[dict[str, JSON]]) -> None:
    reference = json.dumps({package: version(package) for package in REFERENCE_PACKAGES})
    golden = f'{{"reference": {reference},\n"cases": {lines_of_json(entries)}}}\n'
    (folder / "golden.json").write_text(golden, encoding="utf-8")
