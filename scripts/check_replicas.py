#!/usr/bin/env python3
"""Runs replicas behind a balancer, each in a network namespace of its own, and takes them away under load.

    scripts/check_replicas.py .build/release/penstock models/all-MiniLM-L6-v2 --balancer haproxy

A client, a balancer with its configuration of deploy/balancers, and two replicas of one core each, at the addresses
that the configuration has. It measures how much two replicas do behind the balancer in relation to one alone; ends one
by SIGKILL under load; restarts one after the other by SIGTERM under load; and sees that conversations stay at their
replica. Needs root, `ip`, `taskset` and the balancer. Where there are no four cores, the client and the balancer take
of the replicas' time, and throughput says little: `--least-speedup 0` leaves it out.
"""

import argparse
import asyncio
import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONFIGURATIONS = ROOT / "deploy/balancers"
BALANCER, CLIENT, REPLICAS = "192.0.2.1", "192.0.2.2", ["192.0.2.11", "192.0.2.12"]
TEXT = "Sea levels are rising because ice melts and water that is warmer takes more room. "


class Network:
    """A bridge in a namespace, and a namespace for each host."""

    def __init__(self):
        self.prefix = f"pen{os.getpid() % 10000}"
        self.hosts = {BALANCER: "lb", CLIENT: "client", REPLICAS[0]: "one", REPLICAS[1]: "two"}

    def name(self, address):
        return f"{self.prefix}-{self.hosts[address]}"

    def __enter__(self):
        bridge = f"{self.prefix}-bridge"
        ip("netns", "add", bridge)
        ip("-n", bridge, "link", "add", "br0", "type", "bridge")
        ip("-n", bridge, "link", "set", "br0", "up")
        for address, host in self.hosts.items():
            space = self.name(address)
            ip("netns", "add", space)
            ip("-n", space, "link", "set", "lo", "up")
            ip("-n", bridge, "link", "add", host, "type", "veth", "peer", "name", "eth0", "netns", space)
            ip("-n", bridge, "link", "set", host, "master", "br0", "up")
            ip("-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
            ip("-n", space, "link", "set", "eth0", "up")
        return self

    def __exit__(self, *_):
        for space in [self.name(address) for address in self.hosts] + [f"{self.prefix}-bridge"]:
            subprocess.run(["ip", "netns", "del", space], check=False, stderr=subprocess.DEVNULL)

    def inside(self, address, command):
        return ["ip", "netns", "exec", self.name(address), *command]


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


class Replica:
    def __init__(self, network, address, core, options, folder):
        self.network, self.address, self.core, self.options = network, address, core, options
        self.log = open(folder / f"{address}.log", "a")
        self.process = None

    def start(self):
        command = [
            "taskset", "--cpu-list", str(self.core), str(self.options.penstock), "serve", f"m={self.options.model}",
            "--host", self.address, "--port", "8000", "--threads", "1", "--request-timeout", "50",
            "--drain-timeout", "60", *self.options.serve]
        self.process = subprocess.Popen(self.network.inside(self.address, command), stderr=self.log)

    def end(self, number):
        self.process.send_signal(number)
        return self.process.wait()


def answers(network, address, url):
    command = [sys.executable, "-c", "import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=2).read()", url]
    return subprocess.run(network.inside(address, command), capture_output=True).returncode == 0


def until_ready(network, url, process=None, seconds=120):
    end = time.time() + seconds
    while not answers(network, CLIENT, url):
        assert process is None or process.poll() is None, "the balancer has ended"
        assert time.time() < end, f"{url} does not become ready"
        time.sleep(0.2)


class Load:
    """A client in its namespace, a process of its own, that writes a line for each request."""

    def __init__(self, network, url, connections, seconds, texts, conversations=0):
        command = [
            sys.executable, __file__, "--client", url, str(connections), str(seconds), str(texts), str(conversations)]
        self.process = subprocess.Popen(network.inside(CLIENT, command), stdout=subprocess.PIPE, text=True)

    def results(self):
        lines = self.process.communicate()[0].splitlines()
        assert self.process.returncode == 0, "the client failed"
        return [json.loads(line) for line in lines]


# The client: stdlib alone, connections that are kept, one request at a time on each.


async def ask(reader, writer, path, headers, body):
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST {path} HTTP/1.1\r\nHost: penstock\r\nContent-Type: application/json\r\n{head}"
                 f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    await writer.drain()
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    if fields.get("transfer-encoding", "").lower() == "chunked":
        content = b""
        while size := int(await reader.readline(), 16):
            content += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        content = await reader.readexactly(int(fields["content-length"]))
    return int(lines[0].split()[1]), fields, content


async def client(url, connections, seconds, texts, conversations):
    host, _, port = url.removeprefix("http://").partition(":")
    end = time.time() + seconds
    body = json.dumps({"inputs": [f"{number} {TEXT}" for number in range(texts)]}).encode()

    async def connection(number):
        writer = None
        while time.time() < end:
            begun = time.time()
            headers = {"X-Conversation-Id": f"conversation-{number % conversations}"} if conversations else {}
            result = {"at": begun, "connection": number}
            try:
                if writer is None:
                    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 10)
                status, fields, content = await asyncio.wait_for(ask(reader, writer, "/", headers, body), 60)
                result |= {"status": status, "replica": fields.get("x-penstock-replica", "")}
                if status != 200:
                    result["error"] = content[:300].decode(errors="replace")
                if fields.get("connection", "").lower() == "close":
                    writer.close()
                    writer = None
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError, KeyError) as error:
                result |= {"status": 0, "error": repr(error)}
                if writer:
                    writer.close()
                writer = None
            result["seconds"] = time.time() - begun
            print(json.dumps(result))
            if result["status"] != 200:
                await asyncio.sleep(0.05)

    await asyncio.gather(*(connection(number) for number in range(connections)))


def start_balancer(name, network, folder, options):
    command = {
        "haproxy": ["haproxy", "-db", "-f", "haproxy.cfg"],
        "nginx": ["nginx", "-p", str(folder), "-c", str(CONFIGURATIONS / "nginx.conf"),
                  "-g", f"daemon off; pid {folder}/nginx.pid;"],
        "envoy": [options.envoy, "-c", "envoy.yaml", "--concurrency", "1", "--log-level", "warn"],
    }[name]
    log = open(folder / f"{name}.log", "a")
    return subprocess.Popen(
        network.inside(BALANCER, command), cwd=CONFIGURATIONS, stderr=log, stdout=log, start_new_session=True)


def count(results):
    statuses = collections.Counter(result["status"] for result in results)
    replicas = collections.Counter(result["replica"] for result in results if result["status"] == 200)
    return (", ".join(f"{number} of {status or 'no answer'}" for status, number in sorted(statuses.items()))
            + " (" + ", ".join(f"{number} by {name or '?'}" for name, number in sorted(replicas.items())) + ")")


def throughput(results, seconds):
    """Answers per second, without the first and the last second."""
    start = min(result["at"] for result in results)
    done = [result for result in results
            if result["status"] == 200 and start + 1 <= result["at"] + result["seconds"] <= start + seconds - 1]
    return len(done) / (seconds - 2)


class Check:
    def __init__(self):
        self.failures = []

    def __call__(self, holds, message):
        if not holds:
            print(f"   FAILED: {message}")
            self.failures.append(message)


def check(name, options, network, folder, expect):
    replicas = [Replica(network, address, index % os.cpu_count(), options, folder)
                for index, address in enumerate(REPLICAS)]
    for replica in replicas:
        replica.start()
    balancer = start_balancer(name, network, folder, options)
    front = f"http://{BALANCER}:8080"
    try:
        for address in REPLICAS:
            until_ready(network, f"http://{address}:8000/ready")
        until_ready(network, f"{front}/health", balancer)
        time.sleep(2)

        print(f"== {name}: throughput")
        seconds, connections = options.seconds, options.connections
        alone = [throughput(Load(network, f"http://{address}:8000", connections // 2, seconds, options.texts).results(),
                            seconds) for address in REPLICAS]
        results = Load(network, front, connections, seconds, options.texts).results()
        together = throughput(results, seconds)
        speedup = together / (sum(alone) / 2)
        print(f"   {alone[0]:.1f} and {alone[1]:.1f} requests per second alone, {together:.1f} together:"
              f" {speedup:.2f} times one, {speedup / 2:.0%} of twice that; {count(results)}")
        expect(all(result["status"] == 200 for result in results), f"{name}: errors without a cause")
        expect(speedup >= options.least_speedup, f"{name}: two replicas are less than {options.least_speedup} times one")

        print(f"== {name}: conversations")
        results = Load(network, front, connections, 4, 1, conversations=connections).results()
        homes = {}
        for result in results:
            homes.setdefault(result["connection"], set()).add(result["replica"])
        print(f"   {len(homes)} at {len(set.union(*homes.values()))} replicas; {count(results)}")
        expect(all(result["status"] == 200 for result in results), f"{name}: errors in conversations")
        moved = sum(len(found) > 1 for found in homes.values())
        print(f"   {moved} changed their replica")
        expect(moved <= options.most_moved * len(homes), f"{name}: {moved} conversations changed their replica")

        print(f"== {name}: SIGKILL under load")
        load = Load(network, front, connections, seconds, options.texts)
        time.sleep(seconds / 3)
        replicas[0].end(signal.SIGKILL)
        # Until the process is gone, the system takes connections for it.
        killed_at = time.time()
        time.sleep(seconds / 3)
        replicas[0].start()
        results = load.results()
        failed = [result for result in results if result["status"] != 200]
        print(f"   {count(results)}; {sorted({result['error'] for result in failed})}")
        expect(all(result["at"] <= killed_at + 0.05 for result in failed), f"{name}: a request that came later is lost")
        expect(len(failed) <= connections, f"{name}: more lost than were under way")
        expect(all('"error"' in result["error"] and result["status"] in (502, 503, 504) for result in failed),
               f"{name}: an error that is not clear")

        print(f"== {name}: rolling restart under load")
        until_ready(network, f"http://{REPLICAS[0]}:8000/ready")
        time.sleep(3)
        load = Load(network, front, connections, 4 * seconds, options.texts)
        for replica in replicas:
            time.sleep(seconds / 3)
            status = replica.end(signal.SIGTERM)
            expect(status == 0, f"{name}: a replica ended with status {status}")
            replica.start()
            until_ready(network, f"http://{replica.address}:8000/ready")
            time.sleep(3)
        results = load.results()
        failed = [result for result in results if result["status"] != 200]
        print(f"   {count(results)}; {sorted({result['error'] for result in failed})}")
        expect(not failed, f"{name}: {len(failed)} errors in a rolling restart")
    finally:
        os.killpg(balancer.pid, signal.SIGTERM)
        for replica in replicas:
            replica.process.kill()
            replica.process.wait()
        balancer.wait()


def main():
    if sys.argv[1:2] == ["--client"]:
        url, *numbers = sys.argv[2:]
        return asyncio.run(client(url, *map(int, numbers)))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("penstock", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--balancer", action="append", choices=["haproxy", "nginx", "envoy"])
    parser.add_argument("--envoy", default=shutil.which("envoy") or "envoy")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=12, help="of each measurement")
    parser.add_argument("--texts", type=int, default=16, help="in a request")
    parser.add_argument("--least-speedup", type=float, default=1.9)
    parser.add_argument("--most-moved", type=float, default=0.5, help="share of conversations, for bounded loads")
    options, options.serve = parser.parse_known_args()
    options.penstock, options.model = options.penstock.resolve(), options.model.resolve()
    help_ = subprocess.run([options.penstock, "help", "serve"], capture_output=True, text=True).stdout
    if "--drain-delay" in help_ and "--drain-delay" not in options.serve:
        options.serve += ["--drain-delay", "3"]
    sys.stdout.reconfigure(line_buffering=True)
    expect = Check()
    with Network() as network, tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name in options.balancer or ["haproxy", "nginx", "envoy"]:
            try:
                check(name, options, network, pathlib.Path(folder), expect)
            except AssertionError as error:
                expect(False, f"{name}: {error}")
            if expect.failures:
                for log in sorted(pathlib.Path(folder).glob("*.log")):
                    print(f"--- {log.name}\n" + "".join(log.read_text().splitlines(True)[-12:]))
    print("done" if not expect.failures else f"{len(expect.failures)} failures")
    return 1 if expect.failures else 0


if __name__ == "__main__":
    sys.exit(main())
