"""Random LoRA adapters on a checkpoint."""

import json
import random
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoTokenizer, PreTrainedModel

from fixtures_adapters import fill_adapter
from fixtures_base import write_json


def save_random_adapter(folder: Path, model_class: type[PreTrainedModel], chooser: random.Random) -> Path:
    """Puts a random adapter into a folder with its base; returns where the merged model is saved for the reference."""
    model = model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    linear = [
        name
        for name, module in model.base_model.named_modules()
        if isinstance(module, torch.nn.Linear) or type(module).__name__ == "Conv1D"
    ]
    names = sorted({name.split(".")[-1] for name in linear})
    config = LoraConfig(
        r=chooser.choice([1, 2, 4]),
        lora_alpha=chooser.choice([1, 4, 9]),
        use_rslora=chooser.random() < 0.3,
        target_modules=chooser.sample(names, chooser.randint(1, len(names))),
        alpha_pattern={chooser.choice(names): 3} if chooser.random() < 0.5 else {},
        bias=chooser.choice(["none", "none", "lora_only", "all"]),
        fan_in_fan_out=type(model).__name__.startswith("GPT2"),
    )
    adapted = get_peft_model(model, config).eval()
    fill_adapter(adapted, torch.Generator().manual_seed(chooser.getrandbits(32)))
    adapted.save_pretrained(folder, safe_serialization=chooser.random() < 0.7)
    (folder / "README.md").unlink(missing_ok=True)
    path = folder / "adapter_config.json"
    write_json(path, json.loads(path.read_text(encoding="utf-8")) | {"base_model_name_or_path": folder.name})
    merged = folder.parent / "merged"
    adapted.merge_and_unload().save_pretrained(merged)
    AutoTokenizer.from_pretrained(folder).save_pretrained(merged)
    return merged
