"""Small tokenizers, each in the exact shape of a family of the Hub, trained on generated text.

`FAMILIES` names them all. A family is a function that returns the document of its tokenizer.json; its docstring says whose
shape that is.
"""

import functools
import json
from collections import Counter

from tokenizers import Tokenizer, pre_tokenizers, trainers

import charsmap
from tokenizer_texts import PLACEHOLDERS, Texts

VOCABULARY = 1600

# --- Text to train on -------------------------------------------------------------------------------------------------


@functools.cache
def corpus():
    """Lines without special tokens and without scalars that hardly ever occur."""
    source = Texts(100)
    lines = [source.text(6) for _ in range(6000)] + [source.english() for _ in range(1500)]
    counts = Counter(c for line in lines for c in line)
    unwanted = set(PLACEHOLDERS) | {c for c, n in counts.items() if n < 4 or not c.isprintable() and c not in "\n\t"}
    table = {ord(c): None for c in unwanted}
    return [line.translate(table) for line in lines]


# --- Parts ------------------------------------------------------------------------------------------------------------


def added(content, special=True, normalized=False, lstrip=False, rstrip=False, single_word=False):
    return dict(content=content, single_word=single_word, lstrip=lstrip, rstrip=rstrip, normalized=normalized, special=special)


def sequence(stage, *parts):
    key = {"normalizer": "normalizers", "pre_tokenizer": "pretokenizers", "decoder": "decoders", "post": "processors"}[stage]
    return {"type": "Sequence", key: list(parts)}


def replace(content, string=None, regex=None):
    return {"type": "Replace", "pattern": {"String": string} if regex is None else {"Regex": regex}, "content": content}


def split(regex=None, behavior="Isolated", invert=False, string=None):
    pattern = {"Regex": regex} if string is None else {"String": string}
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def byte_level(add_prefix_space=False, trim_offsets=True, use_regex=True):
    return dict(type="ByteLevel", add_prefix_space=add_prefix_space, trim_offsets=trim_offsets, use_regex=use_regex)


def metaspace(prepend_scheme="always", split=True):
    return dict(type="Metaspace", replacement="▁", prepend_scheme=prepend_scheme, split=split)


def bert_normalizer(**changes):
    return dict(type="BertNormalizer", clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True) | changes


def strip(left, right):
    return {"type": "Strip", "strip_left": left, "strip_right": right}


def decoder_strip(content, start, stop):
    return {"type": "Strip", "content": content, "start": start, "stop": stop}


def precompiled(rules=charsmap.SMALL):
    return {"type": "Precompiled", "precompiled_charsmap": charsmap.precompiled(rules)}


WORD_PIECE_DECODER = {"type": "WordPiece", "prefix": "##", "cleanup": True}
BYTE_FALLBACK_DECODERS = [replace(" ", string="▁"), {"type": "ByteFallback"}, {"type": "Fuse"}]


# --- Documents --------------------------------------------------------------------------------------------------------


def document(model, tokens, normalizer=None, pre_tokenizer=None, post=None, decoder=None):
    """The document, its added tokens with the ids that they have or come to have.

    `post` is a post-processor, or the two templates of one: `"[CLS] A [SEP]"`, with `:1` for a type.
    """
    vocab = model["vocab"]
    ids = vocab if isinstance(vocab, dict) else {piece: i for i, (piece, _) in enumerate(vocab)}
    ids = dict(ids)
    for token in tokens:
        ids.setdefault(token["content"], len(ids))
    tokens = sorted((dict(id=ids[token["content"]]) | token for token in tokens), key=lambda token: token["id"])
    if isinstance(post, tuple):
        post = template(*post, ids)
    elif callable(post):
        post = post(ids)
    return dict(version="1.0", truncation=None, padding=None, added_tokens=tokens, normalizer=normalizer,
                pre_tokenizer=pre_tokenizer, post_processor=post, decoder=decoder, model=model)


def template(single, pair, ids):
    def pieces(text):
        for item in text.split():
            name, _, kind = item.partition(":")
            is_sequence = name in ("A", "B")
            yield {"Sequence" if is_sequence else "SpecialToken": {"id": name, "type_id": int(kind or 0)}}

    used = sorted({item.partition(":")[0] for item in (single + " " + pair).split()} - {"A", "B"})
    return {"type": "TemplateProcessing", "single": list(pieces(single)), "pair": list(pieces(pair)),
            "special_tokens": {t: {"id": t, "ids": [ids[t]], "tokens": [t]} for t in used}}


def trained(trainer, stub, normalizer=None, pre_tokenizer=None):
    """The model that a trainer makes of the corpus after these stages."""
    stages = dict(version="1.0", truncation=None, padding=None, added_tokens=[], normalizer=normalizer,
                  pre_tokenizer=pre_tokenizer, post_processor=None, decoder=None, model=stub)
    tokenizer = Tokenizer.from_str(json.dumps(stages))
    tokenizer.train_from_iterator(corpus(), trainer)
    return json.loads(tokenizer.to_str())["model"]


BPE_FIELDS = dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None,
                  fuse_unk=False, byte_fallback=False, ignore_merges=False)


def bpe(specials=(), normalizer=None, pre_tokenizer=None, alphabet=(), suffix=None, size=VOCABULARY, limit=None, old_merges=False, **fields):
    """A BPE model; `old_merges` writes a merge as one string."""
    limits = {} if limit is None else {"limit_alphabet": limit}
    if suffix:
        limits["end_of_word_suffix"] = suffix
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=list(specials), initial_alphabet=list(alphabet),
                                  show_progress=False, **limits)
    stub = BPE_FIELDS | dict(vocab={}, merges=[], end_of_word_suffix=suffix)
    model = trained(trainer, stub, normalizer, pre_tokenizer)
    merges = [" ".join(pair) for pair in model["merges"]] if old_merges else model["merges"]
    return BPE_FIELDS | fields | dict(end_of_word_suffix=suffix, vocab=model["vocab"], merges=merges)


@functools.cache
def byte_alphabet():
    return sorted(pre_tokenizers.ByteLevel.alphabet())


def byte_bpe(specials=(), normalizer=None, pre_tokenizer=None, **fields):
    return bpe(specials, normalizer, pre_tokenizer or byte_level(), byte_alphabet(), **fields)


def sentencepiece_bpe(specials, **fields):
    """A model of SentencePiece's kind: bytes in the vocabulary, spaces written as ▁."""
    specials = [*specials, *(f"<0x{byte:02X}>" for byte in range(256))]
    return bpe(specials, None, metaspace(), limit=500, fuse_unk=True, byte_fallback=True, unk_token="<unk>", size=2000, **fields)


def unigram(specials, normalizer=None, pre_tokenizer=None, last=(), unk="<unk>", size=VOCABULARY, **fields):
    trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=list(specials), unk_token=unk, show_progress=False)
    model = trained(trainer, dict(type="Unigram", unk_id=None, vocab=[]), normalizer, pre_tokenizer)
    vocab = [[piece, round(score, 5)] for piece, score in model["vocab"]] + [[piece, 0.0] for piece in last]
    return dict(type="Unigram", unk_id=list(specials).index(unk), vocab=vocab, byte_fallback=False) | fields


def word_piece(specials, normalizer, pre_tokenizer, unk="[UNK]"):
    trainer = trainers.WordPieceTrainer(vocab_size=2000, limit_alphabet=500, special_tokens=specials, show_progress=False)
    stub = dict(type="WordPiece", unk_token=unk, continuing_subword_prefix="##", max_input_chars_per_word=100, vocab={unk: 0})
    model = trained(trainer, stub, normalizer, pre_tokenizer)
    return stub | dict(vocab=model["vocab"])


# --- WordPiece --------------------------------------------------------------------------------------------------------

BERT_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BERT_TEMPLATE = ("[CLS] A [SEP]", "[CLS] A [SEP] B:1 [SEP]:1")
BERT_PRE = {"type": "BertPreTokenizer"}


def bert(**normalizer):
    """BERT, DistilBERT, ELECTRA, MiniLM, BGE-en, nomic."""
    normalizer = bert_normalizer(**normalizer)
    model = word_piece(BERT_TOKENS, normalizer, BERT_PRE)
    return document(model, list(map(added, BERT_TOKENS)), normalizer, BERT_PRE, BERT_TEMPLATE, WORD_PIECE_DECODER)


def bert_cased():
    """bert-base-cased and -multilingual-cased."""
    return bert(strip_accents=False, lowercase=False)


def mpnet():
    """MPNet."""
    tokens = ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"]
    model = word_piece(tokens, bert_normalizer(), BERT_PRE)
    flags = [added(t, lstrip=t == "<mask>", normalized=t in ("<s>", "</s>")) for t in tokens]
    return document(model, flags, bert_normalizer(), BERT_PRE, ("<s> A </s>", "<s> A </s> </s> B </s>"), WORD_PIECE_DECODER)


# --- Byte-level BPE ---------------------------------------------------------------------------------------------------

ROBERTA_TOKENS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
GPT4_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
GPT4_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3_SPLIT = GPT4_WORDS + r"\p{N}{1,3}" + GPT4_REST
QWEN2_SPLIT = GPT4_WORDS + r"\p{N}" + GPT4_REST
BLOOM_SPLIT = r" ?[^(\s|[.,!?…。，、।۔،])]+"
CLIP_SPLIT = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
GPT4O_CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
GPT4O_SPLIT = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + GPT4O_CONTRACTION
    + r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + GPT4O_CONTRACTION
    + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK_V3_SPLITS = [
    r"\p{N}{1,3}", r"[一-龥぀-ゟ゠-ヿ]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"]
DEEPSEEK_CODER_SPLITS = [
    r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", r"[一-龥ࠀ-一가-퟿]+"]


def roberta_processing(bos, eos, trim_offsets=True, add_prefix_space=False):
    return lambda ids: dict(type="RobertaProcessing", sep=[eos, ids[eos]], cls=[bos, ids[bos]], trim_offsets=trim_offsets,
                            add_prefix_space=add_prefix_space)


def roberta(add_prefix_space=False):
    """RoBERTa, BART."""
    tokens = [added(t, normalized=t != "<mask>", lstrip=t == "<mask>") for t in ROBERTA_TOKENS]
    pre_tokenizer = byte_level(add_prefix_space)
    model = byte_bpe(ROBERTA_TOKENS, old_merges=True, continuing_subword_prefix="", end_of_word_suffix="")
    model |= dict(continuing_subword_prefix="", end_of_word_suffix="")
    post = roberta_processing("<s>", "</s>", add_prefix_space=add_prefix_space)
    return document(model, tokens, None, pre_tokenizer, post, byte_level(True))


def roberta_prefix():
    """Longformer and token classifiers on RoBERTa: a space before the text."""
    return roberta(add_prefix_space=True)


def gpt2():
    """GPT-2, Phi-1, Phi-2; an old file without `type`."""
    model = byte_bpe(["<|endoftext|>"], old_merges=True)
    model = {k: v for k, v in model.items() if k not in ("type", "ignore_merges", "byte_fallback")}
    tokens = [added("<|endoftext|>", normalized=True), *(added(" " * n, special=False, normalized=True) for n in range(9, 1, -1))]
    return document(model, tokens, None, byte_level(), byte_level(True, trim_offsets=False), byte_level(True))


def opt():
    """OPT."""
    tokens = [added(t, normalized=True) for t in ("<s>", "<pad>", "</s>", "<unk>")]
    model = byte_bpe([t["content"] for t in tokens])
    return document(model, tokens, None, byte_level(), ("</s> A", "</s> A </s> B"), byte_level(True))


def gpt_neox():
    """GPT-NeoX, Pythia: runs of spaces are tokens that are not special."""
    tokens = [added("<|endoftext|>"), added("<|padding|>"), *(added(" " * n, special=False, normalized=True) for n in range(24, 1, -1))]
    model = byte_bpe(["<|endoftext|>", "<|padding|>"], {"type": "NFC"})
    return document(model, tokens, {"type": "NFC"}, byte_level(), byte_level(), byte_level(trim_offsets=True))


def modernbert():
    """ModernBERT."""
    tokens = [added(t, lstrip=t == "[MASK]") for t in ("[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]")]
    tokens = [added("|||IP_ADDRESS|||", special=False, normalized=True), added("<|padding|>"), added("<|endoftext|>")] + [
        added(" " * n, special=False, normalized=True) for n in range(24, 1, -1)] + tokens
    return document(byte_bpe((), {"type": "NFC"}), tokens, {"type": "NFC"}, byte_level(), ("[CLS] A [SEP]", "[CLS] A [SEP] B [SEP]"), byte_level())


def deberta_v1():
    """DeBERTa v1."""
    tokens = [added(t, lstrip=t == "[MASK]", normalized=t == "[MASK]") for t in ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]")]
    return document(byte_bpe([t["content"] for t in tokens]), tokens, None, byte_level(), BERT_TEMPLATE, byte_level())


def bloom():
    """BLOOM."""
    pre_tokenizer = sequence("pre_tokenizer", split(BLOOM_SPLIT), byte_level(use_regex=False))
    tokens = list(map(added, ("<unk>", "<s>", "</s>", "<pad>")))
    model = byte_bpe(["<unk>", "<s>", "</s>", "<pad>"], None, pre_tokenizer)
    return document(model, tokens, None, pre_tokenizer, byte_level(True, False, False), byte_level(True, True, False))


def llama3():
    """Llama 3: merges are ignored for words of the vocabulary, some of which no merges lead to."""
    pre_tokenizer = sequence("pre_tokenizer", split(LLAMA3_SPLIT), byte_level(use_regex=False))
    model = byte_bpe((), None, pre_tokenizer, ignore_merges=True)
    for word in ("Ġturbine", "ĠпÑĢивеÑĤ", "Ġwords", "penstock", "ĠĠĠ", "123"):
        model["vocab"].setdefault(word, len(model["vocab"]))
    names = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    names += [f"<|reserved_special_token_{n}|>" for n in range(12)]
    post = lambda ids: sequence("post", byte_level(True, False, True),
                                template("<|begin_of_text|> A", "<|begin_of_text|> A <|begin_of_text|>:1 B:1", ids))
    return document(model, list(map(added, names)), None, pre_tokenizer, post, byte_level(True, True, True))


def qwen2():
    """Qwen 2 and 3."""
    pre_tokenizer = sequence("pre_tokenizer", split(QWEN2_SPLIT), byte_level(trim_offsets=False, use_regex=False))
    tokens = [added(t) for t in ("<|endoftext|>", "<|im_start|>", "<|im_end|>")] + [added(t, special=False) for t in ("<tool_call>", "</tool_call>")]
    model = byte_bpe((), {"type": "NFC"}, pre_tokenizer) | dict(continuing_subword_prefix="", end_of_word_suffix="")
    level = byte_level(trim_offsets=False, use_regex=False)
    return document(model, tokens, {"type": "NFC"}, pre_tokenizer, level, level)


def gpt4o():
    """gpt-oss and others with the split of o200k."""
    pre_tokenizer = sequence("pre_tokenizer", split(GPT4O_SPLIT), byte_level(use_regex=False))
    tokens = [added(t) for t in ("<|startoftext|>", "<|endoftext|>", "<|return|>")]
    return document(byte_bpe((), None, pre_tokenizer, ignore_merges=True), tokens, None, pre_tokenizer, None, byte_level())


def deepseek():
    """DeepSeek V2 and V3."""
    pre_tokenizer = sequence("pre_tokenizer", *map(split, DEEPSEEK_V3_SPLITS), byte_level(use_regex=False))
    tokens = [added(t, normalized=n) for t, n in (("<｜begin▁of▁sentence｜>", True), ("<｜end▁of▁sentence｜>", True), ("<｜User｜>", False))]
    tokens.append(added("<think>", special=False, normalized=True))
    post = ("<｜begin▁of▁sentence｜> A", "<｜begin▁of▁sentence｜> A <｜begin▁of▁sentence｜>:1 B:1")
    return document(byte_bpe((), sequence("normalizer"), pre_tokenizer), tokens, sequence("normalizer"), pre_tokenizer, post, byte_level(True))


def deepseek_coder():
    """DeepSeek Coder: many splits, single digits."""
    pre_tokenizer = sequence("pre_tokenizer", *map(split, DEEPSEEK_CODER_SPLITS), {"type": "Digits", "individual_digits": True}, byte_level(use_regex=False))
    tokens = [added("<｜begin▁of▁sentence｜>", normalized=True), added("<｜fim▁hole｜>", special=False, normalized=True)]
    return document(byte_bpe((), None, pre_tokenizer), tokens, None, pre_tokenizer, ("<｜begin▁of▁sentence｜> A", "<｜begin▁of▁sentence｜> A <｜begin▁of▁sentence｜>:1 B:1"), byte_level(True))


def smollm():
    """SmolLM: single digits, then GPT-2."""
    pre_tokenizer = sequence("pre_tokenizer", {"type": "Digits", "individual_digits": True}, byte_level())
    tokens = [added(t) for t in ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>")]
    return document(byte_bpe([t["content"] for t in tokens], None, pre_tokenizer), tokens, None, pre_tokenizer, None, byte_level(True))


def clip():
    """CLIP."""
    normalizer = sequence("normalizer", {"type": "NFC"}, replace(" ", regex=r"\s+"), {"type": "Lowercase"})
    pre_tokenizer = sequence("pre_tokenizer", split(CLIP_SPLIT, "Removed", True), byte_level())
    tokens = [added("<|startoftext|>", normalized=True), added("<|endoftext|>", normalized=False)]
    model = byte_bpe((), normalizer, pre_tokenizer, suffix="</w>")
    for letter in byte_alphabet():
        model["vocab"].setdefault(letter + "</w>", len(model["vocab"]))
    for token in ("<|startoftext|>", "<|endoftext|>"):
        model["vocab"].setdefault(token, len(model["vocab"]))
    model |= dict(unk_token="<|endoftext|>", continuing_subword_prefix="")
    post = roberta_processing("<|startoftext|>", "<|endoftext|>", trim_offsets=False)
    return document(model, tokens, normalizer, pre_tokenizer, post, byte_level())


# --- BPE of SentencePiece's kind --------------------------------------------------------------------------------------


def llama2():
    """Llama 2, Mistral v1, TinyLlama."""
    normalizer = sequence("normalizer", {"type": "Prepend", "prepend": "▁"}, replace("▁", string=" "))
    decoder = sequence("decoder", *BYTE_FALLBACK_DECODERS, decoder_strip(" ", 1, 0))
    model = sentencepiece_bpe(["<unk>", "<s>", "</s>"], old_merges=True)
    return document(model, list(map(added, ("<unk>", "<s>", "</s>"))), normalizer, None, ("<s> A", "<s> A <s>:1 B:1"), decoder)


def phi3():
    """Phi-3: as Llama 2, with added tokens that take the white space behind them."""
    normalizer = sequence("normalizer", {"type": "Prepend", "prepend": "▁"}, replace("▁", string=" "))
    decoder = sequence("decoder", *BYTE_FALLBACK_DECODERS, decoder_strip(" ", 1, 0))
    tokens = [added("<unk>"), added("<s>"), added("</s>", special=False, rstrip=True), added("<|endoftext|>")] + [
        added(t, rstrip=True) for t in ("<|assistant|>", "<|system|>", "<|end|>", "<|user|>")]
    return document(sentencepiece_bpe(["<unk>", "<s>", "</s>"]), tokens, normalizer, None, ("A", "A B:1"), decoder)


def llama2_metaspace():
    """Llama 2 as newer files have it: Metaspace before the first word only."""
    decoder = sequence("decoder", *BYTE_FALLBACK_DECODERS, decoder_strip(" ", 1, 0))
    model = sentencepiece_bpe(["<unk>", "<s>", "</s>"], ignore_merges=True)
    pre_tokenizer = metaspace("first", split=False)
    return document(model, list(map(added, ("<unk>", "<s>", "</s>"))), None, pre_tokenizer, ("<s> A", "<s> A <s>:1 B:1"), decoder)


def gemma():
    """Gemma."""
    names = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    tokens = list(map(added, names)) + [added(t) for t in ("<start_of_turn>", "<end_of_turn>")]
    tokens += [added("\n" * n, special=False) for n in range(2, 8)] + [added("▁" * n, special=False) for n in range(2, 8)]
    tokens += [added(t, special=False) for t in ("<table>", "<h1>")]
    pre_tokenizer = split(string=" ", behavior="MergedWithPrevious")
    decoder = sequence("decoder", *BYTE_FALLBACK_DECODERS)
    return document(sentencepiece_bpe(names), tokens, replace("▁", string=" "), pre_tokenizer, ("<bos> A", "<bos> A <bos>:1 B:1"), decoder)


def nllb():
    """NLLB: BPE behind a precompiled map; languages are tokens."""
    names = ["<s>", "<pad>", "</s>", "<unk>"]
    tokens = [added(t, normalized=True) for t in names] + [added(t) for t in ("ace_Arab", "eng_Latn", "deu_Latn")]
    tokens.append(added("<mask>", normalized=True, lstrip=True))
    normalizer = sequence("normalizer", precompiled(), replace(" ", regex=" {2,}"))
    model = bpe(names, normalizer, metaspace(), limit=700, unk_token="<unk>", fuse_unk=True)
    return document(model, tokens, normalizer, metaspace(), ("eng_Latn A </s>", "eng_Latn A B </s>"), metaspace())


# --- Unigram ----------------------------------------------------------------------------------------------------------

WHITESPACE_METASPACE = sequence("pre_tokenizer", {"type": "WhitespaceSplit"}, metaspace())
COLLAPSE = replace(" ", regex=" {2,}")
QUOTES = [replace('"', string="``"), replace('"', string="''")]


def xlm_roberta():
    """XLM-R, BGE-m3, multilingual-e5, gte-multilingual."""
    normalizer = precompiled(charsmap.LARGE)
    model = unigram(["<s>", "<pad>", "</s>", "<unk>"], normalizer, WHITESPACE_METASPACE, last=["<mask>"])
    tokens = [added(t, lstrip=t == "<mask>") for t in ROBERTA_TOKENS]
    return document(model, tokens, normalizer, WHITESPACE_METASPACE, ("<s> A </s>", "<s> A </s> </s> B </s>"), metaspace())


def camembert():
    """CamemBERT, in the older way to write Metaspace."""
    old = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    normalizer = sequence("normalizer", precompiled(), COLLAPSE)
    pre_tokenizer = sequence("pre_tokenizer", {"type": "WhitespaceSplit"}, old)
    names = ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<s>", "</s>"]
    model = unigram(names, normalizer, pre_tokenizer, last=["<mask>"])
    tokens = [added(t, lstrip=t == "<mask>") for t in [*names, "<mask>"]]
    return document(model, tokens, normalizer, pre_tokenizer, roberta_processing("<s>", "</s>", True, True), old)


def t5():
    """T5."""
    names = ["<pad>", "</s>", "<unk>"]
    extra = [f"<extra_id_{n}>" for n in range(9, -1, -1)]
    normalizer = precompiled()
    model = unigram(names, normalizer, WHITESPACE_METASPACE, last=extra)
    return document(model, list(map(added, names + extra)), normalizer, WHITESPACE_METASPACE, ("A </s>", "A </s> B </s>"), metaspace())


def mt5():
    """mT5, umT5, newer T5: no splitting at other white space, byte fallback."""
    names = ["<pad>", "</s>", "<unk>"]
    normalizer = sequence("normalizer", precompiled(), COLLAPSE)
    model = unigram([*names, *(f"<0x{byte:02X}>" for byte in range(256))], normalizer, metaspace(), byte_fallback=True)
    decoder = sequence("decoder", {"type": "ByteFallback"}, metaspace())
    return document(model, list(map(added, names)), normalizer, metaspace(), ("A </s>", "A </s> B </s>"), decoder)


def mbart():
    """mBART: the language last."""
    names = ["<s>", "<pad>", "</s>", "<unk>"]
    tokens = [added(t) for t in [*names, "ar_AR", "en_XX", "zh_CN"]] + [added("<mask>", lstrip=True)]
    normalizer = precompiled()
    model = unigram(names, normalizer, WHITESPACE_METASPACE)
    return document(model, tokens, normalizer, WHITESPACE_METASPACE, ("A </s> en_XX", "A B </s> en_XX"), metaspace())


def mbart50():
    """mBART-50: the language first."""
    names = ["<s>", "<pad>", "</s>", "<unk>"]
    tokens = [added(t) for t in [*names, "ar_AR", "en_XX", "zh_CN"]] + [added("<mask>", lstrip=True)]
    normalizer = sequence("normalizer", precompiled(), COLLAPSE)
    model = unigram(names, normalizer, metaspace())
    return document(model, tokens, normalizer, metaspace(), ("en_XX A </s>", "en_XX A B </s>"), metaspace())


def albert():
    """ALBERT."""
    names = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
    normalizer = sequence("normalizer", *QUOTES, {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, precompiled(), COLLAPSE)
    model = unigram(names, normalizer, WHITESPACE_METASPACE)
    tokens = [added(t, lstrip=t == "[MASK]") for t in names]
    return document(model, tokens, normalizer, WHITESPACE_METASPACE, BERT_TEMPLATE, metaspace())


def deberta_v3():
    """DeBERTa v3 as transformers 5 builds it."""
    names = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    normalizer = sequence("normalizer", replace(" ", regex=r"\s{2,}|[\n\r\t]"), {"type": "NFC"}, strip(False, True))
    pre_tokenizer = sequence("pre_tokenizer", metaspace())
    tokens = [added(t, normalized=t == "[UNK]") for t in names] + [added("[MASK]")]
    return document(unigram(names, normalizer, pre_tokenizer, unk="[UNK]"), tokens, normalizer, pre_tokenizer, BERT_TEMPLATE, metaspace())


def xlnet():
    """XLNet: the class token last, of type 2."""
    names = ["<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<mask>", "<eod>", "<eop>"]
    normalizer = sequence("normalizer", *QUOTES, {"type": "NFKD"}, {"type": "StripAccents"}, precompiled(), COLLAPSE)
    model = unigram(names, normalizer, WHITESPACE_METASPACE)
    tokens = [added(t, lstrip=t == "<mask>") for t in names]
    return document(model, tokens, normalizer, WHITESPACE_METASPACE, ("A <sep> <cls>:2", "A <sep> B:1 <sep>:1 <cls>:2"), metaspace())


# --- What is left -----------------------------------------------------------------------------------------------------


def openai_gpt():
    """The first GPT: BPE with a suffix, behind BERT's normalizer."""
    model = bpe(["<unk>"], bert_normalizer(), BERT_PRE, suffix="</w>", limit=400, unk_token="<unk>")
    return document(model, [added("<unk>")], bert_normalizer(), BERT_PRE, None, {"type": "BPEDecoder", "suffix": "</w>"})


def wav2vec2():
    """Wav2Vec2: letters."""
    names = ["<pad>", "<s>", "</s>", "<unk>", "|"]
    letters = sorted({c for line in corpus()[:400] for c in line if c.isalpha()})[:300]
    model = dict(type="WordLevel", unk_token="<unk>", vocab={t: i for i, t in enumerate(names + letters)})
    pre_tokenizer = {"type": "FixedLength", "length": 1}
    decoder = dict(type="CTC", pad_token="<pad>", word_delimiter_token="|", cleanup=True)
    return document(model, list(map(added, names[:4])), sequence("normalizer", replace("|", string=" ")), pre_tokenizer, None, decoder)


def scripts():
    """Unigram the way sentencepiece splits by script: Nmt, UnicodeScripts, digits, punctuation in runs."""
    normalizer = sequence("normalizer", {"type": "Nmt"}, {"type": "NFKC"}, COLLAPSE, strip(True, True))
    pre_tokenizer = sequence("pre_tokenizer", metaspace(), {"type": "UnicodeScripts"}, {"type": "Digits", "individual_digits": False},
                             {"type": "Punctuation", "behavior": "Contiguous"})
    model = unigram(["<unk>", "<s>"], normalizer, pre_tokenizer)
    return document(model, [added("<unk>"), added("<s>", single_word=True), added("the", special=False, single_word=True, normalized=True)],
                    normalizer, pre_tokenizer, None, metaspace())


def splits():
    """Splits of every behaviour behind one another, over whole words."""
    pre_tokenizer = sequence(
        "pre_tokenizer", {"type": "CharDelimiterSplit", "delimiter": "-"}, split(r"[aeiou]{2}", "MergedWithNext"),
        split(r"\p{Lu}", "MergedWithPrevious", False), split(r"[^\s\p{P}]+", "Contiguous", True), split(string="the", behavior="Isolated"),
        split(r"\s+", "Removed"), {"type": "Whitespace"})
    normalizer = sequence("normalizer", {"type": "NFD"}, {"type": "Prepend", "prepend": "▁"})
    stub = dict(type="WordLevel", unk_token="<unk>", vocab={"<unk>": 0})
    trainer = trainers.WordLevelTrainer(vocab_size=1200, special_tokens=["<unk>", "<s>"], show_progress=False)
    model = trained(trainer, stub, normalizer, pre_tokenizer)
    return document(dict(type="WordLevel", vocab=model["vocab"], unk_token="<unk>"), [added("<unk>"), added("<s>", rstrip=True, lstrip=True)],
                    normalizer, pre_tokenizer, ("A", "B A:1"), None)


def byte_normalizer():
    """The byte alphabet in the normalizer, nothing before the model; no decoder."""
    normalizer = sequence("normalizer", {"type": "NFKD"}, {"type": "ByteLevel"})
    model = bpe(["<|endoftext|>"], normalizer, split(r"Ġ?[^Ġ]+"), byte_alphabet())
    return document(model, [added("<|endoftext|>"), added("<é>", special=False, normalized=True)], normalizer, None, None, byte_level())


FAMILIES = {
    function.__name__.replace("_", "-"): function
    for function in (
        bert, bert_cased, mpnet, roberta, roberta_prefix, gpt2, opt, gpt_neox, modernbert, deberta_v1, bloom, llama3, qwen2, gpt4o,
        deepseek, deepseek_coder, smollm, clip, llama2, phi3, llama2_metaspace, gemma, nllb, xlm_roberta, camembert, t5, mt5, mbart,
        mbart50, albert, deberta_v3, xlnet, openai_gpt, wav2vec2, scripts, splits, byte_normalizer)
}
