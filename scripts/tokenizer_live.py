#!/usr/bin/env python3
"""Feeds fresh random texts to upstream's tokenizers and to `penstock tokenize`, and compares everything that both tell.

    scripts/tokenizer_live.py .build/release/penstock --lines 1000000
    scripts/tokenizer_live.py .build/release/penstock --lines 5000 --seed 7 gpt2 models/all-MiniLM-L6-v2

All families of Tests/Fixtures/tokenizer-families take part unless some, or directories with a tokenizer.json, are named; the
lines are shared out among them. Every line is a text or a pair: ids, type ids, tokens, offsets and the special-tokens mask are
compared, and for a part of the lines also the text that comes of decoding, with and without special tokens. Prints the first
differences of each tokenizer, and exits 1 if there are any.

Needs the packages of requirements-fixtures.txt.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers import Tokenizer

from tokenizer_texts import Texts, with_tokens

REPOSITORY = Path(__file__).resolve().parent.parent
FAMILIES = REPOSITORY / "Tests" / "Fixtures" / "tokenizer-families"
CHUNK = 5000
SHOWN = 3


def penstock(binary, folder, lines, *flags):
    """The answers to lines of JSON, or None where there is an error."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    result = subprocess.run([binary, "tokenize", str(folder), "--json", "--jsonl", *flags], input=text.encode(), capture_output=True, check=False)
    answers = [json.loads(line) for line in result.stdout.decode().split("\n")[:-1]]
    if len(answers) != len(lines):
        raise RuntimeError(f"penstock tokenize {folder} gave {len(answers)} answers to {len(lines)} lines: {result.stderr.decode().strip()[-500:]}")
    return [None if isinstance(answer, dict) and "error" in answer else answer for answer in answers]


def upstream(tokenizer, line, special):
    try:
        encoding = tokenizer.encode(*line, add_special_tokens=special) if isinstance(line, list) else tokenizer.encode(line, add_special_tokens=special)
    except BaseException:  # A panic in Rust is no Exception.
        return None
    return dict(ids=encoding.ids, type_ids=encoding.type_ids, tokens=[tokenizer.id_to_token(id) for id in encoding.ids],
                offsets=[list(pair) for pair in encoding.offsets], special_tokens_mask=encoding.special_tokens_mask)


def compare(binary, folder, count, seed):
    """Compares `count` lines; returns how many differ, and the first few as text."""
    document = (folder / "tokenizer.json").read_text()
    tokenizer = Tokenizer.from_str(document)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokens = [token["content"] for token in json.loads(document)["added_tokens"]]
    source = Texts(seed)
    text = lambda parts: with_tokens(source.text(parts), tokens)
    lines = [[text(2), text(2)] if source.chance(0.1) else text(source.random.choice([1, 2, 3, 4, 8])) for _ in range(count)]
    special = seed % 4 > 0
    differences = []
    answers = penstock(binary, folder, lines, *([] if special else ["--no-special"]))
    for line, actual in zip(lines, answers):
        expected = upstream(tokenizer, line, special)
        if expected != actual:
            keys = [key for key in expected or {} if not actual or actual[key] != expected[key]]
            shown = {key: (actual and actual[key], expected[key]) for key in keys} or (actual, expected)
            differences.append(f"{json.dumps(line)} special {special}: {shown}")
    ids = [answer["ids"] for answer in answers[::4] if answer]
    for skip in (False, True):
        decoded = penstock(binary, folder, ids, "--decode", *(["--no-special"] if skip else []))
        for line, actual in zip(ids, decoded):
            expected = tokenizer.decode(line, skip_special_tokens=skip)
            if expected != actual:
                differences.append(f"decoding {line}, skipping {skip}: {actual!r}, not {expected!r}")
    return len(differences), differences[:SHOWN]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", metavar="PENSTOCK", help="the penstock binary")
    parser.add_argument("names", nargs="*", metavar="FAMILY_OR_DIRECTORY")
    parser.add_argument("--lines", type=int, default=100_000, metavar="N", help="lines in total (default 100,000)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="other texts for another seed")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="tokenizers at a time (default 2)")
    arguments = parser.parse_intermixed_args()
    names = arguments.names or sorted(path.parent.name for path in FAMILIES.glob("*/tokenizer.json")) + sorted(
        str(path.parent) for path in (REPOSITORY / "models").glob("*/tokenizer.json"))
    folders = [FAMILIES / name if (FAMILIES / name).exists() and "/" not in name else Path(name) for name in names]

    share = -(-arguments.lines // len(folders))
    chunks = [min(CHUNK, share - start) for start in range(0, share, CHUNK)]
    work = [(arguments.binary, folder, count, arguments.seed * 1_000_003 + number * 1009 + index)
            for number, count in enumerate(chunks) for index, folder in enumerate(folders)]
    lines, total, reported = 0, 0, {}
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for item, (count, shown) in zip(work, pool.map(compare, *zip(*work))):
            folder = item[1]
            lines += item[2]
            total += count
            for difference in shown:
                if reported.get(folder, 0) < SHOWN:
                    reported[folder] = reported.get(folder, 0) + 1
                    print(f"{folder.name}: {difference}", flush=True)
            if lines % 200_000 < item[2]:
                print(f"{lines} lines, {total} differences", file=sys.stderr, flush=True)
    print(f"{lines} lines with {len(folders)} tokenizers: {total} differences")
    sys.exit(1 if total else 0)


if __name__ == "__main__":
    main()
