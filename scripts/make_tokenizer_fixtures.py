#!/usr/bin/env python3
"""Writes Tests/Fixtures/tokenizers: small tokenizers, and what upstream makes of several hundred texts with each.

Needs tokenizers==0.23.3, transformers==5.23.0 and sentencepiece==0.2.3; run it with their Python, from anywhere. The output is the same on
every run. Tests read it without Python.

Each folder has the files of one tokenizer, and goldens.jsonl with one case a line: the arguments (`text`, `pair`,
`special`, `truncation`) and either `error` or the encoding (`ids`, `types`, `offsets` as start and end in turn,
`words`, `mask`; `overflow`, how many pieces overflow, and some of these `pieces` by their index) with `tokens`, `decoded` and `skipped` (decoded without special tokens).
unicode.json has for each tokenizer a CRC-32 per block of 4096 scalars, over ids and offsets of every scalar in turn
between two letters.
"""

import json
import pathlib
import random
import shutil
import struct
import tempfile
import unicodedata
import zlib

import sentencepiece
import tokenizers
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

assert tokenizers.__version__ == "0.23.3" and transformers.__version__ == "5.23.0"
assert sentencepiece.__version__ == "0.2.3"

ROOT = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "tokenizers"

SENTENCES = """
The penstock feeds the turbine; a gate decides what may enter.
Hello, World! How are you doing today? I'm fine, thanks — don't worry.
Paris is the capital of France, and Berlin is the capital of Germany.
The quick brown fox jumps over the lazy dog 1234567890 times.
It's 3.14159, isn't it? We've seen they're "quoted" and (bracketed) [text] {here}.
El niño comió jalapeños en São Paulo; Ångström, naïve café, Œuvre, Straße, ǅ, ﬁn.
Čeština, Łódź, Đorđe, ığdır, İstanbul, ŞİŞLİ, ẞ, Zürich, Ærøskøbing.
Ελληνικά: ΌΣΟΣ, ὀδυσσεύς, Ἀθῆναι. Русский: Москва, Ёлка, йод, ЩУКА. Українська: їжак.
עברית: שָׁלוֹם עולם. العربية: مَرْحَبًا بالعالم، كيف حالك؟ ﷺ فارسی: می‌خواهم
हिन्दी: नमस्ते दुनिया। বাংলা: ওহে বিশ্ব। தமிழ்: வணக்கம் உலகம். ไทย: สวัสดีชาวโลก
中文：你好，世界！東京は日本の首都です。한국어: 안녕하세요 세계. ㄱㅏ 각 ｶﾞ ﾊﾟ １２３ ＡＢＣ 豈更車
𠀀𠀁 𝒽𝑒𝓁𝓁𝑜 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🄰🄱 ①②③ ½ ² ™ € £ ¥ © ® ° § ¶ † • … ‰ ′ ″ ‹›«»
👍 👍🏽 👩‍👩‍👧‍👦 🇩🇪 ❤️ ☎︎ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🤷🏿‍♀️ 🧑🏻‍🚀
def f(x): return [i**2 for i in range(10) if i % 2 == 0]  # code
https://example.com/a/b?q=1&r=%20#frag user@example.org C:\\Users\\x <b>bold</b> a_b-c.d/e
e\u0301 a\u0316\u0301 a\u0301\u0316 q\u0307\u0323 \u0301lone \u0345\u0301 o\u0302\u0323\u0308 x\u0338\u20d2\u0591
tokenization tokenizer tokenized unaffable retokenizing internationalization embeddings
""".strip().split("\n")

ODDITIES = [
    "", " ", "\t", "\n", "a", "\u0000", "a\u0000b", "\ufeffbom", "\ufffd", "\ufffda\ufffd", "\u0301", "\u0301" * 5,
    "a\u00a0b\u1680c\u2000d\u2009e\u202ff\u205fg\u3000h", "a\u2028b\u2029c\u0085d", "a\u000bb\u000cc\u001cd\u001fe",
    "a\rb\r\nc\nd\te", "zero\u200bwidth\u200cnon\u200djoin\u2060er\u00ad\u180e", "\ue000private\uf8ff\U000f0000",
    "rtl\u202etext\u202c\u2066x\u2069", "a" * 100, "a" * 101, "é" * 100, "é" * 101, "ab" * 60, "!?" * 20,
    "  leading and trailing  ", "##ing", "# # ing", "[CLS]", "[SEP][SEP]", "x[MASK]y", " [MASK] ", "[mask]", "[ MASK ]",
    "[MASK", "MASK]", "[[MASK]]", "[PAD] [UNK] [MASK]", "Paris is the [MASK] of France.", "don't can't won't",
    "do not do. not", "a . b , c ! d ? e ' f", "it ' s n't 'm 've 're", "İ", "ẞß", "ΑΣ", "ǆ ǅ Ǆ", "ﬀ ﬁ ﬃ", "Å Å Å",
    "가각갂 가", "豈豈", "\U0001d15e\U0001d1c0", "\u0344\u0340\u0341\u0343", "\u1734\u1885\ua9bd",
    "\U0001133b\u08e2\u0890", "𑄮 𑒻 ゙ が ヷ", "\u0d4d\u0d3b\u0c3c", "٣٤٥ १२३ Ⅷ ⅷ", "x\u061cy", "…—–‐", "`~^$+=|<>",
    "،؛؟", "。、「」", "᭝", "‿⁀", "\u166d\u111c9", "Add00", "add00", "xAdd00y",
]


def texts(extra=()):
    """All texts, the odd ones first, then words of all sentences thrown together."""
    rnd = random.Random(7)
    words = [w for s in SENTENCES for w in s.split(" ")] + [o for o in ODDITIES if 0 < len(o) < 40] + list(extra)
    joiners = [" "] * 8 + ["  ", "", "\t", "\n", "\u00a0", "\u3000", "\u200b", ".", "-"]
    mixed = []
    for _ in range(80):
        mixed.append("".join(rnd.choice(words) + rnd.choice(joiners) for _ in range(rnd.randrange(1, 12))))
    return ODDITIES + SENTENCES + [unicodedata.normalize("NFD", s) for s in SENTENCES[5:11]] + mixed


def vocabulary(specials, normalize):
    """Special tokens, letters of many alphabets, and pieces of the sentences' words; some of it is left out."""
    rnd = random.Random(11)
    tokens = list(specials)
    ranges = [(0x21, 0x7F), (0xA1, 0x180), (0x3B1, 0x3CA), (0x430, 0x460), (0x5D0, 0x5EB), (0x621, 0x64B), (0x1100, 0x1113)]
    letters = [chr(v) for a, b in ranges for v in range(a, b)]
    words = sorted({w for s in SENTENCES for w in normalize(s).split()})
    letters += sorted({c for w in words for c in w} - set(letters))
    for c in letters:
        if normalize(c).strip() == c and rnd.random() < 0.93:
            tokens.append(c)
            if c.isalnum() and rnd.random() < 0.6:
                tokens.append("##" + c)
    for w in words:
        for part in "".join(c if c.isalnum() else " " for c in w).split():
            k = rnd.random()
            cut = rnd.randrange(1, len(part) + 1)
            tokens += [part] if k < 0.4 else []
            tokens += [part[:cut], "##" + part[cut:], "##" + part[cut // 2:cut]] if k < 0.9 else []
    tokens += ["##ing", "##ed", "##s", "token", "##ization", "é", "e\u0301", "##é"]
    tokens = [t for t in dict.fromkeys(tokens) if t not in ("##", "")]
    return {t: i for i, t in enumerate(tokens)}


def added(id, content, special=True, normalized=False, lstrip=False, rstrip=False, single_word=False):
    return dict(id=id, content=content, single_word=single_word, lstrip=lstrip, rstrip=rstrip, normalized=normalized,
                special=special)


BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def template(vocab):
    special = lambda t, k: {"SpecialToken": {"id": t, "type_id": k}}
    sequence = lambda t, k: {"Sequence": {"id": t, "type_id": k}}
    return {
        "type": "TemplateProcessing",
        "single": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)],
        "pair": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0), sequence("B", 1), special("[SEP]", 1)],
        "special_tokens": {t: {"id": t, "ids": [vocab[t]], "tokens": [t]} for t in ("[CLS]", "[SEP]")},
    }


def bert_normalizer(**changes):
    return dict(type="BertNormalizer", clean_text=True, handle_chinese_chars=True, strip_accents=None,
                lowercase=True) | changes


def word_piece(vocab, **changes):
    return dict(type="WordPiece", unk_token="[UNK]", continuing_subword_prefix="##", max_input_chars_per_word=100,
                vocab=vocab) | changes


def document(**parts):
    return dict(version="1.0", truncation=None, padding=None, added_tokens=[], normalizer=None, pre_tokenizer=None,
                post_processor=None, decoder=None) | parts


def plain(s):
    return unicodedata.normalize("NFD", s).lower()


def bert_uncased():
    vocab = vocabulary(BERT, plain)
    config = {"tokenizer_class": "BertTokenizer", "model_max_length": 512, "do_lower_case": True, "cls_token": "[CLS]",
              "mask_token": "[MASK]", "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    return document(
        added_tokens=[added(vocab[t], t) for t in BERT], normalizer=bert_normalizer(),
        pre_tokenizer={"type": "BertPreTokenizer"}, model=word_piece(vocab), post_processor=template(vocab),
        decoder={"type": "WordPiece", "prefix": "##", "cleanup": True}), config


def bert_cased():
    vocab = vocabulary(BERT, lambda s: s)
    return document(
        truncation={"max_length": 16, "strategy": "OnlyFirst", "stride": 2, "direction": "Left"},
        padding={"strategy": {"Fixed": 16}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0,
                 "pad_type_id": 0, "pad_token": "[PAD]"},
        added_tokens=[added(vocab[t], t, lstrip=t == "[MASK]") for t in BERT],
        normalizer=bert_normalizer(strip_accents=False, lowercase=False), pre_tokenizer={"type": "BertPreTokenizer"},
        model=word_piece(vocab, max_input_chars_per_word=12),
        post_processor={"type": "BertProcessing", "sep": ["[SEP]", vocab["[SEP]"]], "cls": ["[CLS]", vocab["[CLS]"]]},
        decoder={"type": "WordPiece", "prefix": "##", "cleanup": False}), None


def added_tokens():
    vocab = vocabulary(BERT, plain)
    tokens = [added(vocab[t], t) for t in BERT]
    for flags in range(32):
        tokens.append(added(
            len(vocab) + flags, f"Add{flags:02}", special=bool(flags & 1), normalized=bool(flags & 2),
            lstrip=bool(flags & 4), rstrip=bool(flags & 8), single_word=bool(flags & 16)))
    extra = ["Add", "Add0", "Add00x", "<é>", "<E\u0301>", "token", "日本"]
    for k, content in enumerate(extra):
        tokens.append(added(9000 + k, content, special=k % 3 == 0, normalized=k % 2 == 0))
    return document(
        added_tokens=tokens, normalizer=bert_normalizer(), pre_tokenizer={"type": "BertPreTokenizer"},
        model=word_piece(vocab), post_processor=template(vocab),
        decoder={"type": "WordPiece", "prefix": "##", "cleanup": True}), None


def components():
    """The parts that BERT does not use, in one long chain."""
    words = sorted({w for s in SENTENCES for w in plain(s).split()})
    vocab = {t: 3 * i for i, t in enumerate(["<unk>", "<s>", "</s>", "_", "''", ".", "..", "1", "23", *words[::2]])}
    normalizers = [
        {"type": "Strip", "strip_left": True, "strip_right": True}, {"type": "Replace", "pattern": {"String": "``"},
                                                                     "content": "''"},
        {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "Prepend", "prepend": "_ "},
    ]
    pre_tokenizers = [
        {"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "Contiguous"},
        {"type": "Digits", "individual_digits": False}, {"type": "Whitespace"},
    ]
    special = lambda t, k: {"SpecialToken": {"id": t, "type_id": k}}
    sequence = lambda t, k: {"Sequence": {"id": t, "type_id": k}}
    return document(
        added_tokens=[added(vocab[t], t) for t in ("<unk>", "<s>", "</s>")],
        normalizer={"type": "Sequence", "normalizers": normalizers},
        pre_tokenizer={"type": "Sequence", "pretokenizers": pre_tokenizers},
        model={"type": "WordLevel", "vocab": vocab, "unk_token": "<unk>"},
        post_processor={"type": "Sequence", "processors": [{
            "type": "TemplateProcessing", "single": [special("<s>", 2), sequence("A", 1), special("</s>", 2)],
            "pair": [special("<s>", 2), sequence("B", 1), special("</s>", 0), sequence("A", 0)],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [3, 0], "tokens": ["<s>", "<unk>"]},
                               "</s>": {"id": "</s>", "ids": [6], "tokens": ["</s>"]}}}]}), None


def vocab_only():
    vocab = vocabulary(BERT, lambda s: s)
    return vocab, {"do_lower_case": False, "strip_accents": True, "tokenize_chinese_chars": False,
                   "model_max_length": 64, "clean_up_tokenization_spaces": True,
                   "mask_token": {"content": "[MASK]", "lstrip": True, "__type": "AddedToken"}}


BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def byte_pairs(specials, **changes):
    """A BPE model of the sentences' words, the way its trainer leaves it."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    affixes = {k: v for k, v in changes.items() if k in ("continuing_subword_prefix", "end_of_word_suffix")}
    trainer = trainers.BpeTrainer(vocab_size=500, special_tokens=["<unk>", *specials], show_progress=False, **affixes)
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    return json.loads(tokenizer.to_str())["model"] | changes


def words_with(model, **parts):
    return document(model=model, pre_tokenizer={"type": "WhitespaceSplit"}, **parts)


def bpe_without_unknown():
    model = byte_pairs([], unk_token=None)
    return words_with(model | {"merges": [" ".join(pair) for pair in model["merges"]]}), None


def bpe_some_bytes():
    """Bytes for some characters; unknown ones wait while others fall back."""
    return words_with(byte_pairs(BYTES[:200], byte_fallback=True, fuse_unk=True, ignore_merges=True), decoder={
        "type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "e"}, "content": "E"}, {"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": "T", "start": 1, "stop": 0}]}), None


def bpe_affixes():
    return words_with(byte_pairs([], continuing_subword_prefix="##", end_of_word_suffix="</w>"),
                      decoder={"type": "BPEDecoder", "suffix": "</w>"}), None


def unigram_ties():
    """Scores that are often the same, runs of unknown characters that are a piece, bytes, and no cutting beforehand."""
    rnd = random.Random(3)
    every = texts()
    vocab = [["<unk>", 0.0]] + [[byte, -20.0] for byte in BYTES[:240]]
    while len(vocab) < 1200:
        text = rnd.choice(every)
        start = rnd.randrange(len(text) + 1)
        if part := text[start:start + rnd.randrange(1, 5)]:
            vocab.append([part, rnd.choice([-1.0, -2.5, -3.25, -7, -rnd.random() * 10])])
    vocab += [["ЩУ", -500.0], ["中文", -500.0]]
    return document(model=dict(type="Unigram", vocab=vocab, unk_id=0, byte_fallback=True), decoder={
        "type": "CTC", "pad_token": "o", "word_delimiter_token": "e", "cleanup": True}), None


# Old checkpoints: the options of the SentencePiece model, the file's name, and tokenizer_config.json.
UNIGRAM = dict(model_type="unigram", vocab_size=340, character_coverage=0.98)
LEGACY = {
    "legacy-xlm-roberta": (UNIGRAM, "sentencepiece.bpe.model", dict(
        tokenizer_class="XLMRobertaTokenizerFast",
        mask_token=dict(content="<mask>", lstrip=True, rstrip=False, normalized=True, single_word=False,
                        __type="AddedToken"))),
    "legacy-camembert": (UNIGRAM, "sentencepiece.bpe.model", dict(tokenizer_class="CamembertTokenizer")),
    "legacy-albert": (UNIGRAM | dict(
        pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, control_symbols="[CLS],[SEP]", user_defined_symbols="[MASK],tur"),
        "spiece.model", dict(tokenizer_class="AlbertTokenizer", keep_accents=True)),
    "legacy-t5": (UNIGRAM | dict(pad_id=0, eos_id=1, unk_id=2, bos_id=-1), "spiece.model",
                  dict(tokenizer_class="T5Tokenizer", extra_ids=10)),
    "legacy-llama": (dict(model_type="bpe", vocab_size=760, character_coverage=0.98, byte_fallback=True), "tokenizer.model",
                     dict(tokenizer_class="LlamaTokenizer", add_bos_token=True, add_eos_token=True, legacy=False)),
    "legacy-marian": (UNIGRAM | dict(bos_id=-1, unk_id=1, eos_id=0), "source.spm",
                      dict(tokenizer_class="MarianTokenizer", source_lang="en", target_lang="de")),
    "legacy-roberta": (None, None, dict(tokenizer_class="BartTokenizer", add_prefix_space=True)),
}


def rules():
    """A few of SentencePiece's rules, so that the file of a model stays small."""
    pairs = [(c, unicodedata.normalize("NFKC", c)) for c in map(chr, [*range(0xA0, 0x180), *range(0xFF01, 0xFF5F)])]
    pairs += [(a + m, unicodedata.normalize("NFC", a + m)) for a in "aeinouAEO" for m in "\u0300\u0301\u0303\u0308"]
    pairs += [(c, " ") for c in "\t\n\r\u200b\u2028\u3000\ufeff"] + [(chr(c), "") for c in range(1, 9)]
    codes = lambda text: " ".join(f"{ord(c):04X}" for c in text)
    return "".join(f"{codes(a)}\t{codes(b)}\n" for a, b in pairs if a != b)


def legacy(folder, name):
    """An old checkpoint, and how transformers encodes with it."""
    options, file, config = LEGACY[name]
    dump(folder / "tokenizer_config.json", config)
    if options:
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            (scratch / "text").write_text("\n".join(SENTENCES * 4) + "\n")
            (scratch / "rules").write_text(rules())
            sentencepiece.SentencePieceTrainer.train(
                input=str(scratch / "text"), model_prefix=str(scratch / "model"), minloglevel=2, num_threads=1,
                normalization_rule_tsv=str(scratch / "rules"), **options)
            (folder / file).write_bytes((scratch / "model.model").read_bytes())
    if name == "legacy-roberta":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.train_from_iterator(SENTENCES * 3, trainers.BpeTrainer(
            vocab_size=600, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], show_progress=False,
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
        tokenizer.model.save(str(folder))
    if name == "legacy-marian":
        pieces = sentencepiece.SentencePieceProcessor(str(folder / file))
        names = [pieces.IdToPiece(i) for i in range(pieces.GetPieceSize())]
        kept = [n for n in names if n not in ("</s>", "<unk>")][::-1][4:]
        dump(folder / "vocab.json", {n: i for i, n in enumerate(["</s>", "<unk>", *kept, ">>de<<", "<pad>"])})
        (folder / "target.spm").write_bytes((folder / file).read_bytes())
    return transformers.AutoTokenizer.from_pretrained(str(folder))


def slow_golden(tokenizer, text):
    """What a tokenizer without a fast one tells."""
    ids = tokenizer(text)["input_ids"]
    return dict(text=text, ids=ids, tokens=[tokenizer.convert_ids_to_tokens(i) for i in ids],
                skipped=tokenizer.decode(ids, skip_special_tokens=True))


def encoding(e):
    result = {
        "ids": e.ids, "types": e.type_ids, "offsets": [x for o in e.offsets for x in o], "words": e.word_ids,
        "mask": e.special_tokens_mask,
    }
    if not e.overflowing:
        return result
    count = len(e.overflowing)
    return result | {"overflow": count, "pieces": {str(i): encoding(e.overflowing[i]) for i in {0, count // 2, count - 1}}}


def cases(every, seed):
    """Each text alone, some in pairs, some truncated."""
    rnd = random.Random(seed)
    for text in every:
        yield dict(text=text)
    for _ in range(40):
        yield dict(text=rnd.choice(every), pair=rnd.choice(every))
    for _ in range(20):
        yield dict(text=rnd.choice(every), pair=rnd.choice([None, rnd.choice(every)]), special=False)
    for strategy in ("LongestFirst", "OnlyFirst", "OnlySecond"):
        for direction in ("Right", "Left"):
            for _ in range(12):
                length = rnd.randrange(5, 24)
                yield dict(
                    text=rnd.choice(SENTENCES), pair=rnd.choice([None, rnd.choice(SENTENCES)]),
                    special=rnd.random() < 0.8,
                    truncation=dict(max_length=length, stride=rnd.randrange(0, 2), strategy=strategy,
                                    direction=direction))


def golden(tokenizer, clean, case):
    truncation = case.get("truncation")
    case = {k: v for k, v in case.items() if v is not None}
    try:
        if truncation:
            name = {"LongestFirst": "longest_first", "OnlyFirst": "only_first", "OnlySecond": "only_second"}
            tokenizer.enable_truncation(
                truncation["max_length"], stride=truncation["stride"], strategy=name[truncation["strategy"]],
                direction=truncation["direction"].lower())
        e = tokenizer.encode(case["text"], case.get("pair"), add_special_tokens=case.get("special", True))
    except BaseException:  # A panic in Rust is no Exception.
        return case | {"error": True}
    finally:
        tokenizer.no_truncation()
    decode = lambda skip: clean(tokenizer.decode(e.ids, skip_special_tokens=skip))
    return case | encoding(e) | {
        "tokens": [tokenizer.id_to_token(i) for i in e.ids], "decoded": decode(False), "skipped": decode(True)}


def digests(tokenizer):
    result = []
    for block in range(0, 0x110000, 0x1000):
        scalars = [chr(v) for v in range(block, block + 0x1000) if not 0xD800 <= v < 0xE000]
        e = tokenizer.encode(" ".join("a" + c + "b" for c in scalars), add_special_tokens=False)
        numbers = [x for i, (a, b) in zip(e.ids, e.offsets) for x in (i, a, b)]
        result.append(zlib.crc32(struct.pack(f"<{len(numbers)}i", *numbers)))
    return result


def dump(path, value):
    path.write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def main():
    shutil.rmtree(ROOT, ignore_errors=True)
    unicode = {}
    makers = {"bert-uncased": bert_uncased, "bert-cased": bert_cased, "added-tokens": added_tokens,
              "components": components, "vocab-only": None, "bpe-without-unknown": bpe_without_unknown,
              "bpe-some-bytes": bpe_some_bytes, "bpe-affixes": bpe_affixes, "unigram-ties": unigram_ties}
    few = ODDITIES[::3] + SENTENCES[::2] + texts()[-12:]
    for seed, (name, maker) in enumerate(makers.items()):
        folder = ROOT / name
        folder.mkdir(parents=True)
        clean = lambda text: text
        if maker:
            parts, config = maker()
            dump(folder / "tokenizer.json", parts)
            if config:
                dump(folder / "tokenizer_config.json", config)
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        else:
            vocab, config = vocab_only()
            (folder / "vocab.txt").write_text("".join(t + "\n" for t in vocab))
            dump(folder / "tokenizer_config.json", config)
            whole = transformers.BertTokenizer.from_pretrained(str(folder))
            tokenizer = whole.backend_tokenizer
            clean = whole.clean_up_tokenization
        tokenizer.no_padding()
        tokenizer.no_truncation()
        extra = []
        if name == "added-tokens":
            extra = [f"{p}{a}dd{k:02}{s}" for k in range(32) for p, a, s in
                     (("", "A", ""), ("", "a", ""), ("x", "A", "y"), (" ", "A", "  "), ("\t", "a", "\n"), (".", "A", "é"))]
            extra += ["Add0", "add00x", "<É>", "<é>", "<e\u0301>", "Token", "日本語", "Add"]
        every = few if name.startswith(("bpe", "unigram")) else texts(extra) + extra[::3]
        lines = [json.dumps(golden(tokenizer, clean, c), separators=(",", ":")) for c in cases(every, seed)]
        (folder / "goldens.jsonl").write_text("\n".join(lines) + "\n")
        if name in ("bert-uncased", "bert-cased", "components"):
            unicode[name] = digests(tokenizer)
    for seed, name in enumerate(LEGACY):
        folder = ROOT / name
        folder.mkdir()
        whole = legacy(folder, name)
        every = few + ["<mask>x <mask>", "[MASK] it", "<extra_id_3> a<extra_id_0>", "<s>a</s>", "<unk><pad>"]
        if name == "legacy-marian":
            lines = [slow_golden(whole, text) for text in [*every, ">>de<< Hello"]]
        else:
            tokenizer = whole.backend_tokenizer
            lines = [golden(tokenizer, lambda text: text, case) for case in cases(every, seed)]
        (folder / "goldens.jsonl").write_text("".join(json.dumps(l, separators=(",", ":")) + "\n" for l in lines))
    dump(ROOT / "unicode.json", unicode)


if __name__ == "__main__":
    main()
