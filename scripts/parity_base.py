"""What all comparisons with a built `penstock` share: its outputs, and what was found."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
import transformers

from fixtures_base import JSON, Case, TransformersReference

NOISE = 2  # how much further from float64 than the reference is no difference


@dataclass
class Comparison:
    """What was compared so far: the worst figures, and the differences that are too large."""

    worst: dict[str, float] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def note(self, figure: str, value: float) -> None:
        self.worst[figure] = max(self.worst.get(figure, 0.0), value)

    def differ(self, text: str, what: str) -> None:
        self.differences.append(f"{text!r}: {what}")

    def include(self, other: "Comparison") -> None:
        for figure, value in other.worst.items():
            self.note(figure, value)
        self.differences += other.differences

    def summary(self) -> str:
        figures = ", ".join(f"{figure} {value:.3g}" for figure, value in sorted(self.worst.items()))
        return f"{figures}; {len(self.differences)} differences"


@contextmanager
def in_float64() -> Iterator[None]:
    """Has models of `double()` compute all in float64, also what they always do in float32: norms, angles and softmax."""
    names = {(torch, "float32"): torch.float64, (torch, "float"): torch.float64}
    names |= {(torch.Tensor, "float"): torch.Tensor.double}
    before = {(owner, name): getattr(owner, name) for owner, name in names}
    for (owner, name), value in names.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for (owner, name), value in before.items():
            setattr(owner, name, value)


class ExactReference(TransformersReference):
    """The pipelines of transformers in float64."""

    def pipeline(self, task: str) -> transformers.Pipeline:
        pipeline = super().pipeline(task)  # The files are not in float64, whatever computes.
        pipeline.model.double()
        return pipeline

    def call(self, task: str, inputs: JSON, **parameters: JSON) -> JSON:
        pipeline = self.pipeline(task)
        with in_float64():
            return pipeline(inputs, **parameters)

    def record(self, case: Case) -> dict[str, JSON]:
        return case.record(lambda inputs, parameters: self.call(case.task, inputs, **parameters))


def is_noise(own: list[float], other: list[float] | None, exact: list[float]) -> bool:
    """Whether scores are no further from those of float64 than twice the reference, which may have other rows."""
    farthest = max((abs(a - b) for a, b in zip(own, exact)), default=0.0)
    return other is None or farthest <= NOISE * max((abs(a - b) for a, b in zip(other, exact)), default=0.0)


def is_beyond_positions(answer: JSON, config: dict[str, JSON]) -> bool:
    """Whether Penstock refuses a text of more tokens than positions. Upstream takes them where positions are angles."""
    error = answer.get("error") if isinstance(answer, dict) else None
    found = re.search(r"has (\d+) tokens, but the model takes at most (\d+)", error["message"]) if error else None
    return bool(found) and int(found[1]) > int(found[2]) == config.get("max_position_embeddings")


def run_penstock(
    binary: str,
    folder: Path,
    inputs: list[JSON],
    parameters: dict[str, JSON],
    errors: bool = False,
    task: str | None = None,
) -> list[JSON]:
    """The outputs of `penstock run`, one per input; with `errors`, some may be `{"error": …}`.

    Without a `task` it is that of the checkpoint.

    Raises: RuntimeError when it fails or answers too little.
    """
    command = [binary, "run", str(folder), "--jsonl"]
    if task:
        command += ["--task", task]
    if parameters:
        command += ["--parameters", json.dumps(parameters)]
    lines = "".join(json.dumps(text) + "\n" for text in inputs)
    result = subprocess.run(command, input=lines.encode(), capture_output=True, check=False)
    outputs = [json.loads(line) for line in result.stdout.decode().split("\n") if line]
    if result.returncode not in ((0, 1) if errors else (0,)) or len(outputs) != len(inputs):
        raise RuntimeError(
            f"{' '.join(command)} ended with status {result.returncode} and {len(outputs)} outputs "
            f"for {len(inputs)} inputs: {result.stderr.decode().strip()}"
        )
    return outputs
