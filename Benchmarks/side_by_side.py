"""Penstock beside PyTorch on one machine, in turns:  side_by_side.py PENSTOCK CHECKPOINT

CHECKPOINT is a BERT with a masked-language-model head. Two cases:

- `short`: one client posts `test [MASK]` over HTTP. The reference is the server of the transformers documentation: Starlette,
  one queue, one pipeline.
- `batch`: 32 texts of 128 tokens. Penstock's time is the whole HTTP request, tokenization, masked-language-model head and JSON
  included; PyTorch's is the encoder's forward pass alone.

Each pair of measurements is taken in turns, so that both see the same noise. Needs scripts/requirements-fixtures.txt and
`starlette uvicorn`.
"""

import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager

PENSTOCK_PORT, REFERENCE_PORT = 8093, 8094
WORDS = "the model paris capital river history language music water people system energy science market".split()
BATCH = [" ".join(WORDS[(7 * row + 3 * word) % len(WORDS)] for word in range(125)) + " [MASK]" for row in range(32)]


def reference_app(checkpoint: str):
    """The server of the transformers documentation ("Using pipelines for a webserver")."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route
    from transformers import pipeline

    async def loop(queue: asyncio.Queue) -> None:
        pipe = pipeline("fill-mask", model=checkpoint)
        while True:
            text, reply = await queue.get()
            reply.set_result(pipe(text))

    async def answer(request):
        reply = asyncio.get_running_loop().create_future()
        await request.app.state.queue.put(((await request.body()).decode(), reply))
        return JSONResponse(await reply)

    @asynccontextmanager
    async def lifespan(app):
        app.state.queue = asyncio.Queue()
        app.state.loop = asyncio.create_task(loop(app.state.queue))
        yield

    return Starlette(routes=[Route("/", answer, methods=["POST"])], lifespan=lifespan)


def http_call(port: int, body: bytes, content_type: str) -> Callable[[], None]:
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def call() -> None:
        try:
            connection.request("POST", "/", body, {"Content-Type": content_type})
            response = connection.getresponse()
            answer = response.read()
            if response.status == 503:
                raise ConnectionError(answer)
        except OSError:
            connection.close()
            raise
        assert response.status == 200, answer

    return call


def wait_for(call: Callable[[], None], seconds: float = 60) -> None:
    """Calls until the server answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return call()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def in_turns(calls: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """The median milliseconds of each call, measured in turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for name, call in calls.items():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - start) * 1e3)
    return {name: statistics.median(values) for name, values in times.items()}


def torch_batch(checkpoint: str) -> Callable[[], None]:
    import torch
    from transformers import AutoModel, AutoTokenizer

    torch.set_num_threads(os.cpu_count() or 1)
    model = AutoModel.from_pretrained(checkpoint, dtype=torch.float32).eval()
    inputs = AutoTokenizer.from_pretrained(checkpoint)(BATCH, return_tensors="pt")
    print(f"batch: {tuple(inputs['input_ids'].shape)} tokens")

    def call() -> None:
        with torch.inference_mode():
            model(**inputs)

    return call


def report(case: str, medians: dict[str, float]) -> None:
    penstock, reference = medians["penstock"], medians["reference"]
    print(f"{case:6} penstock {penstock:9.2f} ms   reference {reference:9.2f} ms   {reference / penstock:5.2f} x")


def main(penstock: str, checkpoint: str) -> None:
    servers = [
        subprocess.Popen([penstock, "serve", checkpoint, "--port", str(PENSTOCK_PORT)], stderr=subprocess.DEVNULL),
        subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--factory", "side_by_side:app", "--port", str(REFERENCE_PORT)],
            cwd=os.path.dirname(os.path.abspath(__file__)), env=os.environ | {"CHECKPOINT": os.path.abspath(checkpoint)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
    ]
    try:
        short = {
            "penstock": http_call(PENSTOCK_PORT, b"test [MASK]", "text/plain"),
            "reference": http_call(REFERENCE_PORT, b"test [MASK]", "text/plain"),
        }
        for call in short.values():
            wait_for(call)
        report("short", in_turns(short, 50))
        servers.pop().terminate()
        body = json.dumps({"inputs": BATCH}).encode()
        batch = {"penstock": http_call(PENSTOCK_PORT, body, "application/json"), "reference": torch_batch(checkpoint)}
        report("batch", in_turns(batch, 7))
    finally:
        for server in servers:
            server.terminate()


def app():
    """What uvicorn loads."""
    return reference_app(os.environ["CHECKPOINT"])


if __name__ == "__main__":
    main(*sys.argv[1:])
