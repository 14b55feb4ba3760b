"""More models than the memory holds, loaded and let go by traffic:

    budget.py CHECKPOINT ... [--binary .build/release/penstock] [--models 20] [--room 6] [--rounds 1000] [--clients 8]

Serves the checkpoints under many names with a `--memory` that holds a few of them, which it finds out first, and
`--load-timeout 30`. In each round every model is asked once, in an order of chance, by some clients at a time. Every answer has to be
200 and the one that the text gets from a model alone. Prints a table of requests, loads, memory and descriptors as the rounds go, and
exits 1 if an answer was wrong, or if memory or descriptors grew after the first tenth of the rounds. Needs nothing but Python; sends to
127.0.0.1 alone.
"""

import argparse
import asyncio
import os
import random
import re
import sys
import time
from collections import Counter

from load import Pool, bodies, handles, quantile, resident_mib, start

GROWTH_MIB = 24
"""Memory that a process may have more at the end: what the allocator keeps of so many loads."""
GROWTH_HANDLES = 4
NOWHERE = open(os.devnull, "w")


async def metric(pool: Pool, name: str) -> float:
    """The sum of a metric over its labels."""
    text = (await pool.ask("GET", "/metrics")).body.decode()
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))


async def serve(options: argparse.Namespace, *more: str) -> tuple[asyncio.subprocess.Process, Pool]:
    models = [f"m{index}={options.checkpoints[index % len(options.checkpoints)]}" for index in range(options.models)]
    server, port = await start(options.binary, *models, *more, log=NOWHERE)
    return server, Pool(port)


async def stop(server: asyncio.subprocess.Process) -> None:
    server.terminate()
    await server.wait()


async def budget(options: argparse.Namespace) -> tuple[int, dict[int, list[tuple[str, bytes]]]]:
    """The bytes in which as many models find room as are wanted, and what each model answers to some texts."""
    server, pool = await serve(options)
    reserved = int(await metric(pool, "penstock_memory_reserved_bytes"))
    answers: dict[int, list[tuple[str, bytes]]] = {}
    for index in range(options.models):
        for mask in ("[MASK]", "<mask>"):
            texts = [" ".join(text.split()[:3]) + f" {mask}" for text in bodies(4, seed=index, mask="paris")]
            replies = [await pool.ask("POST", f"/models/m{index}", text) for text in texts]
            if all(reply.status == 200 for reply in replies):
                answers[index] = [(text, reply.body) for text, reply in zip(texts, replies)]
        if index not in answers:
            sys.exit(f"m{index} does not answer: {replies[0].body.decode()}")
    await stop(server)
    size = reserved * options.room // options.models
    while True:
        server, pool = await serve(options, "--memory", str(size))
        loaded = await metric(pool, "penstock_models_loaded")
        await stop(server)
        if loaded >= options.room:
            return size, answers
        size += max(1, reserved // options.models // 3)


async def main(options: argparse.Namespace) -> int:
    size, answers = await budget(options)
    print(f"{options.models} models, --memory {size / 2**20:.1f} MiB", flush=True)
    server, pool = await serve(options, "--memory", str(size), "--load-timeout", "30", *options.option)
    chooser, statuses, wrong, most_loaded = random.Random(5), Counter(), 0, 0.0
    seconds: list[float] = []
    line = "{:>7} {:>9} {:>7} {:>7} {:>9} {:>9} {:>11} {:>8} {:>8}"
    print(line.format("rounds", "requests", "not 200", "loads", "p50 ms", "p99 ms", "memory MiB", "handles", "seconds"), flush=True)
    began, settled, steps = time.perf_counter(), None, max(1, options.rounds // 10)
    for done in range(1, options.rounds + 1):
        queue = [(index, *chooser.choice(answers[index])) for index in range(options.models)]
        chooser.shuffle(queue)

        async def client() -> None:
            nonlocal wrong
            while queue:
                index, text, expected = queue.pop()
                reply = await pool.exchange("POST", f"/models/m{index}", text, None, time.perf_counter())
                statuses[reply.status] += 1
                wrong += reply.status == 200 and reply.body != expected
                seconds.append(reply.seconds)

        await asyncio.gather(*(client() for _ in range(options.clients)))
        most_loaded = max(most_loaded, await metric(pool, "penstock_models_loaded") if done % 10 == 0 else 0)
        if done % steps == 0:
            memory, (descriptors, threads) = resident_mib(server.pid), handles(server.pid)
            settled = settled or (memory, descriptors, threads)
            failed = sum(statuses.values()) - statuses[200]
            print(line.format(
                done, sum(statuses.values()), failed, int(await metric(pool, "penstock_model_loads_total")),
                f"{quantile(seconds, 0.5) * 1e3:.1f}", f"{quantile(seconds, 0.99) * 1e3:.1f}", f"{memory:.0f}",
                f"{descriptors}+{threads}", f"{time.perf_counter() - began:.0f}"), flush=True)
            seconds.clear()
    await stop(server)
    grown = memory - settled[0], descriptors - settled[1]
    failed = sum(statuses.values()) - statuses[200]
    print(f"statuses {dict(statuses)}, wrong {wrong}, loaded at one time at most {most_loaded:.0f}; "
          f"grown by {grown[0]:.1f} MiB and {grown[1]} descriptors since the first tenth")
    return int(failed > 0 or wrong > 0 or grown[0] > GROWTH_MIB or grown[1] > GROWTH_HANDLES)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", nargs="+", metavar="CHECKPOINT")
    parser.add_argument("--binary", default=".build/release/penstock")
    parser.add_argument("--models", type=int, default=20)
    parser.add_argument("--room", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--option", action="append", default=[], help="of the server, may be repeated")
    sys.exit(asyncio.run(main(parser.parse_args())))
