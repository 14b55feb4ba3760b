"""Many connections, bad manners and weights:  keep_alive.py BINARY CHECKPOINT [--connections 1000] [--seconds 60]

Three measurements, each with a server of its own; the checkpoint should be a small one for fill-mask.

1. So many keep-alive connections with a request each per second: errors, latency, and the growth of memory.
2. 100 readers of answers of 3 MB who take 10 KB a second, and 100 senders of a body of 1 MB who do as much, beside 20 good clients:
   what the memory grows by, and whether the good ones are answered.
3. More load than there is time for, by two keys of weights 3 and 1: how the answers divide.

Prints a line for each, and ends with status 1 if one of them is not as it should be.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time

from load import bodies, handles, resident_mib, start

MASKED = "the [MASK] ."
LARGE = "." * 120_000


async def exchange(stream: tuple[asyncio.StreamReader, asyncio.StreamWriter], path: str, body: str, header: str = "") -> int:
    reader, writer = stream
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\n{header}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next(int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:"))
    await reader.readexactly(length)
    return int(head.split()[1])


async def connect(port: int, receives: int | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, limit=receives or 1 << 16)


async def many(server, port: int, options: argparse.Namespace) -> bool:
    streams = [await connect(port) for _ in range(options.connections)]
    latencies: list[float] = []
    errors: list[str] = []
    memory: list[float] = []

    async def client(index: int) -> None:
        due = time.perf_counter() + index / options.connections
        for _ in range(int(options.seconds)):
            await asyncio.sleep(max(0, due - time.perf_counter()))
            begin = time.perf_counter()
            try:
                status = await asyncio.wait_for(exchange(streams[index], "/", MASKED), 30)
                latencies.append(time.perf_counter() - begin)
                if status != 200:
                    errors.append(str(status))
            except Exception as error:
                return errors.append(repr(error))
            due += 1

    async def watch() -> None:
        for _ in range(int(options.seconds)):
            await asyncio.sleep(1)
            memory.append(resident_mib(server.pid))

    before = handles(server.pid)
    await asyncio.gather(watch(), *(client(index) for index in range(options.connections)))
    for _, writer in streams:
        writer.close()
    third = len(memory) // 3
    growth = max(memory[2 * third:]) - max(memory[third:2 * third])
    await asyncio.sleep(2)
    latencies.sort()
    print(
        f"{options.connections} connections, {len(latencies)} answers, {len(errors)} errors {errors[:3]}; "
        f"median {statistics.median(latencies) * 1e3:.1f} ms, 99 % {latencies[len(latencies) * 99 // 100] * 1e3:.1f} ms; "
        f"{max(memory):.0f} MiB, {growth:+.1f} MiB from the second third to the last; "
        f"descriptors {before} with them, {handles(server.pid)} behind them", flush=True)
    return not errors and growth < 4


async def manners(server, port: int, options: argparse.Namespace) -> bool:
    before = resident_mib(server.pid)
    highest, good, bad = before, [], []
    end = time.perf_counter() + options.seconds

    async def slow_reader() -> None:
        reader, writer = await connect(port, receives=4096)
        writer.write(f"POST /tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: {len(LARGE)}\r\n\r\n{LARGE}".encode())
        while time.perf_counter() < end and await reader.read(2500):
            await asyncio.sleep(0.25)
        writer.transport.abort()

    async def slow_sender() -> None:
        _, writer = await connect(port)
        writer.write(b"POST /tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        while time.perf_counter() < end and not writer.transport.is_closing():
            writer.write(b"." * 2500)
            await asyncio.sleep(0.25)
        writer.transport.abort()

    async def good_client() -> None:
        stream = await connect(port)
        while time.perf_counter() < end:
            begin = time.perf_counter()
            status = await exchange(stream, "/", MASKED)
            (good if status == 200 else bad).append(time.perf_counter() - begin)
            await asyncio.sleep(0.2)

    async def watch() -> None:
        nonlocal highest
        while time.perf_counter() < end:
            await asyncio.sleep(0.5)
            highest = max(highest, resident_mib(server.pid))

    await asyncio.gather(
        watch(), *(slow_reader() for _ in range(100)), *(slow_sender() for _ in range(100)),
        *(good_client() for _ in range(20)), return_exceptions=True)
    good.sort()
    print(
        f"slow readers and senders: {before:.0f} MiB before, {highest:.0f} at most; {len(good)} good answers, {len(bad)} bad ones, "
        f"99 % {good[len(good) * 99 // 100] * 1e3:.1f} ms", flush=True)
    return not bad and highest - before < options.bound


async def weights(port: int, options: argparse.Namespace) -> bool:
    texts = bodies(mask="the")
    answered = {"three": 0, "one": 0}
    warm = time.perf_counter() + 3
    end = warm + options.seconds

    async def client(key: str, index: int) -> None:
        stream = await connect(port)
        turn = index
        while time.perf_counter() < end:
            text = json.dumps({"inputs": [texts[(turn + place) % len(texts)] for place in range(16)]})
            turn += 7
            status = await exchange(stream, "/", text, f"Authorization: Bearer {key * 6}\r\nContent-Type: application/json\r\n")
            if status == 200 and warm < time.perf_counter() < end:
                answered[key] += 1
            elif status != 200:
                assert status in (429, 503), status
                await asyncio.sleep(0.05)

    await asyncio.gather(*(client(key, index) for key in answered for index in range(16)))
    ratio = answered["three"] / max(1, answered["one"])
    print(f"weights 3 and 1: {answered['three']} and {answered['one']} answers, {ratio:.2f} to 1", flush=True)
    return 2.7 < ratio < 3.3


async def main(options: argparse.Namespace) -> bool:
    fine = True
    for measure in (many, manners):
        server, port = await start(options.binary, options.checkpoint)
        fine = await measure(server, port, options) and fine
        server.terminate()
        await server.wait()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as keys:
        json.dump({"keys": [{"name": name, "key": name * 6, "weight": weight} for name, weight in (("three", 3), ("one", 1))]}, keys)
        keys.flush()
        server, port = await start(options.binary, options.heavy, "--api-keys", keys.name)
        fine = await weights(port, options) and fine
        server.terminate()
        await server.wait()
    return fine


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("checkpoint")
    parser.add_argument("--heavy", default="models/all-MiniLM-L6-v2", help="a checkpoint for sentence embeddings, whose work is the limit")
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60, help="of each measurement")
    parser.add_argument("--bound", type=float, default=256, help="MiB that slow clients may add")
    sys.exit(0 if asyncio.run(main(parser.parse_args())) else 1)
