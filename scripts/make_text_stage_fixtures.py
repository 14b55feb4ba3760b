#!/usr/bin/env python3
"""Writes Tests/Fixtures/text-stages: what upstream's normalizers and pre-tokenizers, each alone, make of the same texts.

Needs the packages of requirements-fixtures.txt; run it with their Python, from anywhere. The output is the same on every run.

components.jsonl has a component a line: its `name`, `normalizer` and `pre_tokenizer` as in tokenizer.json, and either
`refused` (upstream does not load it) or `digests`, in hexadecimal: a CRC-32 for each text of texts.jsonl, over the words
that come out (UTF-8, with a byte 0 behind each) and then their offsets (start and end, 4 bytes each, low one first). With
`scalars`, the digests are of texts that hold every scalar there is, 4096 at a time (see `scalar_texts`).
"""

import json
import pathlib
import random
import struct
import zlib

import tokenizers
from tokenizers import PreTokenizedString, Tokenizer

assert tokenizers.__version__ == "0.23.3"

ROOT = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "text-stages"

# --- Texts ------------------------------------------------------------------------------------------------------------

POOLS = [
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "  \t\n\r  \n", "'.,!?;:-_()[]{}<>@#$%^&*+=/\\|~`\"",
    ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'RE", "'Ll", "'ſ", "''s", " '", "we'LL", "I'M"],
    [" ", "  ", "   ", "\n\n", "\r\n", " \n", "\n ", "\t "],
    "\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\u0085\u000b\u000c\u001c\u180e\u200b\ufeff",
    "éèüñçßÀÉŒıİſKÅΩµªºǅŉﬁﬃ", "αβγδΣςσΩάἀὀᾳᾼΐ", "абвгдАБВЁёйЙ", "אבגשָּׁ", "ابجدمَرْحَبً،؟٣٤", "नमस्तेदुनिया१२", "สวัสดีชาวโลก",
    "中文你好世界東京日本国語", "ひらがなカタカナーｶﾞ゛゜・", "안녕하세요가각ᄀ까ᅢᆨᆩㄱㅏ", ["👍", "👍🏽", "👩‍👩‍👧", "🇩🇪", "❤️", "\u200d", "\ufe0f"],
    "\u0300\u0301\u0308\u0316\u0323\u0327\u0345\u0338\u20d2\u0591\u05b0\u093c\u094d\u3099\u309a\u0344\u0340", "①②½²Ⅷⅷ٠𝟘",
    "€£¥©®°§¶†•…‰′″‹›«»—–“”‘’", "𝒽𝑒𝔘𠀀豈更車\U0001d15e\U0001d1c0𑄮𑒻", "\u0000\u0001\u0007\u001b\u007f\u0080\u009f\ue000\ufffd\u061c",
    ["def f(x):\n    return x**2\n", "https://ex.org/a?b=1", "1,234.5", "CamelCaseWord", "HTTPServer", "。。", "!!!\n\n", " ▁", "▁▁"],
]


def texts():
    choose = random.Random(23)
    result = ["a", " ", "  ", "\n", "'s", "\u0301", "aaa", "The quick brown fox's 12345 dogs don't  jump.\n\n  Ok? \n"]
    while len(result) < 90:
        pools = choose.sample(POOLS, choose.randrange(1, 5))
        result.append("".join(choose.choice(choose.choice(pools)) for _ in range(choose.choice([2, 3, 5, 8, 13, 30]))))
    for end in (0x3100, 0x110000):
        for _ in range(10):
            scalars = [choose.randrange(end) for _ in range(20)]
            result.append("".join(chr(v) for v in scalars if not 0xD800 <= v < 0xE000))
    return result


def scalar_texts():
    """Every scalar between letters; planes without assigned scalars are left out."""
    for block in [*range(0, 0x34000, 0x1000), 0xE0000]:
        scalars = [chr(v) for v in range(block, block + 0x1000) if not 0xD800 <= v < 0xE000]
        if scalars:
            yield "".join(f"a{c}b" for c in scalars)


# --- Components -------------------------------------------------------------------------------------------------------

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
BLANKS = r"\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER, LOWER, LEAD = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", r"[^\r\n\p{L}\p{N}]?"
PATTERNS = {
    "gpt2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "llama3": rf"{CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{BLANKS}",
    "qwen2": rf"{CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{BLANKS}",
    "gpt4o": rf"{LEAD}{UPPER}*{LOWER}+{CONTRACTIONS}?|{LEAD}{UPPER}+{LOWER}*{CONTRACTIONS}?|\p{{N}}{{1,3}}"
             rf"| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{BLANKS}",
    "tekken": rf"{LEAD}{UPPER}*{LOWER}+|{LEAD}{UPPER}+{LOWER}*|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{BLANKS}",
    "bloom": r" ?[^(\s|[.,!?…。，、।۔،])]+",
    "deepseek": "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
    "deepseek-cjk": "[一-龥\u3040-ゟ゠-ヿ]+", "deepseek-coder-cjk": "[一-龥ࠀ-一가-퟿]+", "digits": r"\p{N}{1,3}",
    "cl100k": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
    "clip": r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    "kimi": rf"[\p{{Han}}]+|{LEAD}[\p{{Lu}}\p{{Lo}}\p{{M}}&&[^\p{{Han}}]]*[\p{{Ll}}\p{{M}}&&[^\p{{Han}}]]+|\p{{N}}{{1,3}}| ?\S|{BLANKS}",
}
EXPRESSIONS = r"""
a|ab|abc   (ab)+c?   \w+   \W   \D+   \S+   \h+   \H   ^   $   ^.   .$   \A.   .\z   .\Z   \b   \B   \b\w   (?<=\s)\S+   (?<!a)b
(?<=ab|c)d   (?=[A-Z])   (?<=[a-z])(?=[A-Z])   a*?b   (?>a+)b   a++   \s*+\n   [a-z&&[^aeiou]]+   [^a-z&&\w]   [[:punct:]]
[[:^space:]]+   [[:upper:]][[:lower:]]+   \p{Punct}   \p{^L}+   \P{L}+   \pL+   \p{Uppercase_Letter}   \p{han}+   (?i)hello|straße|k|s
(?i:É|ω|я)+   (?i:[a-k]+)   (?i:[^a-k]+)   x{2}   \s{2,}   \d{,2}   a{1,2}?   (?:\p{N}{1,3})+   \d{1,3}(?=(?:\d{3})*\b)   \x41|\x{4e2d}|\u4e2d|\101
[\t\n\v]   [.\-\]]   []a]   [-a]   [a-]   (?#comment)a   (?m:.)+   .+   \R   \N+   \O   (?<n>a)b   a|   ()   (a|b)*c   [一-龥]+   👍|❤
(?!\S)\s   \p{L}\p{M}*   (?s).   a{2,1}   a**   a??   (?:a|b)++c   (?>a|ab)c   [\s\S]{3}   [\d\-x]+   (?i)ss   (?i)ß   (?i:st)   (?i:ﬁ)   (?i)[ß]
\p{Lu}{2,}(?!\p{Ll})   {   a{   a{x}   ]   (?i)\p{Lu}   (?i)[\p{Lu}]   [a-\d]   [\d-z]   [[a-c]x]+   [^[^a]]   [&&a]   [a&&]   [z-a]   a)
(   [   [a   (?   *   +a   \p{Foo}   \p{L   ^*   (?i:ffi)   (?i)a(?-i)b|C   a(?i)b|c   (?x:a\ b)   (?<!a|bc)d
""".split("   ")
SCALAR_EXPRESSIONS = [
    rf"\p{{{name}}}+" for name in "Lu Ll Lt Lm Lo M N P S Z C Cn Han Latin Common Inherited Greek Word Punct Graph Print Alnum Upper Lower".split()
] + [r"\w+", r"[\w]+", r"\s+", r"\d+", "[[:punct:]]+", "[[:word:]]+", "(?i:[a-z])+", "(?i:[^a-z])+", r"(?i:[\p{Lu}])+", "(?i:[à-ÿ])+", "(?i)k|s|i"]


def split(pattern, behavior="Isolated", invert=False):
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def byte_level(prefix, regex):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}


def replace(content, **pattern):
    return {"type": "Replace", "pattern": pattern, "content": content}


def pre_tokenizers():
    for prefix in (True, False):
        for regex in (True, False):
            yield f"ByteLevel {prefix} {regex}", byte_level(prefix, regex)
    for scheme in ("always", "first", "never"):
        for cut in (True, False):
            yield f"Metaspace {scheme} {cut}", {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": cut}
    for prefix in (True, False):
        yield f"Metaspace of old {prefix}", {"type": "Metaspace", "replacement": "▁", "add_prefix_space": prefix}
    yield "WhitespaceSplit, Metaspace", {"type": "Sequence", "pretokenizers": [
        {"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁"}]}
    for behavior in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
        for invert in (False, True):
            for pattern in ({"String": " "}, {"String": ""}, {"String": ".."}, {"Regex": r"\s+|x*"}, {"Regex": r"\p{L}+|\d"}):
                yield f"Split {pattern} {behavior} {invert}", split(pattern, behavior, invert)
        yield f"Punctuation {behavior}", {"type": "Punctuation", "behavior": behavior}
    yield "CharDelimiterSplit", {"type": "CharDelimiterSplit", "delimiter": " "}
    yield "FixedLength", {"type": "FixedLength", "length": 3}
    yield "FixedLength of default", {"type": "FixedLength"}
    yield "UnicodeScripts", {"type": "UnicodeScripts"}
    yield "Digits", {"type": "Digits", "individual_digits": True}
    yield "Whitespace", {"type": "Whitespace"}
    yield "falcon", {"type": "Sequence", "pretokenizers": [
        {"type": "Punctuation", "behavior": "Contiguous"}, byte_level(False, True), {"type": "Digits", "individual_digits": False},
        split({"Regex": "[0-9][0-9][0-9]"})]}
    for name, pattern in PATTERNS.items():
        yield f"pattern {name}", split({"Regex": pattern})
    for number, expression in enumerate(e.strip("\n") for line in EXPRESSIONS for e in line.split("\n") if e):
        yield f"expression {expression}", split({"Regex": expression}, "Isolated" if number % 2 else "Removed", number % 3 == 0)


def normalizers():
    forms = ("NFC", "NFD", "NFKC", "NFKD")
    for name in (*forms, "Lowercase", "StripAccents", "ByteLevel"):
        yield name, {"type": name}
    for first in forms:
        for second in (*forms, "StripAccents", "Lowercase"):
            yield f"{first}, {second}", {"type": "Sequence", "normalizers": [{"type": first}, {"type": second}]}
    for expression, content in ((" {2,}", " "), (r"\s+", " "), ("^", "▁"), ("x*", "-"), ("$", "!"), (r"[\n\r]", ""), (r"\p{M}", ""), ("(?=a)", "_é")):
        yield f"Replace {expression}", replace(content, Regex=expression)
    yield "Replace string", replace("▁", String=" ")
    yield "Replace nothing", replace("▁", String="")
    yield "Prepend", {"type": "Prepend", "prepend": "▁x"}
    strip = {"type": "Strip", "strip_left": True, "strip_right": True}
    yield "Strip, Replace ^", {"type": "Sequence", "normalizers": [strip, replace("▁", Regex="^")]}


def components():
    for name, pre_tokenizer in pre_tokenizers():
        yield dict(name=name, pre_tokenizer=pre_tokenizer)
    for name, normalizer in normalizers():
        yield dict(name=name, normalizer=normalizer, pre_tokenizer={"type": "FixedLength", "length": 1})
    for form in ("NFC", "NFKC", "NFD", "NFKD"):
        yield dict(name=f"{form} of all scalars", normalizer={"type": form}, pre_tokenizer={"type": "FixedLength", "length": 1}, scalars=True)
    for pre_tokenizer in ({"type": "UnicodeScripts"}, {"type": "Whitespace"}, {"type": "Digits", "individual_digits": True}):
        yield dict(name=f"{pre_tokenizer['type']} of all scalars", pre_tokenizer=pre_tokenizer, scalars=True)
    for expression in [*SCALAR_EXPRESSIONS, *(PATTERNS[name] for name in ("gpt2", "llama3", "gpt4o", "deepseek", "bloom"))]:
        yield dict(name=f"{expression} of all scalars", pre_tokenizer=split({"Regex": expression}), scalars=True)


# --- Recording --------------------------------------------------------------------------------------------------------


def tokenizer(component):
    document = dict(version="1.0", truncation=None, padding=None, added_tokens=[], normalizer=None, pre_tokenizer=None,
                    post_processor=None, decoder=None, model={"type": "WordLevel", "vocab": {"?": 0}, "unk_token": "?"})
    return Tokenizer.from_str(json.dumps(document | {k: component[k] for k in ("normalizer", "pre_tokenizer") if k in component}))


def digest(tokenizer, text):
    whole = PreTokenizedString(text)
    if tokenizer.normalizer:
        whole.normalize(tokenizer.normalizer.normalize)
    tokenizer.pre_tokenizer.pre_tokenize(whole)
    words = [word for word, _, _ in whole.get_splits("original", "char") if word]
    offsets = [x for o in tokenizer.encode(text).offsets for x in o]
    return zlib.crc32("".join(w + "\0" for w in words).encode() + struct.pack(f"<{len(offsets)}i", *offsets))


def main():
    ROOT.mkdir(parents=True, exist_ok=True)
    every = texts()
    (ROOT / "texts.jsonl").write_text("".join(json.dumps(t) + "\n" for t in every))
    with open(ROOT / "components.jsonl", "w") as file:
        for component in components():
            try:
                own = tokenizer(component)
            except Exception:
                component["refused"] = True
            else:
                used = scalar_texts() if component.get("scalars") else every
                component["digests"] = "".join(f"{digest(own, t):08x}" for t in used)
            file.write(json.dumps(component, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
