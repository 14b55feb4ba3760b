"""A long overload with clients of bad manners, and a SIGTERM at its end:  soak.py BINARY CHECKPOINT [--seconds 600]

Starts the server and sends twice the requests that it can take, as overload.py does. A tenth of the clients never read their answers
and hold their connections, a tenth send their bodies over a second. The peak is the mean of one measured before and one behind it. At the
end, while requests come in again and some large answers are read slowly, the server gets a SIGTERM: every answer that was begun has to
arrive as a whole, and the status has to be 0.
"""

import argparse
import asyncio
import random
import re
import signal
import time
from dataclasses import dataclass, field

from load import Pool, Reply, bodies, closed_loop, handles, probe, resident_mib, start, summary

LARGE = "." * 1_000_000  # /tokenize answers it with some 24 MB


@dataclass
class Tally:
    replies: list[Reply] = field(default_factory=list)
    slow: list[Reply] = field(default_factory=list)
    wrong: int = 0
    silent: int = 0


async def never_read(port: int, body: str, timeout: float, seconds: float) -> None:
    """Asks as others do, reads nothing, and holds the connection until the server or the time ends it."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return
    writer.transport.pause_reading()
    writer.write(
        f"POST / HTTP/1.1\r\nHost: x\r\nX-Request-Timeout: {timeout}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    try:
        await asyncio.sleep(seconds)
    finally:
        writer.transport.abort()


async def send_slowly(port: int, body: str, timeout: float, tally: Tally, alone: dict[str, bytes], lost: list[str]) -> None:
    """Sends a body in ten parts over a second."""
    start = time.perf_counter()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Timeout: {timeout}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        step = len(body) // 10 + 1
        for index in range(0, len(body), step):
            writer.write(body[index:index + step].encode())
            await asyncio.sleep(0.1)
        head, _, answer = (await asyncio.wait_for(reader.read(-1), 20)).partition(b"\r\n\r\n")
        writer.close()
        status = int(head.split()[1])
        tally.slow.append(Reply(status, {}, answer, time.perf_counter() - start))
        tally.wrong += status == 200 and answer != alone[body]
    except (TimeoutError, OSError, IndexError) as error:
        lost.append(repr(error))


async def load(port: int, pool: Pool, texts: list[str], alone: dict[str, bytes], rate: float, timeout: float, tally: Tally) -> None:
    """Requests at random times until it is cancelled; those under way then are waited for."""
    chooser = random.Random(11)
    tasks: set[asyncio.Task] = set()

    async def client(text: str) -> None:
        reply = await pool.ask("POST", "/", text, timeout)
        tally.replies.append(reply)
        tally.wrong += reply.status == 200 and reply.body != alone[text]

    due = time.perf_counter()
    try:
        while True:
            due += chooser.expovariate(rate)
            await asyncio.sleep(max(0, due - time.perf_counter()))
            text, manner = chooser.choice(texts), chooser.random()
            if manner < 0.1:
                tally.silent += 1
                work = never_read(port, text, timeout, 20)
            elif manner < 0.2:
                work = send_slowly(port, text, timeout, tally, alone, pool.lost)
            else:
                work = client(text)
            task = asyncio.create_task(work)
            tasks.add(task)
            task.add_done_callback(tasks.discard)
    except asyncio.CancelledError:
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_slowly(port: int, rate: float, begun: asyncio.Event) -> tuple[int, int]:
    """The bytes that a large answer should have, and those that arrived at `rate` bytes a second."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 18)
    writer.write(f"POST /tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: {len(LARGE)}\r\n\r\n{LARGE}".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(re.search(r"content-length: (\d+)", head, re.IGNORECASE)[1])
    begun.set()
    read = 0
    while read < length:
        part = await reader.read(1 << 17)
        if not part:
            break
        read += len(part)
        await asyncio.sleep(len(part) / rate)
    writer.close()
    return length, read


async def good_answers(pool: Pool) -> int:
    """The good answers of the model so far, also those that nobody reads, by the server's metrics."""
    page = (await pool.ask("GET", "/metrics")).body.decode()
    good = re.findall(r'^penstock_requests_total\{model="[^"]+",outcome="ok"\} (\d+)', page, re.MULTILINE)
    return sum(map(int, good))


async def main(options: argparse.Namespace) -> None:
    server, port = await start(options.binary, options.checkpoint, *options.option)
    texts, pool, tally = bodies(), Pool(port), Tally()
    alone = {text: (await pool.ask("POST", "/", text)).body for text in texts}
    first_peak = len(await closed_loop(pool, texts, 15, 16)) / 15
    print(f"unloaded: {first_peak:.1f} answers/s")
    memory, before = resident_mib(server.pid), handles(server.pid)
    latencies: list[float] = []
    prober = asyncio.create_task(probe(Pool(port), latencies))
    answers = await good_answers(pool)
    loading = asyncio.create_task(load(port, pool, texts, alone, 2 * first_peak, options.timeout, tally))
    most = memory
    for _ in range(int(options.seconds)):
        await asyncio.sleep(1)
        most = max(most, resident_mib(server.pid))
    answers = await good_answers(pool) - answers
    good = sum(reply.status == 200 for reply in tally.replies + tally.slow)
    memory_after, handles_after = resident_mib(server.pid), handles(server.pid)
    loading.cancel()
    await loading
    last_peak = len(await closed_loop(pool, texts, 15, 16)) / 15
    print(f"unloaded again: {last_peak:.1f} answers/s")
    peak = (first_peak + last_peak) / 2
    latest = max(reply.seconds for reply in tally.replies + tally.slow)
    print(f"{options.seconds:.0f} s: {len(tally.replies)} answers, {len(tally.slow)} to slow senders, {tally.silent} silent readers")
    print(f"  goodput {answers / options.seconds:.1f}/s: {answers / options.seconds / peak:.1%} of the peak; "
          f"{good / options.seconds:.1f}/s were read")
    print(f"  longest wait {latest:.3f} s: {(latest - options.timeout) * 1e3:+.0f} ms of the deadline")
    print(f"  unanswered: {len(pool.lost)} {sorted(set(pool.lost))[:5]}; wrong: {tally.wrong}")
    print(f"  health, metrics, ready: {summary(latencies)}")
    print(f"  resident memory {memory:.0f} -> {memory_after:.0f} MiB, at most {most:.0f}; descriptors, threads {before} -> "
          f"{handles_after}")

    loading = asyncio.create_task(load(port, pool, texts, alone, 2 * peak, options.timeout, tally))
    await asyncio.sleep(options.timeout)
    events = [asyncio.Event() for _ in range(4)]
    large = [asyncio.create_task(read_slowly(port, 5e6, event)) for event in events]
    for event in events:
        await event.wait()
    prober.cancel()
    answered = len(tally.replies)
    server.send_signal(signal.SIGTERM)
    started = time.perf_counter()
    sizes = await asyncio.gather(*large)
    loading.cancel()
    status = await server.wait()
    await loading
    late = [reply for reply in tally.replies[answered:] if reply.status]
    broken = [error for error in pool.lost if "Incomplete" in error and "0 bytes read" not in error]
    print(f"SIGTERM: status {status} after {time.perf_counter() - started:.1f} s; large answers (expected, arrived) {sizes}; "
          f"{sum(reply.status == 200 for reply in late)} answered and {sum(reply.status == 503 for reply in late)} refused meanwhile; "
          f"cut off in mid-answer: {len(broken)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("checkpoint")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--timeout", type=float, default=2)
    parser.add_argument("--option", action="append", default=[], help="of the server, may be repeated")
    asyncio.run(main(parser.parse_args()))
