#!/usr/bin/env python3
"""Tells where `transformers` disagrees with the tokenizer.json that it loads: it builds parts of some tokenizers from code.

Loads the families of Tests/Fixtures/tokenizer-families by the class that tokenizer_config.json of such models names, and prints, as a
table in Markdown, which stages it has replaced and for how many of 2,000 texts the ids differ from those of `tokenizers`.
Needs the packages of requirements-fixtures.txt.
"""

import json
import tempfile
from pathlib import Path

import transformers
from tokenizers import Tokenizer

from tokenizer_texts import Texts, with_tokens

FAMILIES = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "tokenizer-families"
CLASSES = {
    "bert": "BertTokenizer", "bert-cased": "BertTokenizer", "mpnet": "MPNetTokenizer", "roberta": "RobertaTokenizer", "gpt2": "GPT2Tokenizer",
    "gpt-neox": "GPTNeoXTokenizer", "modernbert": "PreTrainedTokenizerFast", "bloom": "BloomTokenizer",
    "llama3": "PreTrainedTokenizerFast", "qwen2": "Qwen2Tokenizer", "clip": "CLIPTokenizer", "llama2": "LlamaTokenizer",
    "gemma": "GemmaTokenizer", "nllb": "NllbTokenizer", "xlm-roberta": "XLMRobertaTokenizer", "camembert": "CamembertTokenizer",
    "t5": "T5Tokenizer", "mbart": "MBartTokenizer", "mbart50": "MBart50Tokenizer", "albert": "AlbertTokenizer",
    "deberta-v3": "DebertaV2Tokenizer", "xlnet": "XLNetTokenizer", "openai-gpt": "OpenAIGPTTokenizer",
}
STAGES = ("normalizer", "pre_tokenizer", "post_processor", "decoder")


def names(stage):
    """The types of a stage, those of a sequence in their order."""
    if stage is None:
        return "none"
    parts = next((stage[key] for key in ("normalizers", "pretokenizers", "processors", "decoders") if key in stage), [stage])
    return ", ".join(part["type"] for part in parts) or "nothing"


def main():
    print("| tokenizer.json of | class | stages replaced | texts with other ids |\n|---|---|---|---|")
    for name, type_name in CLASSES.items():
        text = (FAMILIES / name / "tokenizer.json").read_text()
        document = json.loads(text)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "tokenizer.json").write_text(text)
            (Path(folder) / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": type_name}))
            try:
                loaded = transformers.AutoTokenizer.from_pretrained(folder)
            except Exception as error:
                print(f"| {name} | {type_name} | does not load: {str(error).splitlines()[0][:80]} | |")
                continue
        rebuilt = json.loads(loaded.backend_tokenizer.to_str())
        replaced = [f"{stage}: {names(document[stage])} → {names(rebuilt[stage])}" for stage in STAGES
                    if canonical(document, stage) != canonical(rebuilt, stage)]
        source, tokens = Texts(9), [token["content"] for token in document["added_tokens"]]
        tokenizer = Tokenizer.from_str(text)
        texts = [with_tokens(source.text(3), tokens) for _ in range(2000)]
        differing = sum(loaded(text)["input_ids"] != tokenizer.encode(text).ids for text in texts)
        print(f"| {name} | `{type_name}` | {'; '.join(replaced) or 'none'} | {differing / 20:.1f} % |", flush=True)


def canonical(document, stage):
    """A stage as text that does not depend on the order of keys."""
    return json.dumps(document[stage], sort_keys=True)


if __name__ == "__main__":
    main()
