"""A server near its limit of open files:  connections.py BINARY CHECKPOINT [--runs 20] [--seconds 20]

Each run starts a server with `ulimit -n 1024` and holds 1,100 connections, a third of which ask for /health now and then, while fresh
clients ask for /health as well. Then 300 connections that say nothing, or half a head, are opened: they have to be gone in a minute.
Prints for each run whether the server lives, its processor time, and how many fresh clients were answered, and how late at most.
"""

import argparse
import os
import re
import resource
import socket
import subprocess
import time

HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def start(options: argparse.Namespace) -> tuple[subprocess.Popen, int]:
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
    server = subprocess.Popen(
        [options.binary, "serve", options.checkpoint, "--port", "0"], stderr=subprocess.PIPE, text=True, preexec_fn=limit)
    port = 0
    for line in server.stderr:
        if found := re.search(r"listening on http://.*:(\d+)", line):
            port = int(found[1])
        if "ready:" in line:
            break
    os.set_blocking(server.stderr.fileno(), False)
    return server, port


def processor_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(port: int) -> float | None:
    """The seconds that a fresh client waits for /health; None if it gets no good answer."""
    begin = time.perf_counter()
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.settimeout(5)
            client.sendall(HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            return time.perf_counter() - begin if client.recv(4096).startswith(b"HTTP/1.1 200") else None
    except OSError:
        return None


def crowd(options: argparse.Namespace) -> str:
    server, port = start(options)
    held: list[socket.socket] = []
    good, bad, worst = 0, 0, 0.0
    end = time.perf_counter() + options.seconds
    turn = 0
    while time.perf_counter() < end:
        while len(held) < 1100:
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
            held.append(client)
        for client in held[turn % 3::30]:
            try:
                client.send(HEALTH)
                client.recv(1 << 16)
            except BlockingIOError:
                pass
            except OSError:
                held.remove(client)
                client.close()
        turn += 1
        waited = ask(port)
        if waited is None:
            bad += 1
        else:
            good, worst = good + 1, max(worst, waited)
        time.sleep(0.01)
    state = "alive" if server.poll() is None else f"dead with status {server.returncode}"
    seconds = processor_seconds(server.pid) if server.poll() is None else float("nan")
    for client in held:
        client.close()
    server.terminate()
    return f"{state}, status {server.wait(60)}; good {good}, bad {bad}, worst {worst * 1e3:.0f} ms; {seconds:.1f} s of processor time"


def silence(options: argparse.Namespace) -> str:
    server, port = start(options)
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
    for client in clients[::3]:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-")
    for client in clients[1::3]:
        client.sendall(HEALTH)
        client.recv(4096)
    begin = time.perf_counter()
    while clients and time.perf_counter() < begin + 120:
        time.sleep(1)
        for client in clients[:]:
            client.setblocking(False)
            try:
                if not client.recv(4096):
                    clients.remove(client)
            except BlockingIOError:
                pass
            except OSError:
                clients.remove(client)
    server.terminate()
    return f"{len(clients)} of 300 left after {time.perf_counter() - begin:.0f} s; status {server.wait(60)}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("checkpoint")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    for run in range(options.runs):
        print(f"run {run + 1}: {crowd(options)}", flush=True)
    print(f"silent connections: {silence(options)}")
