"""A large vocabulary and many texts at one time:  bloom.py BINARY [--model DIRECTORY] [--requests 32]

Makes a random model of BLOOM-560M's shape, unless the directory has it already (needs PyTorch and transformers), and serves it in
bfloat16. Prompts of 16 to 256 tokens, 64 new ones each: first some of them one by one, then all at one time. Prints tokens per second of
both, their ratio, and the share of the roof: the time that the products and the bytes of weights, keys and values take at the peak and
the bandwidth that `penstock bench` measures in the same run, prompt by prompt and step by step.
"""

import argparse
import asyncio
import json
import random
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from load import Pool, start

LAYERS, WIDTH, VOCABULARY, NEW = 24, 1024, 250_880, 64


def make(directory: Path, tokenizer: Path) -> None:
    import torch
    from transformers import BloomConfig, BloomForCausalLM

    torch.manual_seed(0)
    config = BloomConfig(vocab_size=VOCABULARY, hidden_size=WIDTH, n_layer=LAYERS, n_head=16, bos_token_id=1, eos_token_id=2, pad_token_id=3)
    BloomForCausalLM(config).to(torch.bfloat16).save_pretrained(directory)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tokenizer / name, directory)


def limits(binary: str, model: Path) -> tuple[float, float]:
    """Operations per second in bfloat16, and bytes per second."""
    lines = subprocess.run(
        [binary, "bench", model, "--generation", "--dtype", "bfloat16", "--json", "--seconds", "1", "--case", "1@16"],
        check=True, capture_output=True, text=True).stdout.splitlines()
    machine = json.loads(lines[0])["machine"]
    return machine["bfloat16_operations_per_second"], machine["read_bytes_per_second"]


def roof(prompts: list[int], peak: float, bandwidth: float) -> float:
    """The least seconds of a run of all prompts: step time = max(bytes / bandwidth, operations / peak)."""
    layers, head = 12 * WIDTH * WIDTH * LAYERS, VOCABULARY * WIDTH
    per_pair, per_position = 4 * WIDTH * LAYERS, 2 * 2 * WIDTH * LAYERS
    operations = sum(2 * layers * tokens + 2 * head + per_pair * tokens * tokens / 2 for tokens in prompts)
    seconds = max(operations / peak, 2 * (layers + head) / bandwidth)
    for step in range(1, NEW):
        positions = sum(tokens + step for tokens in prompts)
        operations = len(prompts) * 2 * (layers + head) + per_pair * positions
        seconds += max(operations / peak, (2 * (layers + head) + per_position * positions) / bandwidth)
    return seconds


async def prompt(pool: Pool, tokens: int, chooser: random.Random) -> str:
    """A text of so many tokens."""
    words: list[str] = []
    while True:
        text = " ".join(words + [chooser.choice("cat mat dog river sun moon".split())])
        reply = json.loads((await pool.ask("POST", "/tokenize", text)).body)
        if len(reply["ids"]) > tokens:
            return " ".join(words)
        words = text.split()


async def generate(pool: Pool, text: str) -> float:
    begin = time.perf_counter()
    body = json.dumps({"inputs": text, "parameters": {"max_new_tokens": NEW, "min_new_tokens": NEW, "do_sample": False}})
    reader, writer = await asyncio.open_connection("127.0.0.1", pool.port)
    writer.write(f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    answer = await reader.read()
    assert b" 200 " in answer[:20], answer[:300]
    return time.perf_counter() - begin


async def main(options: argparse.Namespace) -> None:
    model = Path(options.model)
    if not (model / "config.json").exists():
        make(model, Path(options.tokenizer))
    chooser = random.Random(7)
    lengths = [chooser.randint(16, 256) for _ in range(options.requests)]
    server, port = await start(options.binary, str(model), "--dtype", "bfloat16", "--no-self-check", "--request-timeout", "600")
    pool = Pool(port)
    await generate(pool, "warm")
    ratios, shares = [], []
    for _ in range(options.rounds):
        server.send_signal(19)
        peak, bandwidth = limits(options.binary, model)
        server.send_signal(18)
        pool = Pool(port)  # Connections that were idle meanwhile are closed.
        # New texts each time, so that no pages are there already.
        few = [await prompt(pool, length, chooser) for length in lengths[::options.requests // 4]]
        alone = [NEW / await generate(pool, text) for text in few]
        texts = [await prompt(pool, length, chooser) for length in lengths]
        begin = time.perf_counter()
        await asyncio.gather(*(generate(pool, text) for text in texts))
        together = time.perf_counter() - begin
        rate = options.requests * NEW / together
        ratios.append(rate / statistics.mean(alone))
        shares.append(roof(lengths, peak, bandwidth) / together)
        print(
            f"one by one {statistics.mean(alone):.1f} tokens/s, {options.requests} at one time {rate:.0f}: {ratios[-1]:.1f} times, "
            f"{shares[-1]:.0%} of the roof at {peak / 1e9:.0f} G operations and {bandwidth / 1e9:.0f} GB a second", flush=True)
    server.terminate()
    await server.wait()
    print(f"medians: {statistics.median(ratios):.1f} times, {statistics.median(shares):.0%} of the roof")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--model", default="models/bloom-560m-random")
    parser.add_argument("--tokenizer", default="models/SmolLM2-135M-Instruct", help="where a model that is made has its tokenizer from")
    parser.add_argument("--requests", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(main(parser.parse_args()))
