"""How a running Penstock behaves under more load than it can take:  overload.py PORT PID [--seconds 60] [--timeout 2]

1. Closed loop: a few clients at a time find the goodput of the unloaded peak.
2. Open loop: requests come at twice that rate, whatever becomes of them. Each has a deadline (`X-Request-Timeout`), some clients
   hang up, and clients that are refused come back once, when `Retry-After` says so.
3. One client again: latency and queue are back to normal.

Prints what the server promises, and what was seen. Needs nothing but Python; sends to 127.0.0.1 alone. The server should hold a
fill-mask model; bodies are of 4 to 124 words, most of them short.
"""

import argparse
import asyncio
import os
import random
import statistics
import time
from dataclasses import dataclass, field

WORDS = "the model paris capital river history language music water people system energy science market school house".split()


def bodies(count: int = 64) -> list[str]:
    chooser = random.Random(7)
    texts = []
    for _ in range(count):
        words = [chooser.choice(WORDS) for _ in range(int(4 + chooser.random() ** 2 * 120))]
        words[chooser.randrange(len(words))] = "[MASK]"
        texts.append(" ".join(words))
    return texts


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


class Pool:
    """Keep-alive connections, opened as needed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.lost: list[str] = []

    async def ask(self, method: str, path: str, body: str = "", timeout: float | None = None) -> Reply:
        """The answer to a request; status 0 if there is none within 20 seconds, or the connection breaks."""
        start = time.perf_counter()
        try:
            return await asyncio.wait_for(self.exchange(method, path, body, timeout, start), 20)
        except (TimeoutError, asyncio.TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            self.lost.append(repr(error))
            return Reply(0, {}, b"", time.perf_counter() - start)

    async def exchange(self, method: str, path: str, body: str, timeout: float | None, start: float) -> Reply:
        while self.idle and self.idle[-1][0].at_eof():
            self.idle.pop()[1].close()
        reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection("127.0.0.1", self.port)
        deadline = f"X-Request-Timeout: {timeout}\r\n" if timeout else ""
        payload = body.encode()
        writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\n{deadline}Content-Length: {len(payload)}\r\n\r\n".encode() + payload)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        answer = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            writer.close()
        else:
            self.idle.append((reader, writer))
        return Reply(int(head[0].split()[1]), headers, answer, time.perf_counter() - start)

    async def hang_up(self, body: str) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()


@dataclass
class Tally:
    replies: list[Reply] = field(default_factory=list)
    wrong: int = 0
    sent: int = 0
    came_back: int = 0
    came_in: int = 0


def resident_mib(pid: int) -> float:
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def handles(pid: int) -> tuple[int, int]:
    return len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task"))


async def closed_loop(pool: Pool, texts: list[str], seconds: float, clients: int) -> float:
    """Answers per second of `clients` that each wait for their answer before they ask again."""
    done = 0
    end = time.perf_counter() + seconds

    async def client(index: int) -> None:
        nonlocal done
        while time.perf_counter() < end:
            reply = await pool.ask("POST", "/", texts[(index * 17 + done) % len(texts)])
            assert reply.status == 200, reply
            done += 1

    await asyncio.gather(*(client(index) for index in range(clients)))
    return done / seconds


async def open_loop(pool: Pool, texts: list[str], alone: dict[str, bytes], rate: float, seconds: float, timeout: float) -> Tally:
    """Requests at random times, `rate` a second on average."""
    tally = Tally()
    chooser = random.Random(11)
    tasks = []

    async def client(text: str) -> None:
        reply = await pool.ask("POST", "/", text, timeout)
        tally.replies.append(reply)
        if reply.status == 200:
            tally.wrong += reply.body != alone[text]
        elif reply.status == 503 and chooser.random() < 0.05:
            await asyncio.sleep(float(reply.headers["retry-after"]))
            tally.came_back += 1
            again = await pool.ask("POST", "/", text, timeout)
            tally.came_in += again.status == 200
            tally.replies.append(again)

    start = time.perf_counter()
    due = start
    while due < start + seconds:
        due += chooser.expovariate(rate)
        await asyncio.sleep(max(0, due - time.perf_counter()))
        text = chooser.choice(texts)
        if chooser.random() < 0.02:
            tasks.append(asyncio.create_task(pool.hang_up(text)))
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


async def main(options: argparse.Namespace) -> None:
    texts = bodies()
    pool = Pool(options.port)
    alone = {text: (await pool.ask("POST", "/", text)).body for text in texts}
    lone = statistics.median([(await pool.ask("POST", "/", texts[0])).seconds for _ in range(30)])
    peak = await closed_loop(pool, texts, 15, options.clients)
    print(f"unloaded: {peak:.1f} answers/s with {options.clients} clients; one request alone {lone * 1e3:.1f} ms")

    memory, before = resident_mib(options.pid), handles(options.pid)
    latencies: list[float] = []
    prober = asyncio.create_task(probe(Pool(options.port), latencies))
    tally = await open_loop(pool, texts, alone, 2 * peak, options.seconds, options.timeout)
    prober.cancel()

    by_status: dict[int, list[Reply]] = {}
    for reply in tally.replies:
        by_status.setdefault(reply.status, []).append(reply)
    print(f"twice that for {options.seconds:.0f} s: {tally.sent} requests, {len(tally.replies) - tally.came_back} answers")
    for status, replies in sorted(by_status.items()):
        times = sorted(reply.seconds for reply in replies)
        print(f"  {status}: {len(replies)}, median {times[len(times) // 2]:.3f} s, 99 % {times[int(len(times) * 0.99)]:.3f} s, "
              f"longest {times[-1]:.3f} s")
    good = len(by_status.get(200, []))
    latest = max(reply.seconds for reply in tally.replies)
    print(f"  goodput {good / options.seconds:.1f}/s: {good / options.seconds / peak:.1%} of the peak")
    print(f"  longest wait {latest:.3f} s: {(latest - options.timeout) * 1e3:+.0f} ms of the deadline")
    retries = [int(reply.headers["retry-after"]) for reply in by_status.get(503, []) if "retry-after" in reply.headers]
    missing = len(by_status.get(503, [])) - len(retries)
    print(f"  Retry-After from {min(retries, default=0)} to {max(retries, default=0)} s, missing in {missing}; "
          f"{tally.came_in} of {tally.came_back} who obeyed it got in")
    print(f"  unanswered: {len(pool.lost)} {sorted(set(pool.lost))}")
    print(f"  answers that differ from a lone request's: {tally.wrong}")
    print(f"  health, metrics, ready: median {statistics.median(latencies) * 1e3:.1f} ms, 99 % "
          f"{sorted(latencies)[int(len(latencies) * 0.99)] * 1e3:.1f} ms, longest {max(latencies) * 1e3:.1f} ms of {len(latencies)}")
    print(f"  resident memory {memory:.0f} -> {resident_mib(options.pid):.0f} MiB; descriptors, threads {before} -> "
          f"{handles(options.pid)}, with {len(pool.idle)} connections open")

    after = statistics.median([(await pool.ask("POST", "/", texts[0])).seconds for _ in range(30)])
    metrics = (await pool.ask("GET", "/metrics")).body.decode().splitlines()
    waiting = [line for line in metrics if line.startswith("penstock_queue_items ")]
    error = [line for line in metrics if line.startswith("penstock_prediction_relative_error ")]
    print(f"afterwards: one request alone {after * 1e3:.1f} ms; {waiting[0]}; {error[0]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("pid", type=int)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--timeout", type=float, default=2)
    parser.add_argument("--clients", type=int, default=16)
    asyncio.run(main(parser.parse_args()))
