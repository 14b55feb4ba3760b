#!/usr/bin/env python3
"""Writes Tests/Fixtures/tokenizer-families: small tokenizers of every family, and what upstream makes of the same cases with each.

Needs the packages of requirements-fixtures.txt; run it with their Python, from anywhere:

    scripts/make_tokenizer_families.py                    # what upstream makes of the cases, with the tokenizers that are there
    scripts/make_tokenizer_families.py --train gpt2 t5    # these tokenizers anew, too

The real tokenizers among them are those that scripts/fetch-minilm and scripts/fetch-smollm2 write to models/.

Recording gives the same on every run. Training does not quite: where pieces are equally good, upstream takes one by chance.

cases.jsonl has one case a line, for all families: `text` or `words` (a text that was
cut elsewhere), with `pair` or `pair_words`, `special` (false: no special tokens), `truncation`. Placeholders in texts
(scalars from U+100000) stand for the family's own added tokens, in the order of its tokenizer.json.

Each folder has a tokenizer.json and goldens.bin, the results in the order of the cases, then those of decoding arbitrary
ids. Numbers are unsigned LEB128, signed ones in zigzag. A result is 0 for an error; else 1, an encoding, the number of
overflowing pieces, the first, the middle and the last of these pieces, and a CRC-32 (4 bytes, low one first) of the tokens,
the decoded text and the text decoded without special tokens, each with U+0000 behind it. An encoding is the number of
tokens, then column by column: the ids; per token (zigzag of start minus the end before, shifted left by 4) | min(length,
15), with the length behind it if that is 15; then word ids (-1 for none), type ids and the special-tokens mask, each as
runs of (zigzag of value minus value before, shifted left by 4) | min(count, 15), with the count behind it if that is 15,
where word ids begin with -1 before and the others with 0. Behind the cases: a number of decodings, each a number of ids,
the ids, and two UTF-8 texts with their lengths before them: with and without special tokens.
"""

import argparse
import json
import pathlib
import random
import zlib
from concurrent.futures import ProcessPoolExecutor

import tokenizers
from tokenizers import Tokenizer

from tokenizer_families import FAMILIES
from tokenizer_texts import Texts, with_tokens

assert tokenizers.__version__ == "0.23.3"

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
ROOT = REPOSITORY / "Tests" / "Fixtures" / "tokenizer-families"

# Real tokenizers, which are fetched into models/ and not committed.
REAL = ["all-MiniLM-L6-v2", "SmolLM2-135M"]
DECODINGS = 60


# --- Cases ------------------------------------------------------------------------------------------------------------


def cases():
    """The arguments of all cases."""
    source = Texts(5)
    choose = source.random
    for _ in range(1380):
        yield dict(text=source.text(choose.choice([1, 2, 3])))
    for _ in range(20):
        yield dict(text=source.text(16))
    for _ in range(220):
        yield dict(text=source.text(2), pair=source.text(2))
    for _ in range(120):
        yield dict(text=source.text(2), pair=choose.choice([None, None, source.text(2)]), special=False)
    for _ in range(140):
        pair = choose.choice([None, source.words_of(2)])
        yield dict(words=source.words_of(2), pair_words=pair, special=source.chance(0.8))
    for number in range(240):
        strategy = ("LongestFirst", "OnlyFirst", "OnlySecond")[number % 3]
        length = choose.randrange(4, 20)
        # Upstream refuses a larger stride even where nothing is to be cut.
        stride = min(choose.choice([0, 0, 1, 2, 5]), length - 4)
        truncation = dict(max_length=length, stride=stride, strategy=strategy, direction=choose.choice(["Right", "Left"]))
        pair = source.text(4) if strategy == "OnlySecond" or source.chance(0.4) else None
        yield dict(text=source.text(4), pair=pair, special=source.chance(0.8), truncation=truncation)


def written(case):
    return {key: value for key, value in case.items() if value is not None and (key, value) != ("special", True)}


# --- What upstream makes of them --------------------------------------------------------------------------------------


def encode(tokenizer, case, tokens):
    """Upstream's encoding of a case, or None if it is an error."""
    fill = lambda value: None if value is None else [with_tokens(v, tokens) for v in value] if isinstance(value, list) else with_tokens(value, tokens)
    truncation, words = case.get("truncation"), "words" in case
    first, second = (case["words"], case.get("pair_words")) if words else (case["text"], case.get("pair"))
    try:
        if truncation:
            name = {"LongestFirst": "longest_first", "OnlyFirst": "only_first", "OnlySecond": "only_second"}
            tokenizer.enable_truncation(truncation["max_length"], stride=truncation["stride"], strategy=name[truncation["strategy"]],
                                        direction=truncation["direction"].lower())
        return tokenizer.encode(fill(first), fill(second), is_pretokenized=words, add_special_tokens=case.get("special", True))
    except BaseException:  # A panic in Rust is no Exception.
        return None
    finally:
        tokenizer.no_truncation()


class Recorder:
    def __init__(self):
        self.bytes = bytearray()

    def number(self, value):
        while value >= 0x80:
            self.bytes.append(value & 0x7F | 0x80)
            value >>= 7
        self.bytes.append(value)

    def pair(self, signed, count):
        """A signed number and a count, in a byte if both are small."""
        zigzag = signed << 1 if signed >= 0 else ~(signed << 1)
        self.number(zigzag << 4 | min(count, 15))
        if count >= 15:
            self.number(count)

    def runs(self, values, before):
        index = 0
        while index < len(values):
            end = index
            while end < len(values) and values[end] == values[index]:
                end += 1
            self.pair(values[index] - before, end - index)
            before, index = values[index], end

    def text(self, text):
        data = text.encode()
        self.number(len(data))
        self.bytes += data

    def checksum(self, text):
        self.bytes += zlib.crc32(text.encode()).to_bytes(4, "little")

    def encoding(self, encoding):
        self.number(len(encoding.ids))
        for id in encoding.ids:
            self.number(id)
        before = 0
        for start, end in encoding.offsets:
            self.pair(start - before, end - start)
            before = end
        self.runs([-1 if word is None else word for word in encoding.word_ids], -1)
        self.runs(encoding.type_ids, 0)
        self.runs(encoding.special_tokens_mask, 0)

    def result(self, tokenizer, encoding):
        if encoding is None:
            self.number(0)
            return
        self.number(1)
        self.encoding(encoding)
        count = len(encoding.overflowing)
        self.number(count)
        for index in sorted({0, count // 2, count - 1}) if count else []:
            self.encoding(encoding.overflowing[index])
        decoded = [tokenizer.decode(encoding.ids, skip_special_tokens=skip) for skip in (False, True)]
        tokens = [tokenizer.id_to_token(id) for id in encoding.ids]
        self.checksum("".join(text + "\0" for text in tokens + decoded))

    def decodings(self, tokenizer, seed):
        """Decodes ids that no text has given: pieces of characters, special tokens anywhere, ids that do not exist."""
        choose = random.Random(seed)
        size = tokenizer.get_vocab_size()
        self.number(DECODINGS)
        for _ in range(DECODINGS):
            top = choose.choice([40, 300, size, size, size + 20])
            ids = [choose.randrange(top) for _ in range(choose.randint(1, 14))]
            self.number(len(ids))
            for id in ids:
                self.number(id)
            for skip in (False, True):
                self.text(tokenizer.decode(ids, skip_special_tokens=skip))


def goldens(document):
    """The bytes of goldens.bin for the text of a tokenizer.json."""
    tokenizer = Tokenizer.from_str(document)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokens = [token["content"] for token in json.loads(document)["added_tokens"]]
    recorder = Recorder()
    for case in cases():
        recorder.result(tokenizer, encode(tokenizer, case, tokens))
    recorder.decodings(tokenizer, 3)
    return bytes(recorder.bytes)


# --- Files ------------------------------------------------------------------------------------------------------------


def make(name, trains):
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tokenizer.json" if name in FAMILIES else REPOSITORY / "models" / name / "tokenizer.json"
    if name in FAMILIES and (trains or not path.exists()):
        path.write_text(json.dumps(FAMILIES[name](), ensure_ascii=False, separators=(",", ":")) + "\n")
    document = path.read_text()
    data = goldens(document)
    (folder / "goldens.bin").write_bytes(data)
    return f"{name}: {len(document.encode())} + {len(data)} bytes"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("names", nargs="*", metavar="FAMILY", help="the families to write; all if left out")
    parser.add_argument("--train", action="store_true", help="train the tokenizers anew")
    arguments = parser.parse_args()
    names = arguments.names or [*FAMILIES, *REAL]
    ROOT.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(written(case), ensure_ascii=False, separators=(",", ":")) for case in cases()]
    (ROOT / "cases.jsonl").write_text("\n".join(lines) + "\n")
    with ProcessPoolExecutor(2) as pool:
        for report in pool.map(make, names, [arguments.train] * len(names)):
            print(report)


if __name__ == "__main__":
    main()
