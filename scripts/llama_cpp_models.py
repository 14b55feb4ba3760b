#!/usr/bin/env python3
"""Compares with what llama.cpp has in its folder `models`: vocabularies with the ids of texts, and chat templates of models. By hand.

    pip download --no-deps --no-binary :all: llama-cpp-python    # and unpack it
    scripts/llama_cpp_models.py .build/release/penstock llama_cpp_python-*/vendor/llama.cpp/models

Each vocabulary has to give the ids of its file `.out` for the texts of its file `.inp`; those without such files have to be
readable. Each template has to render ten chats as transformers does, byte for byte, or refuse those that it refuses. Needs the
packages of requirements-fixtures.txt; `--vocabularies` needs none. Exits 1 upon any difference.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

SEPARATOR = "\n__ggml_vocab_test__\n"
TOKENIZER = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "tokenizer-families" / "llama2" / "tokenizer.json"


def vocabularies(binary, folder):
    """The number of vocabularies that give other ids, or none."""
    failures = 0
    for path in sorted(folder.glob("ggml-vocab-*.gguf")):
        texts, expected = ["Hello"], None
        if (inputs := path.with_name(path.name + ".inp")).exists():
            texts = inputs.read_bytes().decode().split(SEPARATOR)
            lines = path.with_name(path.name + ".out").read_text().split("\n")
            expected = [[int(number) for number in line.split()] for line in lines[: len(texts)]]
        command = [binary, "tokenize", path, "--no-special", "--jsonl", "--json"]
        run = subprocess.run(command, input="\n".join(map(json.dumps, texts)), capture_output=True, text=True)
        found = [json.loads(line).get("ids") for line in run.stdout.splitlines()]
        wrong = [text for text, ids, wanted in zip(texts, found, expected or found, strict=False) if ids != wanted]
        is_right = run.returncode == 0 and not wrong and len(found) == len(texts)
        failures += not is_right
        told = f"{len(texts)} texts" if expected else "no ids to compare with"
        print(f"{path.name}: {told}" + ("" if is_right else f", WRONG: {run.stderr.strip()[:200] or wrong[:3]}"))
    return failures


@contextmanager
def server(binary, sources, folder):
    """Serves a tiny model with each template by its name."""
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    import chat_templates

    config = LlamaConfig(
        vocab_size=2048, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=16384, bos_token_id=1, eos_token_id=2)
    base = folder / "base"
    LlamaForCausalLM(config).save_pretrained(base)
    PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER), **chat_templates.SPECIAL).save_pretrained(base)
    models = []
    for name, source in sources.items():
        (folder / name).mkdir()
        for file in base.iterdir():
            (folder / name / file.name).symlink_to(file)
        (folder / name / "chat_template.jinja").write_text(source, encoding="utf-8", newline="")
        models.append(f"{name}={folder / name}")
    with open(folder / "log", "w+") as log:
        process = subprocess.Popen([binary, "serve", "--port", "0", *models], stdout=log, stderr=log)
        try:
            yield ready(process, folder / "log")
        finally:
            process.terminate()
            process.wait()


def ready(process, log):
    """The address of the server, once it has loaded all models."""
    while process.poll() is None:
        time.sleep(0.2)
        if place := re.search(r"127\.0\.0\.1:\d+", log.read_text()):
            try:
                urllib.request.urlopen(f"http://{place[0]}/ready")
                return f"http://{place[0]}"
            except urllib.error.URLError:
                continue
    sys.exit(log.read_text()[-2000:])


def rendered(address, name, chat):
    """The prompt of a chat; None where it is refused."""
    body = {key: chat[key] for key in ("messages", "tools", "documents") if key in chat}
    body |= {
        "add_generation_prompt": chat.get("add_generation_prompt", False), "continue_final_message": "continue" in chat,
        "chat_template_kwargs": chat.get("variables", {})}
    request = urllib.request.Request(
        f"{address}/models/{name}/apply-template", json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        return json.load(urllib.request.urlopen(request))["prompt"]
    except urllib.error.HTTPError as error:
        if error.code != 422:
            raise
        return None


def templates(binary, folder):
    """The number of chats that are rendered otherwise."""
    from transformers import PreTrainedTokenizerFast

    import chat_templates

    def reference(source, chat):
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(TOKENIZER), chat_template=source, **chat_templates.SPECIAL)
        try:
            return tokenizer.apply_chat_template(
                chat["messages"], tools=chat.get("tools"), documents=chat.get("documents"), tokenize=False,
                continue_final_message=chat.get("continue", False),
                add_generation_prompt=chat.get("add_generation_prompt", False), **chat.get("variables", {}))
        except Exception:  # Jinja and Python raise much when a chat cannot be rendered.
            return None

    sources = {
        path.stem: path.read_bytes().decode() for path in sorted((folder / "templates").glob("*.jinja"))}
    same = refused = different = 0
    with tempfile.TemporaryDirectory() as scratch, server(binary, sources, Path(scratch)) as address:
        for name, source in sources.items():
            for number, chat in enumerate(chat_templates.CHATS):
                expected, found = reference(source, chat), rendered(address, name, chat)
                same += expected == found and expected is not None
                refused += expected == found and expected is None
                if expected != found:
                    different += 1
                    print(f"{name}, chat {number}:\n{expected!r}\nand not\n{found!r}")
    print(f"{len(sources)} templates: {same} prompts are the same, {refused} chats refused by both, {different} differ")
    return different


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--vocabularies", action="store_true", help="compare these alone")
    options = parser.parse_args()
    failures = vocabularies(options.binary, options.models)
    if not options.vocabularies:
        failures += templates(options.binary, options.models)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
