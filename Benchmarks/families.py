"""How much of the peak the encoder of each family uses, beside BERT's:

    families.py TOKENIZER_DIR [--binary .build/release/penstock] [--only NAME ...] [--case 32x128 ...] [--dtype float32 ...]

Makes random checkpoints of BERT-base's sizes with `transformers` (in a folder that it removes again; 440 MB at a time), takes the
tokenizer's files from TOKENIZER_DIR, and runs `penstock bench` on each, BERT's before and after. Prints the share of the machine's
peak, and its ratio to BERT's. The shares count the products of the formula alone; what a family does beside them, such as turning
queries and keys, costs time but counts for nothing.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

import torch
import transformers

SIZES = {"vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
FAMILIES = {
    "bert": ("Bert", {}),
    "roberta": ("Roberta", {"pad_token_id": 0}),
    "distilbert": ("DistilBert", {}),
    "mpnet": ("MPNet", {"pad_token_id": 0, "bos_token_id": 0, "eos_token_id": 2}),
    "electra": ("Electra", {"embedding_size": 768}),
    "albert": ("Albert", {"embedding_size": 128}),
    "deberta-v3": (
        "DebertaV2",
        {
            "relative_attention": True,
            "position_buckets": 256,
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False,
            "type_vocab_size": 0,
        },
    ),
    "modernbert": ("ModernBert", {"intermediate_size": 2048, "pad_token_id": 0, "global_attn_every_n_layers": 3}),
    "nomic": ("NomicBert", {}),
    "gte": ("Gte", {}),
}


def make(name: str, tokenizer: Path, out: Path) -> None:
    family, own = FAMILIES[name]
    sizes = SIZES if family != "DistilBert" else {"vocab_size": 30522}
    config = getattr(transformers, f"{family}Config")(**(sizes | own))
    torch.manual_seed(0)
    getattr(transformers, f"{family}Model")(config).save_pretrained(out)
    for file in tokenizer.iterdir():
        if "token" in file.name or file.name == "vocab.txt":
            shutil.copy(file, out)


def shares(binary: str, model: Path, dtype: str, cases: list[str], seconds: float) -> dict[str, float]:
    arguments = [binary, "bench", str(model), "--json", "--no-self-check", "--dtype", dtype, "--seconds", str(seconds)]
    for case in cases:
        arguments += ["--case", case]
    lines = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.splitlines()
    found = [json.loads(line) for line in lines]
    return {line["case"]: line["share_of_peak"] for line in found if "case" in line}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("--binary", default=".build/release/penstock")
    parser.add_argument("--only", nargs="+", default=[name for name in FAMILIES if name != "bert"])
    parser.add_argument("--case", nargs="+", default=["32x128", "mixed32"])
    parser.add_argument("--dtype", nargs="+", default=["float32", "bfloat16", "int8"])
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bert = Path(folder) / "bert"
        make("bert", options.tokenizer, bert)
        for name in options.only:
            model = Path(folder) / name
            make(name, options.tokenizer, model)
            for dtype in options.dtype:
                run = lambda model: shares(options.binary, model, dtype, options.case, options.seconds)
                before, own, after = run(bert), run(model), run(bert)
                for case in options.case:
                    reference = statistics.mean([before[case], after[case]])
                    print(
                        f"{name:12} {dtype:9} {case:8} share {own[case]:.3f}  bert {reference:.3f}  ratio {own[case] / reference:.2f}",
                        flush=True,
                    )
            shutil.rmtree(model)


main()
