"""Several models in one process, each offered more than its share, or more than it can do alone:

    many_models.py NAME=DIR NAME=DIR ... [--binary .build/release/penstock] [--seconds 60] [--timeout 2] [--offered 2]
        [--light NAME] [--json]

Starts the server with all models, and measures in rounds:

1. Each model alone, while the others are loaded and idle: a few clients at a time find its peak.
2. All models at once: requests come to each at `--offered` times the rate of its peak, whatever becomes of them, each with a
   deadline (`X-Request-Timeout`). With three models 2 is six times what the machine can do, and 0.67 is twice that. Meanwhile a
   process of its own asks for /health, /ready and /metrics.
3. With `--light`: this model at a quarter of its peak, first alone, then beside the first other one at twice its own.

Texts have 4 to 124 words, most of them short. Goodput counts tokens, as words and two, of good answers that arrive while requests
come, once the queues are full. Compute seconds are those of forward passes, by the server's metrics. Prints a table and what was
promised, and exits 1 if that was missed. Any task will do; a small model, or one with large answers, makes this script itself the
load: what it takes of a core is printed. Needs nothing but Python; sends to 127.0.0.1 alone.
"""

import argparse
import asyncio
import http.client
import json
import multiprocessing
import re
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from load import Pool, Reply, Tally, bodies, closed_loop, open_loop, quantile, start, summary

SETTLING = 1  # Seconds of a closed loop that do not count.


@dataclass
class Model:
    name: str
    pool: Pool
    seed: int
    alone: dict[str, bytes] = field(default_factory=dict)
    """Its texts, and what it answers to each when nobody else asks."""

    @property
    def path(self) -> str:
        return f"/models/{self.name}"

    @property
    def texts(self) -> list[str]:
        return list(self.alone)

    async def learn(self) -> None:
        """Finds out which mask it wants, if any, and what it answers to each text alone."""
        for mask in ("[MASK]", "<mask>"):
            texts = bodies(seed=self.seed, mask=mask)
            for _ in range(300):  # A minute, for a model that is loaded after others or when it is asked.
                reply = await self.pool.ask("POST", self.path, texts[0])
                if reply.status != 503:
                    break
                await asyncio.sleep(0.2)
            if reply.status == 200:
                break
        for text in texts:
            reply = await self.pool.ask("POST", self.path, text)
            if reply.status != 200:
                sys.exit(f"{self.name} answers {reply.status} to a lone request: {reply.body.decode()[:300]}")
            self.alone[text] = reply.body

    async def closed_loop(self, seconds: float, clients: int) -> list[Reply]:
        return await closed_loop(self.pool, self.texts, seconds, clients, self.path)

    async def open_loop(self, rate: float, seconds: float, timeout: float) -> Tally:
        return await open_loop(
            self.pool, self.texts, self.alone, rate, seconds, timeout, self.path, seed=self.seed, hang_ups=0, come_backs=0)


class Metrics:
    """What the server counts, at one moment."""

    SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
    LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

    def __init__(self, text: str) -> None:
        self.at = time.perf_counter()
        found = (self.SAMPLE.fullmatch(line) for line in text.splitlines() if not line.startswith("#"))
        self.samples = [(match[1], dict(self.LABEL.findall(match[2] or "")), float(match[3])) for match in found if match]

    def value(self, name: str, **labels: str) -> float:
        """The sum of all series of a name that have these labels."""
        return sum(value for other, own, value in self.samples if other == name and labels.items() <= own.items())


class Span:
    """What the server did between two looks at its metrics."""

    def __init__(self, before: Metrics, after: Metrics) -> None:
        self.before, self.after = before, after

    def value(self, name: str, model: Model, **labels: str) -> float:
        return self.after.value(name, model=model.name, **labels) - self.before.value(name, model=model.name, **labels)

    def compute(self, model: Model) -> float:
        """Seconds of forward passes."""
        return self.value("penstock_forward_seconds_sum", model)

    def load(self, model: Model) -> float:
        """Seconds of forward passes per second."""
        return self.compute(model) / (self.after.at - self.before.at)

    def goodput(self, replies: list[Reply]) -> float:
        """Tokens a second of good answers."""
        good = (reply for reply in replies if reply.status == 200 and self.before.at <= reply.at < self.after.at)
        return sum(len(reply.text.split()) + 2 for reply in good) / (self.after.at - self.before.at)


def watch(port: int, pipe: Connection) -> None:
    """Asks ten times a second until it is told to stop; then tells of the latencies of each path, and of failures."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    latencies: dict[str, list[float]] = {"/health": [], "/ready": [], "/metrics": []}
    failures = []
    pipe.send("started")
    while not pipe.poll(0.1):
        for path, seconds in latencies.items():
            begin = time.perf_counter()
            try:
                client.request("GET", path)
                answer = client.getresponse()
                answer.read()
                if answer.status != 200:
                    failures.append(f"{path}: {answer.status}")
            except (OSError, http.client.HTTPException) as error:
                failures.append(f"{path}: {error!r}")
                client.close()
            seconds.append(time.perf_counter() - begin)
    pipe.send((latencies, failures))


class Watcher:
    """`watch` in a process of its own, so that it does not wait for the clients of this one."""

    def __init__(self, port: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=watch, args=(port, theirs), daemon=True)
        self.process.start()
        self.pipe.recv()

    def stop(self) -> tuple[dict[str, list[float]], list[str]]:
        self.pipe.send("stop")
        result = self.pipe.recv()
        self.process.join()
        return result


@dataclass
class Peak:
    """The best of a model alone."""
    goodput: float  # Tokens a second.
    rate: float  # Answers a second.
    clients: int
    compute: float  # Seconds per second.


@dataclass
class Share:
    """One model among all, in one round."""
    peak: Peak
    goodput: float
    compute: float  # Of the compute seconds of all models.
    load: float  # Compute seconds per second.
    batch: float  # Seconds.
    short: float  # The share of batches of 50 ms at most.
    queue: float  # Seconds in the queue.
    tally: Tally

    @property
    def ratio(self) -> float:
        return self.goodput / self.peak.goodput


@dataclass
class Light:
    """A model with little to do, alone and beside one with too much."""
    name: str
    heavy: str
    rate: float
    quiet: Tally
    beside: Tally


class Bench:
    def __init__(self, options: argparse.Namespace, port: int) -> None:
        self.options = options
        self.port = port
        self.pool = Pool(port)
        self.models = [Model(name, Pool(port), 7 + index) for index, name in enumerate(options.models)]
        self.latencies: dict[str, list[float]] = {}
        self.failures: list[str] = []

    async def look(self) -> Metrics:
        return Metrics((await self.pool.ask("GET", "/metrics")).body.decode())

    async def prepare(self) -> None:
        for model in self.models:
            await model.learn()
        first = self.models[0]
        if (await self.pool.ask("POST", "/", first.texts[0])).body != first.alone[first.texts[0]]:
            sys.exit(f"POST / is not answered by {first.name}")
        listed = (await self.pool.ask("GET", "/models")).body.decode()
        if missing := [model.name for model in self.models if f'"{model.name}"' not in listed]:
            sys.exit(f"GET /models does not list {', '.join(missing)}: {listed[:300]}")

    async def peak(self, model: Model) -> Peak:
        """The best goodput with any of the numbers of clients."""
        peaks = []
        for clients in self.options.clients:
            loop = asyncio.create_task(model.closed_loop(SETTLING + self.options.peak_seconds, clients))
            await asyncio.sleep(SETTLING)
            before = await self.look()
            await asyncio.sleep(self.options.peak_seconds)
            span = Span(before, await self.look())
            replies = await loop
            rate = len(replies) / (max(reply.at for reply in replies) - min(reply.at - reply.seconds for reply in replies))
            if span.compute(model) == 0:
                sys.exit(f'/metrics has no penstock_forward_seconds with the label model="{model.name}"')
            peaks.append(Peak(span.goodput(replies), rate, clients, span.load(model)))
        return max(peaks, key=lambda peak: peak.goodput)

    async def together(self, peaks: list[Peak]) -> list[Share]:
        """All models at so many times their peaks."""
        seconds, timeout = self.options.seconds, self.options.timeout
        watcher = Watcher(self.port)
        # Queues are full when the first deadlines are over.
        loops = [
            asyncio.create_task(model.open_loop(self.options.offered * peak.rate, timeout + seconds, timeout))
            for model, peak in zip(self.models, peaks)]
        await asyncio.sleep(timeout)
        before = await self.look()
        await asyncio.sleep(seconds)
        span = Span(before, await self.look())
        tallies = await asyncio.gather(*loops)
        self.stop(watcher)
        total = sum(span.compute(model) for model in self.models)
        shares = []
        for model, peak, tally in zip(self.models, peaks, tallies):
            batches = max(1, span.value("penstock_forward_seconds_count", model))
            short = span.value("penstock_forward_seconds_bucket", model, le="0.05")
            waits = max(1, span.value("penstock_queue_seconds_count", model))
            shares.append(Share(
                peak, span.goodput(tally.replies), span.compute(model) / total, span.load(model), span.compute(model) / batches,
                short / batches, span.value("penstock_queue_seconds_sum", model) / waits, tally))
        return shares

    async def light(self, name: str, peaks: list[Peak]) -> Light:
        seconds, timeout = self.options.seconds, self.options.timeout
        light = next(index for index, model in enumerate(self.models) if model.name == name)
        heavy = 1 if light == 0 else 0
        rate = peaks[light].rate / 4
        watcher = Watcher(self.port)
        quiet = await self.models[light].open_loop(rate, seconds, timeout)
        beside, _ = await asyncio.gather(
            self.models[light].open_loop(rate, seconds, timeout),
            self.models[heavy].open_loop(2 * peaks[heavy].rate, seconds, timeout))
        self.stop(watcher)
        return Light(name, self.models[heavy].name, rate, quiet, beside)

    def stop(self, watcher: Watcher) -> None:
        latencies, failures = watcher.stop()
        for path, seconds in latencies.items():
            self.latencies.setdefault(path, []).extend(seconds)
        self.failures += failures

    @property
    def lost(self) -> list[str]:
        return [error for pool in (self.pool, *(model.pool for model in self.models)) for error in pool.lost] + self.failures


@dataclass
class Bar:
    what: str
    value: float
    shown: str
    wanted: str
    is_met: bool


def bars(bench: Bench, rounds: list[list[Share]], light: Light | None) -> list[Bar]:
    count = len(bench.models)
    total = statistics.median(sum(share.ratio for share in shares) for shares in rounds)
    least = min(statistics.median(shares[index].compute for shares in rounds) for index in range(count))
    tallies = [share.tally for shares in rounds for share in shares]
    if light:
        tallies += [light.quiet, light.beside]
    replies = [reply for tally in tallies for reply in tally.replies]
    late = max(reply.seconds for reply in replies) - bench.options.timeout
    wrong = sum(tally.wrong for tally in tallies)
    strange = Counter(reply.status for reply in replies if reply.status not in (0, 200, 503, 504))
    lost = len(bench.lost)
    result = [
        Bar("sum of goodput / peak", total, f"{total:.3f}", ">= 0.90", total >= 0.9),
        Bar("smallest share of compute seconds", least, f"{least:.1%}", f">= {0.5 / count:.1%}", least >= 0.5 / count),
        Bar("longest wait beyond the deadline", late, f"{late * 1e3:+.0f} ms", "<= +50 ms", late <= 0.05),
        Bar("requests without an answer", lost, str(lost), "0", lost == 0),
        Bar("answers that differ from a lone request's", wrong, str(wrong), "0", wrong == 0),
        Bar("answers other than 200, 503, 504", strange.total(), str(dict(strange) or 0), "0", not strange),
    ]
    if light:
        turned_away = sum(reply.status != 200 for tally in (light.quiet, light.beside) for reply in tally.replies)
        result.append(Bar(f"requests to {light.name} that are not answered 200", turned_away, str(turned_away), "0", turned_away == 0))
    return result


def times(tally: Tally) -> list[float]:
    """Of good answers, or a nought if there is none."""
    return [reply.seconds for reply in tally.replies if reply.status == 200] or [0]


def figures(bench: Bench, rounds: list[list[Share]]) -> dict[str, dict[str, float]]:
    """For each model what the table shows: medians of the rounds, sums of answers, the longest of all waits."""
    result = {}
    for index, model in enumerate(bench.models):
        shares = [shares[index] for shares in rounds]
        replies = [reply for share in shares for reply in share.tally.replies]
        good = [seconds for share in shares for seconds in times(share.tally)]
        medians = {
            "peak_tokens_per_second": lambda share: share.peak.goodput,
            "peak_answers_per_second": lambda share: share.peak.rate,
            "compute_alone": lambda share: share.peak.compute,
            "tokens_per_second": lambda share: share.goodput,
            "ratio": lambda share: share.ratio,
            "compute": lambda share: share.load,
            "share_of_compute": lambda share: share.compute,
            "batch_seconds": lambda share: share.batch,
            "batches_within_50_ms": lambda share: share.short,
            "queue_seconds": lambda share: share.queue,
        }
        statuses = Counter(reply.status for reply in replies)
        result[model.name] = {name: statistics.median(map(value, shares)) for name, value in medians.items()} | {
            "answers": {str(status): statuses[status] for status in sorted(statuses)},
            "median_seconds": quantile(good, 0.5),
            "p99_seconds": quantile(good, 0.99),
            "longest_seconds": max(reply.seconds for reply in replies),
        }
    return result


def table(rows: dict[str, dict[str, float]]) -> None:
    print("| model | peak: tokens/s | answers/s | computing | all at once: tokens/s | of the peak | share of compute | batch | of 50 ms "
          "at most | 200 | 503 | 504 | median | 99 % | longest |")
    print("|---" * 15 + "|")
    for name, row in rows.items():
        statuses = row["answers"]
        print(f"| {name} | {row['peak_tokens_per_second']:,.0f} | {row['peak_answers_per_second']:,.1f} | {row['compute_alone']:.0%} "
              f"| {row['tokens_per_second']:,.0f} | {row['ratio']:.1%} | {row['share_of_compute']:.1%} "
              f"| {row['batch_seconds'] * 1e3:.0f} ms | {row['batches_within_50_ms']:.0%} "
              f"| {statuses.get('200', 0):,} | {statuses.get('503', 0):,} | {statuses.get('504', 0):,} "
              f"| {row['median_seconds']:.3f} s | {row['p99_seconds']:.3f} s | {row['longest_seconds']:.3f} s |")


async def measure(options: argparse.Namespace, port: int) -> int:
    def tell(text: str) -> None:
        print(text, file=sys.stderr if options.json else sys.stdout, flush=True)

    bench = Bench(options, port)
    await bench.prepare()
    rounds: list[list[Share]] = []
    processor = wall = 0.0
    for number in range(options.rounds):
        peaks = [await bench.peak(model) for model in bench.models]
        tell(f"round {number + 1}, alone: " + "; ".join(
            f"{model.name} {peak.goodput:,.0f} tokens/s, {peak.rate:,.1f} answers/s with {peak.clients} clients"
            for model, peak in zip(bench.models, peaks)))
        processor -= time.process_time()
        wall -= time.perf_counter()
        rounds.append(await bench.together(peaks))
        processor += time.process_time()
        wall += time.perf_counter()
        tell(f"round {number + 1}, all at once: " + " + ".join(f"{share.ratio:.3f}" for share in rounds[-1])
             + f" = {sum(share.ratio for share in rounds[-1]):.3f} of the peaks")
    light = await bench.light(options.light, peaks) if options.light else None

    rows, judged = figures(bench, rounds), bars(bench, rounds, light)
    is_met = all(bar.is_met for bar in judged)
    if options.json:
        document = {
            "models": rows,
            "bars": [{"name": bar.what, "value": bar.value, "wanted": bar.wanted, "ok": bar.is_met} for bar in judged],
            "probes": {path: {"median_seconds": quantile(seconds, 0.5), "p99_seconds": quantile(seconds, 0.99),
                              "longest_seconds": max(seconds)} for path, seconds in bench.latencies.items()},
            "load_generator": processor / wall,
            "lost": bench.lost[:20],
        }
        if light:
            document["light"] = {"model": light.name, "beside": light.heavy, "answers_per_second": light.rate} | {
                f"{name}_{key}": quantile(times(tally), share) for name, tally in (("quiet", light.quiet), ("beside", light.beside))
                for key, share in (("median_seconds", 0.5), ("p99_seconds", 0.99))}
        print(json.dumps(document))
        return 0 if is_met else 1

    table(rows)
    if light:
        print(f"{light.name} at {light.rate:.1f} requests/s: alone {summary(times(light.quiet))}; beside {light.heavy} "
              f"{summary(times(light.beside))}")
    for path, seconds in bench.latencies.items():
        print(f"{path}: {summary(seconds)}")
    print(f"all models together compute {sum(row['compute'] for row in rows.values()):.1%} of the time; the clients take "
          f"{processor / wall:.1%} of a core")
    if bench.lost:
        print(f"without an answer: {sorted(set(bench.lost))[:5]}")
    for bar in judged:
        print(f"{bar.what:45} {bar.shown:>12} {bar.wanted:>10}   {'ok' if bar.is_met else 'missed'}")
    return 0 if is_met else 1


async def main(options: argparse.Namespace) -> int:
    server, port = await start(
        options.binary, *(f"{name}={directory}" for name, directory in options.models.items()), *options.option, log=sys.stderr)
    try:
        return await measure(options, port)
    finally:
        if server.returncode is None:
            server.terminate()
        if status := await server.wait():
            print(f"the server ended with status {status}", file=sys.stderr)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="NAME=DIR", help="at least two; the first one answers POST /, too")
    parser.add_argument("--binary", default=".build/release/penstock")
    parser.add_argument("--seconds", type=float, default=60, help="of overload in a round")
    parser.add_argument("--timeout", type=float, default=2, help="the deadline of each request")
    parser.add_argument("--offered", type=float, default=2, help="requests to each model, as multiples of its own peak")
    parser.add_argument("--peak-seconds", type=float, default=15, help="for each number of clients")
    parser.add_argument("--clients", type=int, nargs="+", default=[16, 32], metavar="N",
                        help="of the closed loop; of several numbers the best counts")
    parser.add_argument("--rounds", type=int, default=1, help="figures are medians")
    parser.add_argument("--light", metavar="NAME", help="the model that has little to do")
    parser.add_argument("--option", action="append", default=[], help="of the server, may be repeated")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the tables")
    options = parser.parse_args()
    pairs = [pair.partition("=") for pair in options.models]
    options.models = {name: directory for name, _, directory in pairs}
    if not all(name and directory for name, _, directory in pairs) or not 2 <= len(options.models) == len(pairs):
        parser.error("at least two different NAME=DIR are needed")
    if options.light not in (None, *options.models):
        parser.error(f"--light {options.light} is none of the models")
    return options


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse())))
