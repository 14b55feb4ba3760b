"""A long prompt beside texts that are being generated:  gaps.py BINARY MODEL [--dtype bfloat16] [--prompt 4000] [--streams 8]

Streams texts, and while they come sends one long prompt, whose first token is awaited. Prints for each round the median and the 99th
percentile of the gaps between the events of all streams while the prompt is computed, and the prompt's time as a multiple of its time
alone. Prompts are new each time, so that no pages are there already.
"""

import argparse
import asyncio
import json
import random
import statistics
import time

from load import Pool, WORDS, start


async def stream(port: int, text: str, tokens: int, times: list[float]) -> None:
    """Notes when each event came."""
    body = json.dumps({"inputs": text, "stream": True, "parameters": {"max_new_tokens": tokens, "min_new_tokens": tokens, "do_sample": False}})
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head[:20], head
    while line := await reader.readline():
        if line.startswith(b"data:"):
            times.append(time.perf_counter())
        if line.strip() == b"0":
            break
    writer.close()


async def first_token(pool: Pool, text: str) -> float:
    begin = time.perf_counter()
    reply = await pool.ask("POST", "/", json.dumps({"inputs": text, "parameters": {"max_new_tokens": 1}}))
    assert reply.status == 200, reply
    return time.perf_counter() - begin


def words(chooser: random.Random, count: int) -> str:
    return " ".join(chooser.choice(WORDS) for _ in range(count))


async def main(options: argparse.Namespace) -> None:
    server, port = await start(options.binary, options.model, "--dtype", options.dtype, "--no-self-check")
    pool, chooser = Pool(port, "application/json"), random.Random(3)
    sample = words(chooser, 500)
    reply = json.loads((await Pool(port).ask("POST", "/tokenize", sample)).body)
    per_word = len(reply["ids"]) / 500
    count = int(options.prompt / per_word)
    await first_token(pool, words(chooser, count))
    figures = []
    for _ in range(options.rounds):
        alone = await first_token(pool, words(chooser, count))
        notes: list[list[float]] = [[] for _ in range(options.streams)]
        streams = [
            asyncio.create_task(stream(port, words(chooser, 20), options.tokens, times)) for times in notes]
        while not all(len(times) > 20 for times in notes):
            await asyncio.sleep(0.01)
        begin = time.perf_counter()
        beside = await first_token(pool, words(chooser, count))
        end = time.perf_counter()
        for task in streams:
            task.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
        gaps = sorted(
            (after - before) * 1e3 for times in notes for before, after in zip(times, times[1:]) if begin < after < end)
        figures.append((statistics.median(gaps), gaps[len(gaps) * 99 // 100], beside / alone))
        print(
            f"{len(gaps)} gaps: median {figures[-1][0]:.0f} ms, 99 % {figures[-1][1]:.0f} ms, longest {gaps[-1]:.0f} ms; "
            f"prompt {beside:.2f} s, alone {alone:.2f} s: {figures[-1][2]:.2f} times", flush=True)
        await asyncio.sleep(1)
    server.terminate()
    await server.wait()
    print("medians: {:.0f} ms, {:.0f} ms, {:.2f} times".format(*(statistics.median(column) for column in zip(*figures))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("model")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--prompt", type=int, default=4000, metavar="TOKENS")
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=1500, help="of each stream")
    parser.add_argument("--rounds", type=int, default=5)
    asyncio.run(main(parser.parse_args()))
