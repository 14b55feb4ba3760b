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
import statistics

from load import Pool, Reply, bodies, closed_loop, handles, open_loop, probe, quantile, resident_mib, summary


async def main(options: argparse.Namespace) -> None:
    texts = bodies()
    pool = Pool(options.port)
    alone = {text: (await pool.ask("POST", "/", text)).body for text in texts}
    lone = statistics.median([(await pool.ask("POST", "/", texts[0])).seconds for _ in range(30)])
    peak = len(await closed_loop(pool, texts, 15, options.clients)) / 15
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
        times = [reply.seconds for reply in replies]
        print(f"  {status}: {len(replies)}, median {quantile(times, 0.5):.3f} s, 99 % {quantile(times, 0.99):.3f} s, "
              f"longest {max(times):.3f} s")
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
    print(f"  health, metrics, ready: {summary(latencies)}")
    print(f"  resident memory {memory:.0f} -> {resident_mib(options.pid):.0f} MiB; descriptors, threads {before} -> "
          f"{handles(options.pid)}, with {len(pool.idle)} connections open")

    after = statistics.median([(await pool.ask("POST", "/", texts[0])).seconds for _ in range(30)])
    metrics = (await pool.ask("GET", "/metrics")).body.decode().splitlines()
    waiting = [line for line in metrics if line.startswith("penstock_queue_items{")]
    error = [line for line in metrics if line.startswith("penstock_prediction_relative_error{")]
    print(f"afterwards: one request alone {after * 1e3:.1f} ms; {waiting[0]}; {error[0]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("pid", type=int)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--timeout", type=float, default=2)
    parser.add_argument("--clients", type=int, default=16)
    asyncio.run(main(parser.parse_args()))
