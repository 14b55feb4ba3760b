"""Adapters of `peft` on tiny checkpoints, with what the merged models answer."""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoTokenizer, BertForMaskedLM, BertForSequenceClassification, BertModel, GPT2Model
from transformers import PreTrainedModel

from fixtures_base import FIXTURES, JSON, Case, TransformersReference, start_afresh, write_golden, write_json
from fixtures_bert import EXTRACT_BASICS, FILL_MASK_BASICS


@dataclass(frozen=True)
class AdapterFixture:
    """An adapter on a checkpoint of the fixtures, and the calls whose goldens lie beside it."""

    name: str
    base: str  # below Tests/Fixtures
    model_class: type[PreTrainedModel]
    config: dict[str, JSON]
    cases: list[Case]
    pickled: bool = False  # adapter_model.bin in the place of safetensors


CLASSIFY = [Case("text-classification", text, {"top_k": None}) for text in ["The cat sat.", "Is it good?"]]

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
]


def fill_adapter(adapted: torch.nn.Module, generator: torch.Generator) -> None:
    """Fills what an adapter trains at random."""
    with torch.no_grad():
        for parameter in adapted.parameters():
            if parameter.requires_grad:
                parameter.copy_(0.2 * torch.randn(parameter.shape, generator=generator))


def make_adapter(fixture: AdapterFixture, folder: Path) -> None:
    """Saves a random adapter, and records what the base with it answers; merged and not, it has to be the same."""
    start_afresh(folder)
    base = FIXTURES / fixture.base
    model = fixture.model_class.from_pretrained(base, dtype=torch.float32, attn_implementation="eager")
    adapted = get_peft_model(model, LoraConfig(**fixture.config)).eval()
    generator = torch.Generator().manual_seed(zlib.crc32(fixture.name.encode()))
    fill_adapter(adapted, generator)
    adapted.save_pretrained(folder, safe_serialization=not fixture.pickled)
    (folder / "README.md").unlink()
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    for key in ("target_modules", "modules_to_save"):
        if isinstance(config[key], list):
            config[key].sort()
    write_json(folder / "adapter_config.json", config | {"base_model_name_or_path": base.name})

    ids = torch.randint(5, model.config.vocab_size, (1, 11), generator=generator)
    with torch.no_grad():
        apart = adapted(input_ids=ids)[0]
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
