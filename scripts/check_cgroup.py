#!/usr/bin/env python3
"""Runs a server under limits of control groups, and sees that its threads, its memory and its refusals fit them.

    scripts/check_cgroup.py .build/release/penstock models/all-MiniLM-L6-v2 [--larger models/SmolLM2-135M-Instruct]

Quotas of 0.5, 1 and 2 processors; 256 MB and 1 GB of memory, with clients that ask for more than fits. A server that is
let in by its limits must live through that: what does not fit is refused. Needs root, and works with version 1 and
version 2 of the interface.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path("/sys/fs/cgroup")
PORT = 18140
# What a server may say to requests that are too much for it.
REFUSALS = {413, 422, 429, 503, 504}


class Group:
    """A control group of its own, below the root."""

    def __init__(self, processors=None, memory=None):
        name = f"penstock-check-{os.getpid()}"
        self.is_second = (ROOT / "cgroup.controllers").exists()
        self.folders = {kind: (ROOT if self.is_second else ROOT / kind) / name for kind in ("cpu", "memory")}
        self.processors, self.memory = processors, memory

    def __enter__(self):
        if self.is_second:
            (ROOT / "cgroup.subtree_control").write_text("+cpu +memory")
        for folder in set(self.folders.values()):
            folder.mkdir()
        if self.processors:
            quota = int(self.processors * 100_000)
            if self.is_second:
                self.write("cpu", "cpu.max", f"{quota} 100000")
            else:
                self.write("cpu", "cpu.cfs_quota_us", quota)
        if self.memory:
            self.write("memory", "memory.max" if self.is_second else "memory.limit_in_bytes", self.memory)
        return self

    def __exit__(self, *_):
        for folder in set(self.folders.values()):
            for _ in range(50):
                try:
                    folder.rmdir()
                    break
                except OSError:
                    time.sleep(0.1)

    def write(self, kind, file, value):
        (self.folders[kind] / file).write_text(str(value))

    def join(self):
        for folder in set(self.folders.values()):
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def ended_for_memory(self):
        file = self.folders["memory"] / ("memory.events" if self.is_second else "memory.oom_control")
        return int(re.search(r"^oom_kill (\d+)", file.read_text(), re.M)[1])

    def peak(self):
        file = self.folders["memory"] / ("memory.peak" if self.is_second else "memory.max_usage_in_bytes")
        return int(file.read_text()) >> 20 if file.exists() else -1


class Server:
    def __init__(self, options, group, model, arguments=()):
        self.log = tempfile.TemporaryFile("w+")
        command = [str(options.penstock), "serve", f"m={model}", "--port", str(PORT)]
        command += ["--request-timeout", str(options.request_timeout), *arguments]
        self.process = subprocess.Popen(command, stderr=self.log, preexec_fn=group.join)

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def is_ready(self, seconds=180):
        end = time.time() + seconds
        while self.process.poll() is None and time.time() < end:
            if ask("/ready", None, 5)[0] == 200:
                return True
            time.sleep(0.1)
        return False

    def end(self):
        self.process.terminate()
        return self.process.wait(60)


def ask(path, body, timeout=60):
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data=body)
    if body:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        return 0, repr(error).encode()


def bodies(generates):
    """More and less than what fits."""
    words = "sea levels are rising because ice melts and water takes more room "
    for count, length in [(1, 1), (8, 20), (200, 30), (2000, 3), (4000, 30), (1, 100_000)]:
        texts = [f"{number} {words * length}" for number in range(count)]
        parameters = {"max_new_tokens": 16} if generates else {}
        yield json.dumps({"inputs": texts if count > 1 else texts[0], "parameters": parameters}).encode()


def press(options, generates):
    """Asks for a while, by more clients than there is room for; returns how often each status came."""
    all_bodies = list(bodies(generates))
    end = time.time() + options.seconds

    def client(number):
        statuses = collections.Counter()
        while time.time() < end:
            number += 1
            statuses[ask("/", all_bodies[number % len(all_bodies)], options.request_timeout + 40)[0]] += 1
        return statuses

    with concurrent.futures.ThreadPoolExecutor(options.clients) as pool:
        return sum(pool.map(client, range(options.clients)), collections.Counter())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("penstock", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--larger", type=pathlib.Path, help="a model that does not fit 256 MB, and fits 1 GB")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=20, help="of each load")
    parser.add_argument("--request-timeout", type=int, default=20, help="more where processors are emulated")
    options = parser.parse_args()
    options.penstock = options.penstock.resolve()
    sys.stdout.reconfigure(line_buffering=True)
    failures = []
    text = json.dumps({"inputs": "a text"}).encode()

    def expect(holds, message):
        if not holds:
            print(f"   FAILED: {message}")
            failures.append(message)

    for processors, threads in [(0.5, 1), (1, 1), (2, min(2, len(os.sched_getaffinity(0))))]:
        with Group(processors=processors) as group:
            server = Server(options, group, options.model)
            expect(server.is_ready(), f"quota {processors}: not ready: {server.text()}")
            status = ask("/", text, options.request_timeout + 40)[0]
            # The log has a thread of its own, and is whole when the server has ended.
            code = server.end()
            found = re.search(r"(\d+) threads?, ", server.text())
            print(f"quota {processors}: {found[1] if found else 'no'} threads, answer {status}")
            expect(found and int(found[1]) == threads, f"quota {processors}: {found and found[1]} threads, not {threads}")
            expect(status == 200, f"quota {processors}: answer {status}")
            expect(code == 0, f"quota {processors}: ended wrong")

    for megabytes in (256, 1024):
        for model, arguments in [(options.model, []), (options.larger, ["--dtype", "bfloat16"])]:
            if model is None:
                continue
            label = f"{megabytes} MB, {model.name}"
            with Group(memory=megabytes << 20) as group:
                server = Server(options, group, model, arguments)
                if server.is_ready():
                    statuses = press(options, generates=bool(arguments))
                    alive = server.process.poll() is None
                    after = ask("/", text, options.request_timeout + 40)[0] if alive else 0
                    print(f"{label}: {dict(sorted(statuses.items()))}, at most {group.peak()} MB; then {after}")
                    expect(alive and group.ended_for_memory() == 0, f"{label}: ended for want of memory")
                    expect(not set(statuses) - REFUSALS - {200}, f"{label}: statuses {dict(statuses)}")
                    expect(statuses[200] > 0 and after == 200, f"{label}: nothing is answered")
                    expect(server.end() == 0, f"{label}: ended wrong")
                else:
                    status = server.process.wait(10)
                    message = server.text().strip().splitlines()[-1:]
                    print(f"{label}: refused with status {status}: {message}")
                    expect(status == 1 and "needs" in "".join(message), f"{label}: no refusal: {server.text()}")
                    expect(group.ended_for_memory() == 0, f"{label}: ended for want of memory while loading")
                    expect(model != options.model, f"{label}: the small model does not fit")
    print("done" if not failures else f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
