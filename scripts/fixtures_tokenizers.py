"""Tokenizers with small vocabularies, in the shapes of the families' files on the Hub."""

import base64
import functools
import json

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    AlbertTokenizer,
    BertTokenizer,
    CamembertTokenizer,
    DebertaV2Tokenizer,
    DistilBertTokenizer,
    MPNetTokenizer,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen2Tokenizer,
    RobertaTokenizer,
    XLMRobertaTokenizer,
)

import charsmap
from fixtures_base import JSON

# --- WordPiece: BERT and DistilBERT -----------------------------------------------------------------------------------

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = list("abcdefghijklmnopqrstuvwxyz")
PUNCTUATION = list(".,'?!-:;()[]\"/&%$#@*+=_")
DIGITS = list("0123456789")
SUFFIXES = """s ed ing er est ly ness able tion al ful less ous ment ity ##'s th 00 23 word place ound ight""".split()
FOREIGN = list("αβγδελς абвгдеос אבשלום سلام अआक กขค 中文日本語人東京 はのにカタ 한국어 가나".replace(" ", "")) + ["🙂"]
ACCENTED = list("éèêëñüöäçåøßœï")
WORDS = """
the of and to in is was he for it with as his on be at by i this had not are but from or have an they which one you
were her all she there would their we him been has when who will more no if out so said what up its about into than
them can only other new some could time these two may then do first any my now such like our over man me even most
made after also did many before must through back years where much your way well down should because each just those
people how too little state good very make world still own see men work long get here between both life being under
never day same another know while last might us great old year off come since against go came right used take three
cat dog mat sat ran house city capital france paris river mountain water fire music book table chair garden school
market bread cheese wine coffee tea morning night winter summer green blue red white black small large happy sad
quick brown fox jumps lazy model server pipe token batch swift python hello un re pre
""".split()


def wordpiece_vocabulary(size: int, cased: bool = False) -> dict[str, int]:
    """A WordPiece vocabulary of `size` entries: first what spells anything out, then ever more whole words.

    Raises: ValueError when there are not that many entries to be had.
    """
    letters = LETTERS + [letter.upper() for letter in LETTERS] + ACCENTED if cased else LETTERS
    foreign = FOREIGN + (list("АБВ") if cased else [])
    words = [word.capitalize() for word in WORDS[::5]] + WORDS if cased else WORDS
    entries = SPECIALS + letters + PUNCTUATION + DIGITS
    entries += ["##" + piece for piece in LETTERS + (ACCENTED if cased else []) + DIGITS]
    entries += [piece if piece.startswith("##") else "##" + piece for piece in SUFFIXES]
    entries += foreign + ["##" + letter for letter in foreign if letter.isalpha()] + words
    unique = list(dict.fromkeys(entries))
    if size > len(unique):
        raise ValueError(f"a vocabulary of {size} was asked for; there are {len(unique)} entries")
    return {entry: index for index, entry in enumerate(unique[:size])}


def bert_tokenizer(size: int, max_length: int, cased: bool = False, **flags: JSON) -> BertTokenizer:
    """A BERT tokenizer over `wordpiece_vocabulary(size)`; `flags` go to its tokenizer_config.json."""
    return BertTokenizer(
        vocab=wordpiece_vocabulary(size, cased), do_lower_case=not cased, model_max_length=max_length, **flags
    )


def distilbert_tokenizer(size: int, max_length: int, cased: bool = False, **flags: JSON) -> DistilBertTokenizer:
    """The same for DistilBERT, whose tokenizer gives no token types."""
    return DistilBertTokenizer(
        vocab=wordpiece_vocabulary(size, cased), do_lower_case=not cased, model_max_length=max_length, **flags
    )


MPNET_SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"]


def mpnet_tokenizer(size: int, max_length: int, **flags: JSON) -> MPNetTokenizer:
    """An MPNet tokenizer of `size` entries: RoBERTa's special tokens around BERT's words."""
    words = list(wordpiece_vocabulary(size - len(MPNET_SPECIALS) + 3))
    kept = [word for word in words if word not in SPECIALS or word == "[UNK]"]
    vocabulary = {entry: index for index, entry in enumerate([*MPNET_SPECIALS, *kept, MASK.content])}
    return MPNetTokenizer(vocab=vocabulary, mask_token=MASK, model_max_length=max_length, **flags)


# --- Byte-level BPE: RoBERTa ------------------------------------------------------------------------------------------

ROBERTA_SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
MASK = AddedToken("<mask>", lstrip=True, special=True)


@functools.cache
def byte_level_pieces(merges: int) -> tuple[list[str], list[tuple[str, str]]]:
    """The 256 letters that stand for bytes and as many merges as asked for: their entries, and the merges."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=256 + merges, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator([" ".join(WORDS), "é è ü 東 京 🙂 " * 9], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return sorted(model["vocab"], key=model["vocab"].get), [tuple(merge) for merge in model["merges"]]


def roberta_tokenizer(
    max_length: int, merges: int = 120, specials: tuple[str, ...] = ROBERTA_SPECIALS, **flags: JSON
) -> RobertaTokenizer:
    """A RoBERTa tokenizer of `len(specials) + 256 + merges + 1` entries: `specials`, bytes, merges, and the mask."""
    pieces, pairs = byte_level_pieces(merges)
    vocabulary = {entry: index for index, entry in enumerate([*specials, *pieces, MASK.content])}
    return RobertaTokenizer(vocab=vocabulary, merges=pairs, mask_token=MASK, model_max_length=max_length, **flags)


MODERNBERT_SPECIALS = ("[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]")


def modernbert_tokenizer(max_length: int, merges: int = 40) -> PreTrainedTokenizerFast:
    """A ModernBERT tokenizer of `5 + 256 + merges` entries, of no class of its own."""
    tokenizer = byte_level_bpe(MODERNBERT_SPECIALS, merges)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    names = dict(zip(("unk_token", "cls_token", "sep_token", "pad_token"), MODERNBERT_SPECIALS))
    mask = AddedToken("[MASK]", lstrip=True, special=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, mask_token=mask, model_max_length=max_length, **names
    )


def byte_level_bpe(specials: tuple[str, ...], merges: int) -> Tokenizer:
    """Byte-level BPE of `len(specials) + 256 + merges` entries."""
    pieces, pairs = byte_level_pieces(merges)
    vocabulary = {entry: index for index, entry in enumerate([*specials, *pieces])}
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


# --- Decoders ---------------------------------------------------------------------------------------------------------

DECODER_NAMES = ("unk_token", "bos_token", "eos_token", "pad_token")


def byte_level_tokenizer(
    max_length: int, specials: tuple[str, ...], merges: int, starts: bool
) -> PreTrainedTokenizerFast:
    """A tokenizer as GPT-2's or Llama 3's; `specials` are those of `DECODER_NAMES`, and texts may begin with the second."""
    return decoder_tokenizer(byte_level_bpe(specials, merges), max_length, specials, starts)


def qwen2_tokenizer(max_length: int, specials: tuple[str, ...], merges: int) -> Qwen2Tokenizer:
    """The tokenizer of Qwen2, the only one that upstream has for its models, whatever their files say."""
    pieces, pairs = byte_level_pieces(merges)
    vocabulary = {entry: index for index, entry in enumerate([*specials, *pieces])}
    names = dict(zip(DECODER_NAMES, specials))
    return Qwen2Tokenizer(vocab=vocabulary, merges=pairs, model_max_length=max_length, **names)


def byte_fallback_tokenizer(
    max_length: int, specials: tuple[str, ...], merges: int, starts: bool
) -> PreTrainedTokenizerFast:
    """A tokenizer as Llama 2's: BPE over text with "▁" for spaces, and bytes for what the vocabulary lacks."""
    letters = ["▁", *LETTERS, *PUNCTUATION, *DIGITS, *ACCENTED]
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.Metaspace()
    size = len(letters) + merges
    words.train_from_iterator(
        [" ".join(WORDS)], trainers.BpeTrainer(vocab_size=size, initial_alphabet=letters, show_progress=False)
    )
    model = json.loads(words.to_str())["model"]
    byte_entries = [f"<0x{byte:02X}>" for byte in range(256)]
    entries = [*specials, *byte_entries, *sorted(model["vocab"], key=model["vocab"].get)]
    vocabulary = {entry: index for index, entry in enumerate(entries)}
    pairs = [tuple(merge) for merge in model["merges"]]
    bpe = models.BPE(vocabulary, pairs, unk_token=specials[0], fuse_unk=True, byte_fallback=True)
    tokenizer = Tokenizer(bpe)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return decoder_tokenizer(tokenizer, max_length, specials, starts)


def decoder_tokenizer(
    tokenizer: Tokenizer, max_length: int, specials: tuple[str, ...], starts: bool
) -> PreTrainedTokenizerFast:
    if starts:
        start = specials[1]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{start} $A", pair=f"{start} $A {start} $B", special_tokens=[(start, 1)]
        )
    names = dict(zip(DECODER_NAMES, specials))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=max_length, **names)


# --- Unigram: XLM-RoBERTa and CamemBERT -------------------------------------------------------------------------------

CAMEMBERT_SPECIALS = ("<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>", "</s>")
CHARSMAP = charsmap.nmt_nfkc([(0xFB00, 0xFB07), (0xFF01, 0xFF5F), (0x2460, 0x2474)], "aeo", "\u0300\u0301\u0308")


def unigram_vocabulary(size: int, specials: tuple[str, ...], mask: str = "<mask>") -> list[tuple[str, float]]:
    """A Unigram vocabulary of `size` entries: `specials`, then letters and ever more words, and the mask."""
    pieces = ["▁"] + LETTERS + ACCENTED + PUNCTUATION + DIGITS + FOREIGN + ["▁A", "▁The", "P", "I", "T"]
    pieces += [suffix.removeprefix("##") for suffix in SUFFIXES]
    pieces += ["▁" + word for word in sorted(WORDS, key=len, reverse=True)]
    unique = list(dict.fromkeys(pieces))[: size - len(specials) - 1]
    scores = [-7 + 0.015625 * len(piece) ** 2 - 0.00390625 * rank for rank, piece in enumerate(unique)]
    return [(entry, 0.0) for entry in specials] + list(zip(unique, scores)) + [(mask, 0.0)]


def xlm_roberta_tokenizer(
    size: int, max_length: int, specials: tuple[str, ...] = ROBERTA_SPECIALS, **flags: JSON
) -> XLMRobertaTokenizer:
    """An XLM-RoBERTa tokenizer; the fourth of `specials` has to be `<unk>`."""
    return unigram_tokenizer(XLMRobertaTokenizer, unigram_vocabulary(size, specials), max_length, **flags)


def camembert_tokenizer(size: int, max_length: int, **flags: JSON) -> CamembertTokenizer:
    """A CamemBERT tokenizer, with the special tokens where the real one has them."""
    return unigram_tokenizer(CamembertTokenizer, unigram_vocabulary(size, CAMEMBERT_SPECIALS), max_length, **flags)


def unigram_tokenizer(
    tokenizer_class: type[PreTrainedTokenizerBase],
    vocabulary: list[tuple[str, float]],
    max_length: int,
    mask: AddedToken = MASK,
    **flags: JSON,
) -> PreTrainedTokenizerBase:
    normalization = base64.b64decode(charsmap.precompiled(CHARSMAP))
    return tokenizer_class(
        vocab=vocabulary,
        _spm_precompiled_charsmap=normalization,
        mask_token=mask,
        model_max_length=max_length,
        **flags,
    )


ALBERT_SPECIALS = ("<pad>", "<unk>", "[CLS]", "[SEP]")


def albert_tokenizer(size: int, max_length: int, **flags: JSON) -> AlbertTokenizer:
    """An ALBERT tokenizer, whose class does not give token types to the model."""
    mask = AddedToken("[MASK]", lstrip=True, special=True)
    vocabulary = unigram_vocabulary(size, ALBERT_SPECIALS, mask.content)
    return unigram_tokenizer(AlbertTokenizer, vocabulary, max_length, mask, **flags)


DEBERTA_SPECIALS = ("[PAD]", "[CLS]", "[SEP]", "[UNK]")


def deberta_tokenizer(size: int, max_length: int, **flags: JSON) -> DebertaV2Tokenizer:
    """A tokenizer of DeBERTa v2 and v3, with the special tokens where the real one has them."""
    vocabulary = unigram_vocabulary(size, DEBERTA_SPECIALS, "[MASK]")
    return DebertaV2Tokenizer(vocab=vocabulary, model_max_length=max_length, **flags)
