#!/usr/bin/env python3
"""Asks a running server for texts of many JSON schemas, and has each checked by the package jsonschema.

    scripts/structured_schemas.py http://localhost:8000/
    scripts/structured_schemas.py http://localhost:8000/models/NAME --schemas 50 --samples 2 --seed 7 --key KEY

The server has to serve a model for text-generation. Schemas are those below and such as are drawn. Texts are drawn with
temperature 1, so that a model which is small and knows no JSON goes everywhere that a schema lets it go. A text that was cut
by its length is only counted. Prints the first texts that are wrong, and exits 1 if there are any.

Needs the packages of requirements-structured.txt.
"""

import argparse
import json
import random
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from jsonschema import Draft202012Validator

SHOWN = 10
NAMES = ["name", "age", "a", "id", "tags", "é", "with space", 'quo"te', "x1", "description"]
FORMATS = ["date", "time", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uuid"]
PATTERNS = ["^[a-z]{1,8}$", "^\\d{3}-\\d{4}$", "^(foo|bar)+$", "x", "^[^\"]*$", "^é+.?$", "^\\w+@\\w+\\.(com|org)$"]


def own():
    """Schemas as people write them, and the corners of the language."""
    yield {"type": "object"}
    yield {}
    yield True
    yield from ({"type": name} for name in ["null", "boolean", "integer", "number", "string", "array"])
    yield {"type": ["string", "null"]}
    yield {"enum": ["red", "green", 3, None, True, {"a": [1]}, 2.5]}
    yield {"const": {"deep": [1, {"er": "ü\n\""}]}}
    yield from ({"type": "string", "format": name} for name in FORMATS)
    yield from ({"type": "string", "pattern": pattern} for pattern in PATTERNS)
    yield {"type": "string", "pattern": "^[a-f]+$", "minLength": 3, "maxLength": 6}
    yield {"type": "string", "minLength": 5, "maxLength": 9}
    yield from ({"type": "integer", "minimum": low, "maximum": high} for low, high in [(0, 9), (-17, 123), (5, 5), (999, 1001)])
    yield {"type": "integer", "multipleOf": 7, "minimum": -50, "maximum": 500}
    yield {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
    yield {"type": "number", "minimum": -2.5, "exclusiveMaximum": 17.25}
    yield {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 5}
    yield {"type": "array", "prefixItems": [{"type": "string", "maxLength": 4}, {"type": "boolean"}], "minItems": 2}
    yield {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "boolean"}}
    yield {"type": "object", "patternProperties": {"^n_": {"type": "integer"}}, "additionalProperties": False}
    yield {"type": "object", "propertyNames": {"pattern": "^[a-z]{1,3}$"}, "minProperties": 1, "maxProperties": 3}
    yield {"type": "object", "properties": {name: {"type": "null"} for name in NAMES}, "minProperties": 3}
    yield {
        "$defs": {"node": {"type": "object", "properties": {"value": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}, "required": ["value", "next"]}},
        "$ref": "#/$defs/node",
    }
    yield {
        "oneOf": [
            {"type": "object", "properties": {"kind": {"const": "circle"}, "radius": {"type": "number", "minimum": 0}}, "required": ["kind", "radius"]},
            {"type": "object", "properties": {"kind": {"const": "square"}, "side": {"type": "integer", "minimum": 1}}, "required": ["kind", "side"]},
        ]
    }
    yield {"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"b": {"enum": ["x", "y"]}}, "required": ["b"]}], "type": "object"}
    yield {"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}, "b": {"type": "integer"}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    yield {
        "title": "Person",
        "description": "As pydantic writes it.",
        "type": "object",
        "$defs": {"Address": {"type": "object", "title": "Address", "properties": {"city": {"type": "string", "maxLength": 20}, "zip": {"type": "string", "pattern": "^\\d{5}$"}}, "required": ["city", "zip"]}},
        "properties": {
            "name": {"title": "Name", "type": "string", "maxLength": 20},
            "age": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 150}, {"type": "null"}], "default": None},
            "emails": {"type": "array", "items": {"type": "string", "format": "email"}, "maxItems": 2},
            "address": {"$ref": "#/$defs/Address"},
        },
        "required": ["name", "address"],
        "additionalProperties": False,
    }
    yield from conditions()
    yield from large_numbers()


def conditions():
    """Conditions, negations and counts."""
    address = {"type": "object", "properties": {"country": {"enum": ["US", "NL"]}, "code": {"type": "string", "maxLength": 9}}, "required": ["country", "code"], "additionalProperties": False}
    yield address | {"if": {"properties": {"country": {"const": "US"}}}, "then": {"properties": {"code": {"pattern": "^\\d{5}$"}}}, "else": {"properties": {"code": {"pattern": "^\\d{4} [A-Z]{2}$"}}}}
    yield {"type": "object", "properties": {name: {"type": "integer", "maximum": 99} for name in "abc"}, "dependentRequired": {"a": ["b"], "b": ["c"]}, "additionalProperties": False}
    yield {"type": "object", "properties": {"a": {"type": "null"}}, "dependentSchemas": {"a": {"properties": {"b": {"const": 1}}, "required": ["b"]}}, "additionalProperties": {"const": 1}}
    yield {"type": ["string", "integer", "null"], "not": {"enum": ["", 0, None]}, "maxLength": 5}
    yield {"type": "object", "properties": {name: {"const": 1} for name in "abc"}, "not": {"required": ["a", "b"]}, "additionalProperties": False}
    yield {"type": "array", "items": {"type": ["boolean", "null"]}, "contains": {"const": True}, "minContains": 1, "maxContains": 2, "maxItems": 5}
    yield {"type": "array", "items": {"enum": ["a", "b", 1, None]}, "uniqueItems": True, "minItems": 2}
    yield {"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}], "type": "object", "unevaluatedProperties": False}
    yield {"type": "object", "anyOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"properties": {"b": {"const": 2}}, "required": ["b"]}], "unevaluatedProperties": {"type": "null"}, "maxProperties": 4}
    yield {"oneOf": [{"type": "object", "properties": {"v": {"const": version}, "a": {"type": "boolean"}}, "required": ["v"], "additionalProperties": False} for version in [1, 2, "3", None]]}
    yield {"type": "object", "properties": {"a\0b": {"const": 1}, "\u00e9": {"const": 2}, "e\u0301": {"const": 3}}, "required": ["a\0b"], "additionalProperties": False}


def large_numbers():
    """Bounds and values that double precision does not tell apart."""
    whole = 2**53
    yield {"type": "integer", "minimum": whole - 1, "maximum": whole + 3}
    yield {"type": "integer", "exclusiveMinimum": whole, "exclusiveMaximum": whole + 2}
    yield {"type": "number", "minimum": whole + 1, "maximum": whole + 3}
    yield {"allOf": [{"type": "integer", "minimum": whole + 1}, {"minimum": whole, "maximum": whole + 2}]}
    yield {"enum": [whole, whole + 1, whole + 2, float(whole)], "minimum": whole + 1}
    yield {"enum": [2**63 - 1, -(2**63), 2**62 + 1]}
    yield {"type": "integer", "minimum": -(2**70), "maximum": 2**70}
    yield {"type": "number", "exclusiveMinimum": 1e17, "maximum": 123456789012345696.0}
    yield {"type": "number", "maximum": 1e300, "minimum": -1e-300}


class Drawn:
    """Schemas that are drawn."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def schema(self, depth):
        kinds = ["integer", "number", "string", "enum", "boolean", "null"] + ["object", "array", "anyOf"] * (2 if depth else 0)
        return getattr(self, self.random.choice(kinds))(depth - 1)

    def boolean(self, depth):
        return {"type": "boolean"}

    def null(self, depth):
        return {"type": "null"}

    def enum(self, depth):
        return {"enum": self.random.sample(["a", "ab", "b", 1, 12, -3, None, True, 0.5, "é", ""], self.random.randint(1, 5))}

    def integer(self, depth):
        low = self.random.randint(-2000, 2000)
        schema = {"type": "integer"}
        if self.random.random() < 0.6:
            schema[self.random.choice(["minimum", "exclusiveMinimum"])] = low
        if self.random.random() < 0.6:
            schema[self.random.choice(["maximum", "exclusiveMaximum"])] = low + self.random.randint(30, 3000)
        if self.random.random() < 0.2:
            schema["multipleOf"] = self.random.randint(1, 12)
        return schema

    def number(self, depth):
        low = round(self.random.uniform(-20, 20), self.random.randint(0, 3))
        schema = {"type": "number"}
        if self.random.random() < 0.6:
            schema[self.random.choice(["minimum", "exclusiveMinimum"])] = low
        if self.random.random() < 0.6:
            schema[self.random.choice(["maximum", "exclusiveMaximum"])] = low + round(self.random.uniform(0.5, 100), 2)
        return schema

    def string(self, depth):
        draw = self.random.random()
        if draw < 0.25:
            return {"type": "string", "format": self.random.choice(FORMATS)}
        if draw < 0.5:
            return {"type": "string", "pattern": self.random.choice(PATTERNS)}
        least = self.random.randint(0, 5)
        return {"type": "string", "minLength": least, "maxLength": least + self.random.randint(0, 12)}

    def array(self, depth):
        least = self.random.randint(0, 2)
        return {"type": "array", "items": self.schema(depth), "minItems": least, "maxItems": least + self.random.randint(0, 2)}

    def object(self, depth):
        names = self.random.sample(NAMES, self.random.randint(1, 4))
        schema = {"type": "object", "properties": {name: self.schema(depth) for name in names}}
        schema["required"] = [name for name in names if self.random.random() < 0.6]
        if self.random.random() < 0.5:
            schema["additionalProperties"] = False
        return schema

    def anyOf(self, depth):
        return {"anyOf": [self.schema(depth) for _ in range(self.random.randint(2, 3))]}


class Server:
    def __init__(self, url, key, tokens):
        self.url, self.key, self.tokens = url, key, tokens

    def generate(self, schema, seed):
        """The text, and the reason that it ended."""
        parameters = dict(
            grammar={"type": "json", "value": schema}, max_new_tokens=self.tokens, do_sample=True, temperature=1.0, top_k=0,
            seed=seed, return_full_text=False, details=True,
        )
        body = json.dumps({"inputs": "JSON:\n", "parameters": parameters}).encode()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        request = urllib.request.Request(self.url, body, headers)
        with urllib.request.urlopen(request, timeout=600) as reply:
            answer = json.load(reply)[0]
        return answer["generated_text"], answer["details"]["finish_reason"]


def fault(schema, text):
    """The reason that a text is not of the schema; None if it is."""
    try:
        value = json.loads(text)
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)
    except Exception as error:  # Whatever a parser or the validator says.
        return str(error).split("\n")[0]
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--schemas", type=int, default=200)
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--key")
    parser.add_argument("--parallel", type=int, default=8)
    arguments = parser.parse_args()

    drawn = Drawn(arguments.seed)
    schemas = list(own())[: arguments.schemas]
    while len(schemas) < arguments.schemas:
        schemas.append(drawn.schema(3))
    server = Server(arguments.url, arguments.key, arguments.tokens)

    def check(job):
        schema, seed = job
        try:
            text, reason = server.generate(schema, seed)
        except urllib.error.HTTPError as error:
            return schema, "", "refused", error.read().decode(errors="replace")
        if reason == "length":
            return schema, text, "cut", None
        wrong = fault(schema, text)
        return schema, text, "wrong" if wrong else "right", wrong

    jobs = [(schema, arguments.seed * 1000 + sample) for schema in schemas for sample in range(arguments.samples)]
    with ThreadPoolExecutor(arguments.parallel) as pool:
        results = list(pool.map(check, jobs))
    counts = {kind: sum(result[2] == kind for result in results) for kind in ["right", "wrong", "refused", "cut"]}
    for schema, text, kind, message in [result for result in results if result[2] in ("wrong", "refused")][:SHOWN]:
        print(f"{kind}: {json.dumps(schema, ensure_ascii=False)}\n  {text!r}\n  {message}")
    print(f"{len(schemas)} schemas: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))
    return 1 if counts["wrong"] or counts["refused"] or not counts["right"] else 0


if __name__ == "__main__":
    sys.exit(main())
