"""What the scripts that load a server share: texts, connections, closed and open loops, and a server of their own.

Needs nothing but Python; sends to 127.0.0.1 alone.
"""

import asyncio
import os
import random
import re
import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import TextIO

WORDS = "the model paris capital river history language music water people system energy science market school house".split()

TICK = 0.005
"""Seconds between two looks at what is due. To wake up for each request would take processor time from the server."""


def bodies(count: int = 64, seed: int = 7, mask: str = "[MASK]") -> list[str]:
    """Texts of 4 to 124 words, most of them short, with one mask each."""
    chooser = random.Random(seed)
    texts = []
    for _ in range(count):
        words = [chooser.choice(WORDS) for _ in range(int(4 + chooser.random() ** 2 * 120))]
        words[chooser.randrange(len(words))] = mask
        texts.append(" ".join(words))
    return texts


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float
    text: str = ""
    """What was asked."""
    at: float = 0
    """When it came, by `time.perf_counter`."""


class Pool:
    """Keep-alive connections, opened as needed."""

    def __init__(self, port: int, content_type: str = "text/plain") -> None:
        self.port = port
        self.content_type = content_type
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.lost: list[str] = []

    async def ask(self, method: str, path: str, body: str = "", timeout: float | None = None) -> Reply:
        """The answer to a request; status 0 if there is none within 20 seconds, or the connection breaks."""
        start = time.perf_counter()
        try:
            return await asyncio.wait_for(self.exchange(method, path, body, timeout, start), 20)
        except (TimeoutError, asyncio.TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            self.lost.append(repr(error))
            return Reply(0, {}, b"", time.perf_counter() - start, body, time.perf_counter())

    async def exchange(self, method: str, path: str, body: str, timeout: float | None, start: float) -> Reply:
        while self.idle and self.idle[-1][0].at_eof():
            self.idle.pop()[1].close()
        reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection("127.0.0.1", self.port)
        deadline = f"X-Request-Timeout: {timeout}\r\n" if timeout else ""
        payload = body.encode()
        writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {self.content_type}\r\n{deadline}Content-Length: {len(payload)}\r\n\r\n".encode()
            + payload)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        answer = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            writer.close()
        else:
            self.idle.append((reader, writer))
        end = time.perf_counter()
        return Reply(int(head[0].split()[1]), headers, answer, end - start, body, end)

    async def hang_up(self, path: str, body: str) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()


@dataclass
class Tally:
    replies: list[Reply] = field(default_factory=list)
    wrong: int = 0
    sent: int = 0
    came_back: int = 0
    came_in: int = 0


async def closed_loop(pool: Pool, texts: list[str], seconds: float, clients: int, path: str = "/") -> list[Reply]:
    """The answers to `clients` that each wait for their answer before they ask again."""
    replies: list[Reply] = []
    end = time.perf_counter() + seconds

    async def client(index: int) -> None:
        while time.perf_counter() < end:
            reply = await pool.ask("POST", path, texts[(index * 17 + len(replies)) % len(texts)])
            assert reply.status == 200, reply
            reply.body = b""
            replies.append(reply)

    await asyncio.gather(*(client(index) for index in range(clients)))
    return replies


async def open_loop(
    pool: Pool, texts: list[str], alone: dict[str, bytes], rate: float, seconds: float, timeout: float, path: str = "/",
    seed: int = 11, hang_ups: float = 0.02, come_backs: float = 0.05,
) -> Tally:
    """Requests at random times, `rate` a second on average.

    Of all clients the share `hang_ups` does not wait for an answer; of those that are refused, the share `come_backs` asks once
    more when `Retry-After` says so. Good answers have to be those that the texts got `alone`.
    """
    tally = Tally()
    chooser = random.Random(seed)
    tasks = []

    async def client(text: str) -> None:
        reply = await pool.ask("POST", path, text, timeout)
        tally.replies.append(reply)
        if reply.status == 200:
            tally.wrong += reply.body != alone[text]
            reply.body = b""
        elif reply.status == 503 and chooser.random() < come_backs:
            await asyncio.sleep(float(reply.headers["retry-after"]))
            tally.came_back += 1
            again = await pool.ask("POST", path, text, timeout)
            tally.came_in += again.status == 200
            tally.replies.append(again)

    start = time.perf_counter()
    due = start
    while due < start + seconds:
        due += chooser.expovariate(rate)
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(max(early, TICK))
        text = chooser.choice(texts)
        if chooser.random() < hang_ups:
            tasks.append(asyncio.create_task(pool.hang_up(path, text)))
        else:
            tally.sent += 1
            tasks.append(asyncio.create_task(client(text)))
    await asyncio.gather(*tasks)
    return tally


async def probe(pool: Pool, latencies: list[float]) -> None:
    while True:
        for path in ("/health", "/metrics", "/ready"):
            latencies.append((await pool.ask("GET", path)).seconds)
        await asyncio.sleep(0.1)


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of all values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def summary(latencies: list[float]) -> str:
    return (f"median {statistics.median(latencies) * 1e3:.1f} ms, 99 % {quantile(latencies, 0.99) * 1e3:.1f} ms, "
            f"longest {max(latencies) * 1e3:.1f} ms of {len(latencies)}")


def resident_mib(pid: int) -> float:
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def handles(pid: int) -> tuple[int, int]:
    return len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task"))


async def start(binary: str, *arguments: str, log: TextIO | None = None) -> tuple[asyncio.subprocess.Process, int]:
    """A server that is ready, and its port. What it says from then on goes to `log`, which is standard output if left out."""
    server = await asyncio.create_subprocess_exec(
        binary, "serve", *arguments, "--port", "0", stderr=asyncio.subprocess.PIPE)
    pool, is_ready, said = Pool(0), False, ""

    async def listen() -> None:
        nonlocal said
        while line := (await server.stderr.readline()).decode():
            said = line.strip()
            if found := re.search(r"listening on http://.*:(\d+)", line):
                pool.port = int(found[1])
            if is_ready:
                print("log:", said[:200], file=log)

    listening = asyncio.create_task(listen())
    while not pool.port or (await pool.ask("GET", "/ready")).status != 200:
        if listening.done():
            sys.exit(f"the server did not start: {said}")
        await asyncio.sleep(0.1)
    is_ready = True
    return server, pool.port
