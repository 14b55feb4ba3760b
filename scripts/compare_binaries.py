#!/usr/bin/env python3
"""Compares the answers of two Penstock binaries byte by byte, on the inputs of all fixtures and in each precision.

    scripts/compare_binaries.py OLD NEW [--only bert-tiny st-mean]

For changes that must not change an answer. Checkpoints and parameters that both refuse alike count as equal; what only one of them
refuses is a difference, but for checkpoints that OLD cannot load at all, which are counted by themselves.
"""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "checkpoints"
TASKS = {"embed": "sentence-similarity"}


def answers(binary: str, checkpoint: Path, task: str, dtype: str, parameters: str, inputs: list) -> tuple[bytes, bytes, int]:
    """Standard output, standard error and status of one run over all inputs."""
    lines = "".join(json.dumps(value) + "\n" for value in inputs)
    result = subprocess.run(
        [binary, "run", str(checkpoint), "--task", TASKS.get(task, task), "--dtype", dtype, "--parameters", parameters, "--jsonl"],
        input=lines.encode(), capture_output=True, check=False)
    return result.stdout, result.stderr, result.returncode


def calls(checkpoint: Path) -> dict[tuple[str, str], list]:
    """The inputs of a checkpoint's goldens by task and parameters."""
    grouped = defaultdict(list)
    for case in json.loads((checkpoint / "golden.json").read_text())["cases"]:
        if "task" in case and "inputs" in case:
            grouped[case["task"], json.dumps(case.get("parameters", {}))].append(case["inputs"])
    return grouped


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    compared = unloadable = 0
    differences = []
    for checkpoint in sorted(FIXTURES.iterdir()):
        if options.only and checkpoint.name not in options.only:
            continue
        for (task, parameters), inputs in calls(checkpoint).items():
            for dtype in ("float32", "bfloat16", "int8"):
                old = answers(options.old, checkpoint, task, dtype, parameters, inputs)
                if old[2] and not old[0]:
                    unloadable += len(inputs)
                    continue
                new = answers(options.new, checkpoint, task, dtype, parameters, inputs)
                compared += len(inputs)
                for index, (before, after) in enumerate(zip(old[0].splitlines(), new[0].splitlines(), strict=False)):
                    if before != after:
                        differences.append((checkpoint.name, task, dtype, parameters, inputs[index], before[:200], after[:200]))
                if old[0].count(b"\n") != new[0].count(b"\n"):
                    differences.append((checkpoint.name, task, dtype, parameters, new[1][:300]))
    for difference in differences:
        print(*difference, sep="\n    ")
    print(f"{compared} answers compared, {len(differences)} differ; {unloadable} of checkpoints that {options.old} cannot load")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
