"""Penstock's tokenizers beside upstream's, on one thread, in turns:  tokenizer_speed.py BINARY [MODEL ...]

BINARY is `.build/release/tokenizer-benchmark` (`swift build -c release --product tokenizer-benchmark`); a MODEL is a directory with a
tokenizer.json. Without any, a few families of the fixtures and the fetched real tokenizers take part. Two texts:

- `English`: the docstrings of Python's standard library, in paragraphs.
- `scripts`: words of two dozen scripts, emoji, numbers and punctuation.

Each figure is the median of rounds taken in turns, of the time inside `encode` (upstream's called from Python once per paragraph,
whose overhead is below one per cent). Prints a table in Markdown. Needs scripts/requirements-fixtures.txt.
"""

import argparse
import ast
import json
import os
import random
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from tokenizers import Tokenizer, pre_tokenizers

from tokenizer_texts import EMOJI, SCRIPTS, Texts

MODELS = [
    ("WordPiece", ROOT / "models/all-MiniLM-L6-v2"),
    ("byte-level BPE", ROOT / "models/SmolLM2-135M"),
    *(("byte-level BPE", ROOT / "Tests/Fixtures/tokenizer-families" / name) for name in ("gpt2", "llama3", "qwen2")),
    *(("BPE with ▁", ROOT / "Tests/Fixtures/tokenizer-families" / name) for name in ("llama2", "gemma")),
    *(("Unigram", ROOT / "Tests/Fixtures/tokenizer-families" / name) for name in ("xlm-roberta", "t5", "albert")),
]


def english(size):
    """Paragraphs of docstrings of the standard library."""
    paragraphs = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                paragraphs += [" ".join(p.split()) for p in (ast.get_docstring(node) or "").split("\n\n")]
    random.Random(1).shuffle(paragraphs)
    return cut(paragraphs, size)


def scripts(size):
    """Paragraphs of words, half of them made up anew, of all scripts in turn."""
    source = Texts(3)
    choose = source.random
    paragraphs = []
    for _ in range(size // 300):
        script = choose.choice(list(SCRIPTS))
        letters, joiner = SCRIPTS[script]
        words = []
        for _ in range(choose.randint(8, 60)):
            kind = choose.random()
            words.append(source.word(script) if kind < 0.5 else "".join(choose.choices(letters, k=choose.randint(1, 8))) if kind < 0.92
                         else source.number() if kind < 0.95 else choose.choice(EMOJI) if kind < 0.97 else choose.choice([",", ".", "?", "(", "«"]))
        paragraphs.append((joiner or choose.choice(["", " "])).join(words).replace("\n", " "))
    return cut(paragraphs, size)


def cut(paragraphs, size):
    chosen, total = [], 0
    for paragraph in paragraphs:
        if len(paragraph) > 40 and total < size:
            chosen.append(paragraph)
            total += len(paragraph.encode())
    return chosen


def large_document(tokens=128_000, merges=280_000):
    """A tokenizer.json as large as Llama 3's, its merges made by chance."""
    choose = random.Random(4)
    vocab = {letter: id for id, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    letters = "Ġetaoinsr"
    pieces, pairs = list(letters), {}
    while len(vocab) < tokens:
        first, second = pieces[int(len(pieces) * choose.random() ** 3)], pieces[int(len(pieces) * choose.random() ** 3)]
        if len(first + second) > 12:
            continue
        pairs[first, second] = None
        if first + second not in vocab:
            vocab[first + second] = len(vocab)
            pieces.append(first + second)
    # Further ways to make pieces that are there.
    others = ((piece[:cut], piece[cut:]) for piece in reversed(pieces) for cut in range(1, len(piece)))
    for pair in others:
        if len(pairs) < merges and pair[0] in vocab and pair[1] in vocab:
            pairs[pair] = None
    level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
    model = dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None, fuse_unk=False,
                 byte_fallback=False, ignore_merges=True, vocab=vocab, merges=[" ".join(pair) for pair in pairs])
    return dict(version="1.0", truncation=None, padding=None, added_tokens=[], normalizer=None, pre_tokenizer=level, post_processor=None,
                decoder=level, model=model)


def measure_loading(binary, rounds):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tokenizer.json").write_text(json.dumps(large_document(), ensure_ascii=False))
        figures = [measure(binary, Path(folder), ["a"], 1)[2:] for _ in range(rounds)]
    theirs, own = (statistics.median(column) for column in zip(*figures))
    print(f"128,000 tokens and 280,000 merges load in {own:.2f} s, upstream in {theirs:.2f} s")


def measure(binary, model, texts, rounds):
    """Median seconds of upstream and of Penstock for all texts, and seconds to load for both."""
    start = time.perf_counter()
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    loading = time.perf_counter() - start
    tokenizer.no_padding()
    tokenizer.no_truncation()
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(texts) + "\n")
        file.flush()
        process = subprocess.Popen([binary, str(model), file.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        own_loading, count = map(int, process.stdout.readline().split())
        assert count == len(texts)
        seconds = ([], [])
        for round in range(rounds + 1):
            start = time.perf_counter()
            tokens = sum(len(tokenizer.encode(text)) for text in texts)
            theirs = time.perf_counter() - start
            process.stdin.write("\n")
            process.stdin.flush()
            own, own_tokens = map(int, process.stdout.readline().split())
            if tokens != own_tokens:
                print(f"{model.name}: {own_tokens} tokens instead of {tokens}", file=sys.stderr)
            if round > 0:  # The first one warms up.
                seconds[0].append(theirs)
                seconds[1].append(own / 1e9)
        process.stdin.close()
        process.wait()
    return *map(statistics.median, seconds), loading, own_loading / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", metavar="BINARY")
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="rounds (default 7)")
    parser.add_argument("--size", type=int, default=1_000_000, metavar="BYTES", help="bytes of a text (default 1,000,000)")
    parser.add_argument("--loading", action="store_true", help="measure how long a large file takes to load instead")
    arguments = parser.parse_args()
    if arguments.loading:
        measure_loading(arguments.binary, arguments.rounds)
        return
    models = [("", model) for model in arguments.models] or [(kind, model) for kind, model in MODELS if (model / "tokenizer.json").exists()]
    print("| model | tokenizer | text | upstream MB/s | Penstock MB/s | |\n|---|---|---|---|---|---|")
    for kind, model in models:
        for name, texts in (("English", english(arguments.size)), ("scripts", scripts(arguments.size))):
            size = sum(len(text.encode()) for text in texts) / 1e6
            theirs, own, _, _ = measure(arguments.binary, model, texts, arguments.rounds)
            print(f"| {kind} | {model.name} | {name} | {size / theirs:.2f} | {size / own:.1f} | {theirs / own:.1f} × |", flush=True)


if __name__ == "__main__":
    main()
