#!/usr/bin/env python3
"""Writes Tests/Fixtures/row_operations.json: row operations and attention with terms, as NumPy computes them.

Run by hand, with the NumPy of `requirements-fixtures.txt`:

    scripts/row_operations.py

The formulas are those of `transformers` 5 (`apply_rotary_pos_emb`, `apply_rotary_emb` of GPT-J, `ModernBertMLP`,
`LlamaRMSNorm`, `GemmaRMSNorm`, `_relative_position_bucket` of T5, `build_alibi_tensor` of BLOOM, eager attention). Inputs
are float32; angles, buckets and slopes are computed in float32 as there, everything else in float64.
"""

import json
import math
from pathlib import Path

import numpy as np

random = np.random.default_rng(1)


def floats(*shape: int) -> np.ndarray:
    return random.uniform(-2, 2, shape).astype(np.float32)


def flat(array: np.ndarray) -> list[float]:
    # Nine digits tell any two floats apart.
    return [float(f"{np.float32(value):.9g}") for value in np.asarray(array).ravel()]


def rotation(pairing: str, heads: int, head_size: int, pairs: int, theta: float) -> dict:
    positions = np.array([0, 1, 2, 37, 511, 8191])
    steps = np.arange(0, 2 * pairs, 2).astype(np.float32) / np.float32(2 * pairs)
    frequencies = np.float32(1) / np.float32(theta) ** steps
    angles = positions.astype(np.float32)[:, None] * frequencies
    x = floats(len(positions), heads, head_size)
    y = x.astype(np.float64)
    cosines, sines = np.cos(angles.astype(np.float64)), np.sin(angles.astype(np.float64))
    first = slice(0, pairs) if pairing == "halves" else slice(0, 2 * pairs, 2)
    second = slice(pairs, 2 * pairs) if pairing == "halves" else slice(1, 2 * pairs, 2)
    a, b = y[..., first].copy(), y[..., second].copy()
    y[..., first] = a * cosines[:, None] - b * sines[:, None]
    y[..., second] = b * cosines[:, None] + a * sines[:, None]
    return {
        "pairing": pairing, "headSize": head_size, "pairs": pairs, "theta": theta, "positions": positions.tolist(),
        "input": flat(x), "output": flat(y),
    }  # fmt: skip


ACTIVATIONS = {
    "gelu": lambda x: x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
    "gelu_new": lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
}


def gate(activation: str, activated: str, rows: int, columns: int) -> dict:
    x = floats(rows, 2 * columns) * np.float32(2)
    halves = np.split(x.astype(np.float64), 2, axis=1)
    inner, factor = halves if activated == "first" else reversed(halves)
    return {
        "activation": activation, "activated": activated, "columns": columns, "input": flat(x),
        "output": flat(ACTIVATIONS[activation](inner) * factor),
    }  # fmt: skip


def norm(kind: str, has_weight: bool, has_bias: bool, rows: int, columns: int) -> dict:
    x, weight, bias = floats(rows, columns), floats(columns), floats(columns)
    wide = x.astype(np.float64)
    epsilon = 1e-5 if kind == "layer" else 1e-6
    if kind == "layer":
        wide -= wide.mean(axis=1, keepdims=True)
    y = wide / np.sqrt((wide**2).mean(axis=1, keepdims=True) + epsilon)
    if has_weight:
        y *= (1 + weight.astype(np.float64)) if kind == "rms+1" else weight
    if has_bias:
        y += bias
    return {
        "kind": kind, "epsilon": epsilon, "columns": columns, "weight": flat(weight) if has_weight else None,
        "bias": flat(bias) if has_bias else None, "input": flat(x), "output": flat(y),
    }  # fmt: skip


def bucket(distances: np.ndarray, count: int, most: int, bidirectional: bool) -> np.ndarray:
    buckets = np.zeros_like(distances)
    if bidirectional:
        count //= 2
        buckets += (distances > 0) * count
        distances = np.abs(distances)
    else:
        distances = -np.minimum(distances, 0)
    exact = count // 2
    ratio = np.log(np.maximum(distances, 1).astype(np.float32) / exact) / math.log(most / exact) * (count - exact)
    large = np.minimum(exact + ratio.astype(np.float32).astype(np.int64), count - 1)
    return buckets + np.where(distances < exact, distances, large)


def buckets(count: int, most: int, bidirectional: bool) -> dict:
    distances = np.arange(-300, 301)
    return {
        "count": count, "maxDistance": most, "isBidirectional": bidirectional, "first": -300,
        "buckets": bucket(distances, count, most, bidirectional).tolist(),
    }  # fmt: skip


def slopes(heads: int) -> np.ndarray:
    power = 2 ** math.floor(math.log2(heads))
    base = np.float32(2 ** (-(2 ** -(math.log2(power) - 3))))
    result = base ** np.arange(1, 1 + power).astype(np.float32)
    if power != heads:
        base = np.float32(2 ** (-(2 ** -(math.log2(2 * power) - 3))))
        result = np.concatenate([result, base ** np.arange(1, 1 + 2 * (heads - power), 2).astype(np.float32)])
    return result


def attention(name: str, tokens: int, heads: int, size: int, scale: float) -> dict:
    q, k, v = (floats(tokens, heads, size) for _ in range(3))
    weights = floats(32, heads)
    distances = np.arange(tokens)[None, :] - np.arange(tokens)[:, None]
    scores = np.einsum("qhd,khd->hqk", q.astype(np.float64), k.astype(np.float64)) * scale
    if name == "buckets":
        scores += weights.astype(np.float64)[bucket(distances, 32, 128, True)].transpose(2, 0, 1)
    if name == "position":
        scores += slopes(heads).astype(np.float64)[:, None, None] * np.arange(tokens)
    hidden = {"window": np.abs(distances) > 3, "position": distances > 0}.get(name)
    if hidden is not None:
        scores[:, hidden] = -np.inf
    scores = np.exp(scores - scores.max(axis=2, keepdims=True))
    context = np.einsum("hqk,khd->qhd", scores / scores.sum(axis=2, keepdims=True), v.astype(np.float64))
    return {
        "name": name, "heads": heads, "headSize": size, "scale": scale,
        "weights": flat(weights) if name == "buckets" else [],
        "queries": flat(q), "keys": flat(k), "values": flat(v), "output": flat(context),
    }  # fmt: skip


def main() -> None:
    fixture = {
        "rotations": [
            rotation("halves", 2, 16, 8, 10000), rotation("halves", 3, 10, 3, 160000),
            rotation("neighbours", 2, 16, 8, 10000), rotation("neighbours", 1, 20, 7, 1000),
        ],
        "gates": [
            gate("gelu", "first", 2, 37), gate("silu", "second", 2, 20), gate("gelu_new", "first", 2, 9),
            gate("relu", "second", 1, 17),
        ],
        "norms": [
            norm("layer", True, True, 2, 33), norm("layer", True, False, 2, 33), norm("layer", False, False, 2, 33),
            norm("rms", True, False, 2, 33), norm("rms", False, False, 2, 33), norm("rms+1", True, False, 2, 33),
        ],
        "buckets": [buckets(32, 128, True), buckets(32, 128, False), buckets(8, 20, True)],
        "slopes": [flat(slopes(heads)) for heads in (1, 2, 3, 8, 12, 16, 25)],
        "attention": [
            attention("buckets", 17, 2, 6, 1), attention("window", 17, 2, 6, 0.4), attention("position", 17, 3, 5, 0.45),
        ],
    }  # fmt: skip
    path = Path(__file__).parent.parent / "Tests/Fixtures/row_operations.json"
    path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
