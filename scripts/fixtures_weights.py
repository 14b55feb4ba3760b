"""Random weights, and what old checkpoints on the Hub made of their names."""

import math
import re
from collections.abc import Callable
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file

Tensors = dict[str, torch.Tensor]

SPREAD_OF_LOGITS = 1.5
CALIBRATION = [
    "the cat sat on the mat",
    "Is it good?",
    "hello world, in Paris",
    "a small happy dog",
    "never before 1 2 3",
    "Café: no!",
    "of that school",
    "Россия and 東京",
]

# --- Random weights ---------------------------------------------------------------------------------------------------


def randomize(model: torch.nn.Module, seed: int, spread: float = 1.6) -> None:
    """Fills all parameters at random, so wide that scores differ clearly and no bias or norm is neutral."""
    generator = torch.Generator().manual_seed(seed)
    scale = spread / math.sqrt(model.config.hidden_size)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if name.endswith("weight") and "norm" in name.split(".")[-2].lower():
                parameter.copy_(1 + 0.2 * noise)
            elif name.endswith("bias"):
                parameter.copy_(0.2 * noise)
            else:
                parameter.copy_(scale * noise)


def balance(model: transformers.PreTrainedModel, tokenizer: transformers.PreTrainedTokenizerBase) -> None:
    """Shifts and scales the last layer of a classification head, so that each label wins for some texts or tokens."""
    head = model.classifier if hasattr(model, "classifier") else model.score
    last = getattr(head, "out_proj", head)
    with torch.no_grad():
        encodings = [tokenizer(text, return_tensors="pt", truncation=True, max_length=12) for text in CALIBRATION]
        found = [model.eval()(**encoding).logits for encoding in encodings]
        logits = torch.cat([each.flatten(0, -2) for each in found])
        scale = SPREAD_OF_LOGITS / logits.std(dim=0)
        last.weight.mul_(scale.unsqueeze(1))
        if last.bias is not None:  # decoders classify sequences without
            last.bias.copy_((last.bias - logits.mean(dim=0)) * scale)


def save_random_model(
    folder: Path,
    model_class: type[transformers.PreTrainedModel],
    config: transformers.PreTrainedConfig,
    seed: int,
    dtype: torch.dtype = torch.float32,
    max_shard_size: str = "1GB",
    balanced_with: transformers.PreTrainedTokenizerBase | None = None,
) -> None:
    """Saves `model_class(config)` with random weights of `dtype`, a classification head balanced over some texts."""
    model = model_class(config)
    randomize(model, seed)
    if balanced_with:
        balance(model, balanced_with)
    model.to(dtype).save_pretrained(folder, max_shard_size=max_shard_size)


# --- What old files on the Hub look like ------------------------------------------------------------------------------


def rewrite_tensors(folder: Path, change: Callable[[Tensors], Tensors], file: str = "model.safetensors") -> None:
    """Replaces the tensors of a one-file checkpoint, or of another file, by `change` of them."""
    path = folder / file
    save_file(change(load_file(path)), path, metadata={"format": "pt"})


def with_gamma_and_beta(tensors: Tensors) -> Tensors:
    """The names that TensorFlow checkpoints brought along: LayerNorm.gamma and LayerNorm.beta."""
    renamed = {}
    for name, tensor in tensors.items():
        name = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        renamed[name] = tensor
    return renamed


def without_prefix(tensors: Tensors) -> Tensors:
    """Leaves out the name of the base model before its tensors, as files of bare encoders do."""
    base = re.compile(r"^(bert|roberta|distilbert|mpnet|electra|albert|nomic_bert|gte|deberta)\.")
    return {base.sub("", name): tensor for name, tensor in tensors.items()}


def with_leftovers(tensors: Tensors) -> Tensors:
    """Adds the position_ids buffer and the copies of tied tensors, as files saved by old versions carry them."""
    positions = tensors["bert.embeddings.position_embeddings.weight"].shape[0]
    return tensors | {
        "bert.embeddings.position_ids": torch.arange(positions).unsqueeze(0),
        "cls.predictions.decoder.weight": tensors["bert.embeddings.word_embeddings.weight"].clone(),
        "cls.predictions.decoder.bias": tensors["cls.predictions.bias"].clone(),
    }


def with_another_decoder(tensors: Tensors) -> Tensors:
    """Stores a decoder that is not the word embeddings, though the config says that they are tied."""
    return tensors | {"cls.predictions.decoder.weight": tensors["bert.embeddings.word_embeddings.weight"].flip(0)}


def with_decoder_only(tensors: Tensors) -> Tensors:
    """Stores what is tied under the decoder's names alone."""
    renamed = dict(tensors)
    renamed["cls.predictions.decoder.weight"] = renamed.pop("bert.embeddings.word_embeddings.weight")
    renamed["cls.predictions.decoder.bias"] = renamed.pop("cls.predictions.bias")
    return renamed
