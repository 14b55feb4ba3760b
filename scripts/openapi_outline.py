#!/usr/bin/env python3
"""Checks the description that a server gives of itself, and records its outline for the tests.

    pip install openapi-spec-validator
    penstock serve masks=Tests/Fixtures/checkpoints/bert-tiny org/labels=Tests/Fixtures/checkpoints/bert-sequence
    scripts/openapi_outline.py http://localhost:8000/openapi.json > Tests/Fixtures/openapi.txt

A line is an operation: its method and path, the media types of its body, and its statuses, each with the media types of the
answer or the form of the error.
"""
import json
import sys
import urllib.request

from openapi_spec_validator import validate


def types(holder):
    return "|".join((holder or {}).get("content", {}))


def outline(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            statuses = [
                f"{status} {response['$ref'].split('/')[-1] if '$ref' in response else types(response)}"
                for status, response in operation["responses"].items()
            ]
            yield f"{method} {path} [{types(operation.get('requestBody'))}] {', '.join(statuses)}"


if __name__ == "__main__":
    with urllib.request.urlopen(sys.argv[1]) as answer:
        described = json.load(answer)
    validate(described)
    print("\n".join(outline(described)))
