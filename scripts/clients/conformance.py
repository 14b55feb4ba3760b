"""What the checks of all clients share: where the server is, what its own routes answer, and how checks are told."""

import json
import os
import sys
import urllib.request

URL = os.environ.get("PENSTOCK_URL", "http://127.0.0.1:8000")
KEY = "all-models"
#: A key with which one request a minute is possible.
SLOW_KEY = "one-a-minute"

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
