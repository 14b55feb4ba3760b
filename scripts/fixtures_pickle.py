"""Files of `torch.save`: small archives of every type and layout with their tensors as safetensors, and checkpoints."""

import json
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from fixtures_base import start_afresh
from fixtures_bert import EXTRACT_BASICS, FILL_MASK_BASICS, OLD
from fixtures_checkpoints import Checkpoint, bert_sizes
from fixtures_weights import Tensors, with_gamma_and_beta, with_leftovers

# --- Archives ---------------------------------------------------------------------------------------------------------

WHOLE = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint16, torch.uint32, torch.uint64]
BROKEN = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.float8_e4m3fn, torch.float8_e5m2]


def of_every_type() -> Tensors:
    """One tensor of each type that safetensors has a name for."""
    tensors = {str(dtype): torch.arange(6).reshape(2, 3).to(dtype) for dtype in WHOLE}
    tensors |= {str(dtype): torch.tensor([-1.5, 0.25, 3.0]).to(dtype) for dtype in BROKEN}
    return tensors | {"bool": torch.tensor([True, False, True])}


def of_every_layout() -> Tensors:
    """Views of a few storages: parts, steps, axes in another order, repeated elements."""
    matrix = torch.arange(35, dtype=torch.float32).reshape(5, 7)
    cube = torch.arange(24, dtype=torch.int16).reshape(2, 3, 4)
    with_attribute = torch.ones(2)
    with_attribute.note = "kept by PyTorch, but no part of the numbers"
    return {
        "matrix": matrix,
        "tied": matrix,
        "transposed": matrix.t(),
        "column": matrix[:, 3],
        "row": matrix[2],
        "rows": matrix[1:4],
        "corner": matrix[3:, 4:],
        "steps": matrix[::2, ::3],
        "repeated": matrix[0, :3].expand(4, 3),
        "scalar": matrix[4, 6],
        "empty": torch.empty(0, 3),
        "empty.part": matrix[2:2],
        "one.axis": matrix[:, 2:3],
        "permuted": cube.permute(2, 0, 1),
        "diagonal": torch.arange(9, dtype=torch.float64).reshape(3, 3).diagonal(),
        "parameter": torch.nn.Parameter(torch.tensor([1.0, 2.0])),
        "attribute": with_attribute,
    }


def among_other_things() -> dict[str, object]:
    """What trainers put beside their tensors; none of it is weights."""
    return {
        "weight": torch.tensor([1.0, 2.0]),
        "epoch": 3,
        "many": 1 << 40,
        "less": -(1 << 40),
        "rate": 0.5,
        "name": "naïve",
        "nothing": None,
        "flags": [True, False],
        "shape": torch.Size([2, 3]),
        "pair": ("a", 1),
        "inner": OrderedDict(bias=torch.tensor([3.0])),
        7: torch.tensor([4.0]),
    }


def of_a_module() -> Tensors:
    """The state of a module, with the versions of its parts in an attribute."""
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.LayerNorm(3), torch.nn.BatchNorm1d(3)).state_dict()


ARCHIVES = {
    "types": of_every_type,
    "layouts": of_every_layout,
    "others": among_other_things,
    "module": of_a_module,
}


def make_archives(folder: Path) -> None:
    """Saves each archive with PyTorch, and its tensors with safetensors; and files that are refused."""
    start_afresh(folder)
    for name, make in ARCHIVES.items():
        value = make()
        torch.save(value, folder / f"{name}.bin")
        tensors = {
            key: tensor.detach().clone().contiguous()
            for key, tensor in value.items()
            if isinstance(key, str) and isinstance(tensor, torch.Tensor)
        }
        save_file(tensors, folder / f"{name}.safetensors")
    one = {"weight": torch.tensor([1.0, 2.0])}
    torch.save(one, folder / "legacy.refused", _use_new_zipfile_serialization=False)
    torch.save({"state_dict": one, "epoch": 1}, folder / "wrapped.refused")
    torch.save(one["weight"], folder / "tensor.refused")
    torch.save({"weight": torch.zeros(2, dtype=torch.complex64)}, folder / "complex.refused")
    torch.save({"weight": torch._neg_view(torch.ones(2))}, folder / "negative.refused")
    torch.save({"weight": torch.eye(2).to_sparse()}, folder / "sparse.refused")
    torch.save(torch.nn.Linear(1, 1), folder / "module.refused")
    torch.save(one, folder / "protocol.refused", pickle_protocol=4)
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), folder / "script.refused")


# --- Checkpoints ------------------------------------------------------------------------------------------------------


def as_pickles(folder: Path) -> None:
    """Replaces the safetensors of a checkpoint by files of `torch.save`, of one file or of shards with their index."""
    for path in sorted(folder.glob("model*.safetensors")):
        torch.save(OrderedDict(load_file(path)), folder / pickle_name(path.name))
        path.unlink()
    index = folder / "model.safetensors.index.json"
    if index.exists():
        document = json.loads(index.read_text(encoding="utf-8"))
        document["weight_map"] = {key: pickle_name(name) for key, name in document["weight_map"].items()}
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        index.unlink()


def pickle_name(name: str) -> str:
    return "pytorch_" + name.removesuffix(".safetensors") + ".bin"


CHECKPOINTS = [
    Checkpoint(
        "bert-pickle",
        OLD,
        FILL_MASK_BASICS + EXTRACT_BASICS,
        rewrite=lambda tensors: with_gamma_and_beta(with_leftovers(tensors)),
        old_files=True,
        publish=as_pickles,
    ),
    Checkpoint(
        "bert-pickle-sharded",
        bert_sizes(24, 3, 2, 40, 240),
        FILL_MASK_BASICS + EXTRACT_BASICS,
        dtype=torch.float16,
        max_shard_size="12KB",
        publish=as_pickles,
    ),
]
