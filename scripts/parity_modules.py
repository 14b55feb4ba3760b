"""Random modules of sentence-transformers on a checkpoint, and what the reference makes of texts with them."""

import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

from fixtures_base import JSON, write_json
from fixtures_sentences import Module, SentenceReference, dense_module, flag_pooling, layer_norm_module, named_pooling
from fixtures_sparse import SparseReference
from fixtures_tokens import TOKEN_NORMALIZE, TokensReference, mask, module_type

# The head of the checkpoint below the modules.
MODULE_HEADS = {"sentence": "hidden", "sparse": "masked", "multi-vector": "hidden"}
MODELS = {"sentence": "SentenceTransformer", "sparse": "SparseEncoder", "multi-vector": "MultiVectorEncoder"}
MODES = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]
PROMPTS = {"query": "query: ", "document": "the text is : ", "none": ""}
ACTIVATIONS = ["activation.Tanh", "activation.GELU", "activation.ReLU", "activation.SiLU", "linear.Identity"]


def save_random_modules(kind: str, folder: Path, chooser: random.Random) -> None:
    """Puts modules of a kind of `MODULE_HEADS` behind the encoder that is saved in a folder."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    # Vectors of OPT are as wide as its words.
    size = next(config[key] for key in ("word_embed_proj_dim", "hidden_size", "n_embd", "dim") if key in config)
    make = {"sentence": sentence_modules, "sparse": sparse_modules, "multi-vector": token_modules}[kind]
    modules, settings = make(size, config["vocab_size"], chooser)
    generator = torch.Generator().manual_seed(chooser.getrandbits(32))
    first = "MLMTransformer" if kind == "sparse" else "Transformer"
    listed = [{"idx": 0, "name": "0", "path": "", "type": type_of(first)}]
    for index, module in enumerate(modules, start=1):
        path = f"{index}_{module.kind}"
        module.save(folder / path, generator)
        listed.append({"idx": index, "name": str(index), "path": path, "type": type_of(module.kind)})
    write_json(folder / "modules.json", listed)
    limit = chooser.choice([None, 8, 16])
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": limit, "do_lower_case": False} | settings)
    prompts = chooser.choice([{}, {"prompts": PROMPTS, "default_prompt_name": chooser.choice([None, "query", "none"])}])
    write_json(folder / "config_sentence_transformers.json", {"model_type": MODELS[kind]} | prompts)


def type_of(kind: str) -> str:
    if kind in ("MLMTransformer", "SpladePooling"):
        return f"sentence_transformers.sparse_encoder.models.{kind}"
    return module_type(kind) if kind == "MultiVectorMask" else f"sentence_transformers.models.{kind}"


Made = tuple[list[Module], dict[str, JSON]]


def sentence_modules(size: int, vocabulary: int, chooser: random.Random) -> Made:
    modes = chooser.sample(MODES, chooser.choice([1, 1, 1, 2, 3]))
    include = {"include_prompt": chooser.random() < 0.7}
    pooling = chooser.choice([flag_pooling(*modes), named_pooling(modes)]) | include
    modules = [Module("Pooling", pooling)]
    width = size * len(modes)
    if chooser.random() < 0.4:
        modules.append(dense_module(width, 10, chooser.choice(ACTIVATIONS), use_residual=chooser.random() < 0.3))
        width = 10
    if chooser.random() < 0.2:
        modules.append(layer_norm_module(width))
    if chooser.random() < 0.5:
        modules.append(Module("Normalize"))
    return modules, {}


def sparse_modules(size: int, vocabulary: int, chooser: random.Random) -> Made:
    pooling = {
        "pooling_strategy": chooser.choice(["max", "sum"]),
        "activation_function": chooser.choice(["relu", "log1p_relu"]),
        "embedding_dimension": vocabulary,
    }
    return [Module("SpladePooling", pooling)], {}


def token_modules(size: int, vocabulary: int, chooser: random.Random) -> Made:
    named = {"module_input_name": "token_embeddings"}
    modules = [dense_module(size, 9, chooser.choice(ACTIVATIONS), **named)] if chooser.random() < 0.7 else []
    skipped = {"skiplist_words": ["!", "the", "e"], "skiplist_tasks": [chooser.choice(["query", "document"])]}
    modules.append(mask(**chooser.choice([{}, skipped])))
    if chooser.random() < 0.7:
        modules.append(TOKEN_NORMALIZE)
    lengths = {"query_length": chooser.choice([None, 9]), "document_length": chooser.choice([None, 14])}
    return modules, {key: value for key, value in lengths.items() if value is not None}


# --- The reference ----------------------------------------------------------------------------------------------------


def kind_of_modules(folder: Path) -> str:
    """The kind, of `MODULE_HEADS`, of a checkpoint with modules.json."""
    path = folder / "config_sentence_transformers.json"
    model = json.loads(path.read_text(encoding="utf-8")).get("model_type") if path.exists() else None
    return next((kind for kind, name in MODELS.items() if name == model), "sentence")


def embedder(
    kind: str, folder: Path, parameters: dict[str, JSON], double: bool = False
) -> Callable[[str], JSON]:
    """What embeds a text with the reference: as a vector, or of late interaction as one for each token.

    With `double` all is computed in float64.
    """
    references = {"sentence": SentenceReference, "sparse": SparseReference, "multi-vector": TokensReference}
    reference = references[kind](folder)
    if double:
        reference.model.double()
    if kind != "sparse":
        return partial(reference.embed, **parameters)

    def weights(text: str) -> JSON:
        options = {"convert_to_sparse_tensor": False, "show_progress_bar": False}
        return reference.model.encode([text], batch_size=1, **options)[0].tolist()

    return weights


def parameters_of(kind: str, chooser: random.Random) -> dict[str, JSON]:
    """Random parameters of calls, which the reference takes, too."""
    if kind == "multi-vector" and chooser.random() < 0.7:
        return {"task": chooser.choice(["query", "document"])}
    if kind == "sentence" and chooser.random() < 0.3:
        return {"normalize": True}
    return {}


def dense(kind: str, answer: JSON, vocabulary: int) -> JSON:
    """An answer of Penstock as the reference has it: all weights of a vocabulary, of sparse ones."""
    if kind != "sparse":
        return answer
    weights = [0.0] * vocabulary
    for element in answer:
        weights[element["index"]] = element["value"]
    return weights
