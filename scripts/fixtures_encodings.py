"""How embeddings are given: stored in a precision, written as numbers or in base64."""

import base64

import numpy
import torch
from sentence_transformers.util.quantization import quantize_embeddings

from fixtures_base import JSON


def encoded(
    embeddings: torch.Tensor, precision: str = "float32", ranges: JSON = None, encoding_format: str = "float"
) -> JSON:
    """Embeddings `[texts, dimensions]` as an answer has them."""
    stored = quantized(embeddings, precision, ranges)
    if precision != "float32":
        check_stability(embeddings, stored, precision, ranges)
    if encoding_format == "float":
        return stored.astype(float if stored.dtype.kind == "f" else int).tolist()
    if precision == "float32":
        raise SystemExit("the last bits of float32 are not the same everywhere")
    return [base64.b64encode(numpy.ascontiguousarray(row).tobytes()).decode() for row in stored]


def quantized(embeddings: torch.Tensor, precision: str, ranges: JSON) -> numpy.ndarray:
    if ranges is not None:
        width = embeddings.shape[-1]
        ranges = numpy.stack([numpy.broadcast_to(numpy.float32(bound), width) for bound in ranges])
    return quantize_embeddings(embeddings, precision=precision, ranges=ranges)


def check_stability(embeddings: torch.Tensor, stored: numpy.ndarray, precision: str, ranges: JSON) -> None:
    """Stops if another computation of the embeddings could give other numbers."""
    for distance in (-5e-6, 5e-6):
        if not numpy.array_equal(quantized(embeddings + distance, precision, ranges), stored):
            raise SystemExit(f"an embedding is on the edge of two numbers of {precision}")
