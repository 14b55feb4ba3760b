"""What the checks of all clients share: where the server is, what its own routes answer, and how checks are told."""

import json
import os
import sys
import urllib.request

URL = os.environ.get("PENSTOCK_URL", "http://127.0.0.1:8000")
#: The address for gRPC.
GRPC = os.environ.get("PENSTOCK_GRPC", "127.0.0.1:8001")
KEY = "all-models"
#: A key with which one request a minute is possible.
SLOW_KEY = "one-a-minute"
#: A chat that `generator` answers, of 6 tokens.
CHAT = [{"role": "user", "content": "t22 t23"}]
#: A JSON schema that leaves a model without training no way to go on for ever. `writer` fills it in.
SCHEMA = {
    "type": "object", "properties": {"good": {"type": "boolean"}, "kind": {"enum": ["a", "b"]}},
    "required": ["good", "kind"], "additionalProperties": False,
}

_checks = []


def check(function):
    """Adds a function to the checks: it passes if it raises nothing."""
    _checks.append(function)
    return function


def native(model, inputs, **parameters):
    """What the server answers on its own route."""
    body = json.dumps({"inputs": inputs, "parameters": parameters}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    with urllib.request.urlopen(urllib.request.Request(f"{URL}/models/{model}", body, headers)) as answer:
        return json.load(answer)


def generated(inputs, tokens=4):
    """The text with which `generator` answers a prompt or a chat, by the likeliest tokens."""
    answers = native("generator", inputs, max_new_tokens=tokens, do_sample=False, return_full_text=False)
    return answers[0]["generated_text"]


def fills_in(value):
    """That a value is one of `SCHEMA`."""
    value = json.loads(value) if isinstance(value, str) else value
    equal(list(value), ["good", "kind"])
    assert isinstance(value["good"], bool) and value["kind"] in ("a", "b"), str(value)


def embedding(text, **parameters):
    """The embedding of a text, of length 1."""
    return native("sentences", text, normalize=True, **parameters)


def ranking(query, texts):
    """The scores of texts, in their order."""
    scores = native("ranker/pipeline/text-ranking", {"query": query, "texts": texts}, function_to_apply="sigmoid")
    return [score["score"] for score in sorted(scores, key=lambda score: score["index"])]


def equal(given, expected):
    assert given == expected, f"got {str(given)[:300]}, but expected {str(expected)[:300]}"


def close(given, expected, tolerance=1e-6):
    """That two vectors are the same up to the rounding of a client that goes through single precision."""
    given, expected = list(given), list(expected)
    assert len(given) == len(expected), f"got {len(given)} numbers, but expected {len(expected)}"
    worst = max(abs(a - b) for a, b in zip(given, expected))
    assert worst <= tolerance, f"numbers differ by {worst}"


def raises(kind, call):
    """The error of this kind that a call has to raise."""
    try:
        result = call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised; the answer was {str(result)[:200]}")


def main():
    """Runs the checks and prints a line of JSON for each."""
    failed = False
    for function in _checks:
        error = None
        try:
            function()
        except Exception as raised:  # noqa: BLE001: whatever it is, it is the result
            error = f"{type(raised).__name__}: {raised}"[:500]
            failed = True
        print(json.dumps({"check": function.__name__, "error": error}), flush=True)
    sys.exit(failed)
