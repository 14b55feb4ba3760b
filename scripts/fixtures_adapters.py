"""Adapters of `peft` on tiny checkpoints, with what the merged models answer."""

import json
import shutil
import zlib
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoTokenizer, BertForMaskedLM, BertForSequenceClassification, BertModel, GPT2Model
from transformers import GteForMaskedLM, GteForSequenceClassification, NomicBertForSequenceClassification
from transformers import NomicBertModel, PreTrainedModel

from fixtures_base import FIXTURES, JSON, Case, TransformersReference, start_afresh, write_golden, write_json
from fixtures_bert import EXTRACT_BASICS, FILL_MASK_BASICS
from fixtures_weights import Tensors, rewrite_tensors


@dataclass(frozen=True)
class AdapterFixture:
    """An adapter on a checkpoint of the fixtures, and the calls whose goldens lie beside it."""

    name: str
    base: str  # below Tests/Fixtures
    model_class: type[PreTrainedModel]
    config: dict[str, JSON]
    cases: list[Case]
    pickled: bool = False  # adapter_model.bin in the place of safetensors
    renamed: dict[str, str] = field(default_factory=dict)  # parts of the names of tensors, and what is in their place


CLASSIFY = [Case("text-classification", text, {"top_k": None}) for text in ["The cat sat.", "Is it good?"]]

MASKED = [
    Case(case.task, case.inputs.replace("[MASK]", "<mask>"), case.parameters)
    for case in FILL_MASK_BASICS
    if isinstance(case.inputs, str)
]

ADAPTERS = [
    AdapterFixture(
        "lora-features",
        "checkpoints/bert-encoder",
        BertModel,
        {
            "task_type": "FEATURE_EXTRACTION",
            "r": 4,
            "lora_alpha": 9,
            "target_modules": ["query", "value", "word_embeddings"],
            "rank_pattern": {"layer.1.attention.self.query": 2},
            "alpha_pattern": {"value": 3, "^encoder.layer.0.attention.self.query": 5},
        },
        EXTRACT_BASICS,
    ),
    AdapterFixture(
        "lora-sequence",
        "checkpoints/bert-tiny",
        BertForSequenceClassification,
        {
            "task_type": "SEQ_CLS",
            "r": 3,
            "lora_alpha": 4,
            "use_rslora": True,
            "target_modules": "all-linear",
            "modules_to_save": ["classifier", "pooler"],
            "bias": "all",
        },
        CLASSIFY,
    ),
    AdapterFixture(
        "lora-masked",
        "checkpoints/bert-f16",
        BertForMaskedLM,
        {
            "r": 2,
            "target_modules": ["dense", "key"],
            "layers_to_transform": [1],
            "bias": "lora_only",
        },
        FILL_MASK_BASICS,
        pickled=True,
    ),
    AdapterFixture(
        "lora-transposed",
        "decoders/gpt2",
        GPT2Model,
        {"task_type": "FEATURE_EXTRACTION", "r": 3, "target_modules": ["c_attn", "c_proj", "c_fc"], "fan_in_fan_out": True},
        [],
    ),
    # The files of these bases have other names than the classes.
    AdapterFixture(
        "lora-gte-masked",
        "checkpoints/gte-masked",
        GteForMaskedLM,
        {
            "r": 3,
            "lora_alpha": 5,
            "use_rslora": True,
            "target_modules": ["q_proj", "v_proj", "o_proj", "up_proj", "dense"],
            "rank_pattern": {"layers.1.self_attn.q_proj": 2},
            "alpha_pattern": {"up_proj": 2, "^gte.layers.0.self_attn.v_proj": 7},
            "modules_to_save": ["k_proj", "layer_norm"],
            "bias": "all",
        },
        MASKED,
    ),
    AdapterFixture(
        "lora-gte-sequence",
        "checkpoints/gte-sequence",
        GteForSequenceClassification,
        {"task_type": "SEQ_CLS", "r": 2, "lora_alpha": 2, "target_modules": "all-linear", "bias": "lora_only"},
        CLASSIFY,
    ),
    AdapterFixture(
        "lora-gte-files",
        "checkpoints/gte-masked",
        GteForMaskedLM,
        {"r": 2, "target_modules": ["o_proj", "down_proj"]},
        [],
        renamed={"gte.layers.": "new.encoder.layer.", "self_attn.o_proj": "attention.o_proj"},
    ),
    AdapterFixture(
        "lora-nomic-features",
        "checkpoints/nomic-encoder",
        NomicBertModel,
        {
            "task_type": "FEATURE_EXTRACTION",
            "r": 4,
            "lora_alpha": 9,
            "target_modules": ["q_proj", "k_proj", "gate_proj", "down_proj", "word_embeddings"],
            "alpha_pattern": {"layers.0.self_attn.k_proj": 3},
        },
        EXTRACT_BASICS,
    ),
    AdapterFixture(
        "lora-nomic-sequence",
        "checkpoints/nomic-sequence",
        NomicBertForSequenceClassification,
        {
            "task_type": "SEQ_CLS",
            "r": 3,
            "target_modules": ["v_proj", "o_proj", "up_proj"],
            "modules_to_save": ["classifier", "pooler", "post_attention_layernorm"],
            "bias": "all",
        },
        CLASSIFY,
        pickled=True,
    ),
]


def fill_adapter(adapted: torch.nn.Module, generator: torch.Generator) -> None:
    """Fills what an adapter trains at random."""
    with torch.no_grad():
        for parameter in adapted.parameters():
            if parameter.requires_grad:
                parameter.copy_(0.2 * torch.randn(parameter.shape, generator=generator))


def renamed(changes: dict[str, str], tensors: Tensors) -> Tensors:
    for part, other in changes.items():
        tensors = {name.replace(part, other): tensor for name, tensor in tensors.items()}
    return tensors


def make_adapter(fixture: AdapterFixture, folder: Path) -> None:
    """Saves a random adapter, and records what the base with it answers: merged or not, and loaded again."""
    start_afresh(folder)
    base = FIXTURES / fixture.base

    def load_base() -> PreTrainedModel:
        with TemporaryDirectory() as place:
            folder = Path(shutil.copytree(base, place, dirs_exist_ok=True))
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            if config["model_type"] == "new":  # that transformers loads with the code beside the files alone
                angles = {"rope_type": "default", "rope_theta": config.pop("rope_theta")}
                config |= {"model_type": "gte", "rope_parameters": angles}
                write_json(folder / "config.json", config)
            options = {"dtype": torch.float32, "attn_implementation": "eager"}
            return fixture.model_class.from_pretrained(folder, **options)

    adapted = get_peft_model(load_base(), LoraConfig(**fixture.config)).eval()
    model = adapted.base_model.model
    generator = torch.Generator().manual_seed(zlib.crc32(fixture.name.encode()))
    fill_adapter(adapted, generator)
    adapted.save_pretrained(folder, safe_serialization=not fixture.pickled)
    (folder / "README.md").unlink()
    if fixture.renamed:
        rewrite_tensors(folder, partial(renamed, fixture.renamed), "adapter_model.safetensors")
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    for key in ("target_modules", "modules_to_save"):
        if isinstance(config[key], list):
            config[key].sort()
    write_json(folder / "adapter_config.json", config | {"base_model_name_or_path": base.name})

    ids = torch.randint(5, model.config.vocab_size, (1, 11), generator=generator)
    again = load_base()
    again.load_adapter(str(folder), use_safetensors=not fixture.pickled)
    with torch.no_grad():
        apart = adapted(input_ids=ids)[0]
        torch.testing.assert_close(again(input_ids=ids)[0], apart, atol=1e-5, rtol=1e-5)
        merged = adapted.merge_and_unload()
        hidden = merged.base_model(input_ids=ids)[0]
        torch.testing.assert_close(merged(input_ids=ids)[0], apart, atol=1e-5, rtol=1e-5)
    entries = [{"task": "forward", "input_ids": ids[0].tolist(), "last_hidden_state": hidden[0].tolist()}]
    if fixture.cases:
        with TemporaryDirectory() as place:
            merged.save_pretrained(place)
            AutoTokenizer.from_pretrained(base).save_pretrained(place)
            reference = TransformersReference(Path(place))
            entries += [reference.record(case) for case in fixture.cases]
    write_golden(folder, entries)
