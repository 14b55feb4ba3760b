#!/usr/bin/env python3
"""Writes Tests/Fixtures/settings/cases.json: a setting in a file of a checkpoint, and what the reference answers with it.

Run by hand, with the packages of `requirements-fixtures.txt`, after `make_fixtures.py`, whose checkpoints it edits.

Each case is one or several edits of a checkpoint's JSON files and one call. `refused` names what Penstock refuses
instead, whatever the reference does; its answer is not recorded then.
"""

import copy
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from make_fixtures import (
    FIXTURES,
    JSON,
    Case,
    SentenceReference,
    TransformersReference,
    lines_of_json,
    use_reference_settings,
)

REMOVED = object()


@dataclass(frozen=True)
class Edit:
    """Replaces, adds or removes a value at a path of a JSON file; an empty path is the whole file."""

    file: str
    path: list[str | int]
    value: JSON = REMOVED

    def apply(self, folder: Path) -> None:
        file = folder / self.file
        if not self.path:
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps(self.value, ensure_ascii=False), encoding="utf-8")
            return
        document = json.loads(file.read_text(encoding="utf-8"))
        target = document
        for key in self.path[:-1]:
            target = target[key]
        if self.value is REMOVED:
            del target[self.path[-1]]
        else:
            target[self.path[-1]] = copy.deepcopy(self.value)
        file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    def json(self) -> dict[str, JSON]:
        entry = {"file": self.file, "path": self.path}
        return entry if self.value is REMOVED else entry | {"value": self.value}


@dataclass(frozen=True)
class Setting:
    """Edits of a checkpoint, and a call."""

    edits: list[Edit]
    call: Case
    checkpoint: str
    refused: str | None = None

    def record(self) -> dict[str, JSON]:
        entry = {"checkpoint": self.checkpoint, "edits": [edit.json() for edit in self.edits]}
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / self.checkpoint
            shutil.copytree(FIXTURES / "checkpoints" / self.checkpoint, folder)
            for edit in self.edits:
                edit.apply(folder)
            try:
                reference = (SentenceReference if self.checkpoint.startswith("st-") else TransformersReference)(folder)
                golden = reference.record(self.call)
                if self.call.task == "fill-mask" and "output" in golden and reference.has_near_ties(self.call):
                    raise SystemExit(f"near ties: {entry}")
            except Exception as error:  # whatever upstream raises is the golden
                call = {"task": self.call.task, "inputs": self.call.inputs, "parameters": self.call.parameters}
                golden = call | {"error": f"{type(error).__name__}: {str(error)[:200]}"}
        if self.refused is None:
            return entry | golden
        found = golden.pop("error", "an answer")
        golden.pop("output", None)
        return entry | golden | {"refused": self.refused, "reference": found.splitlines()[0]}


MASKED = "The [MASK] sat on the Mat, Café [SEP] 東京 🦙 un##able."
LONG_MASKED = "[MASK] the cat sat on the mat and the dog ran to the river by the house"
TEXTS = ["The CAT sat on the mat by the river and then it went home again", "Café 東京 [SEP] the [sep]"]


def fill(edits: list[Edit], refused: str | None = None, text: str = MASKED, **parameters: JSON) -> Setting:
    return Setting(edits, Case("fill-mask", text, {"top_k": 2} | parameters), "bert-tiny", refused)


def embed(
    edits: list[Edit], refused: str | None = None, checkpoint: str = "st-mean", texts: JSON = TEXTS, **parameters: JSON
) -> Setting:
    return Setting(edits, Case("embed", texts, parameters), checkpoint, refused)


def each(file: str, values: dict[str, list[JSON]], make=fill, **options: JSON) -> list[Setting]:
    """A case for each value of each key at the top of a file."""
    return [make([Edit(file, [key], value)], **options) for key in values for value in values[key]]


def refusals(file: str, values: dict[str, list[JSON]], make=fill, named: str = "{}", **options: JSON) -> list[Setting]:
    return [make([Edit(file, [key], value)], named.format(key), **options) for key in values for value in values[key]]


# --- config.json ------------------------------------------------------------------------------------------------------

CONFIG = each(
    "config.json",
    {
        "hidden_act": ["relu", "gelu_new"],
        "layer_norm_eps": [0.5],
        "position_embedding_type": ["absolute", None],
        "chunk_size_feed_forward": [1],
        "use_cache": [False],
        "output_hidden_states": [True],
        "output_attentions": [True],
        "pad_token_id": [None, 5],
        "bos_token_id": [1],
        "eos_token_id": [[1, 2]],
        "id2label": [{"0": "a", "1": "b", "2": "c"}],
        "label2id": [{"a": 0}],
        "num_labels": [3],
        "problem_type": ["regression"],
        "hidden_dropout_prob": [0.9],
        "attention_probs_dropout_prob": [0.9],
        "classifier_dropout": [0.5],
        "initializer_range": [5.0],
        "torch_dtype": ["float16"],
        "dtype": ["bfloat16"],
        "is_encoder_decoder": [True],
        "is_decoder": [False],
        "add_cross_attention": [False],
        "cross_attention_hidden_size": [7],
        "pruned_heads": [{"0": [1]}],
        "tie_encoder_decoder": [True],
        "torchscript": [True],
        "gradient_checkpointing": [True],
        "head_dim": [7],
        "sliding_window": [2],
        "is_causal": [True, False],
        "use_bidirectional_attention": [False],
        "rope_theta": [100.0],
        "attn_implementation": ["sdpa"],
        "_name_or_path": ["somewhere/else"],
        "auto_map": [{"AutoModelForMaskedLM": "modeling_other.Other"}],
        "custom_pipelines": [{}],
        "task_specific_params": [{"fill-mask": {"top_k": 1}}],
        "prefix": ["the cat "],
        "max_length": [3],
        "num_beams": [4],
        "quantization_config": [None],
        "per_layer_config": [None],
        "configuration_files": [[], ["config.json"]],
        "transformers_weights": [None, "model.safetensors"],
        "tokenizer_class": [None, "PreTrainedTokenizerFast"],
        "transformers_version": ["99.0.0"],
        "an_unknown_key": [1],
    },
) + refusals(
    "config.json",
    {
        "is_decoder": [True, "false"],
        "add_cross_attention": [True],
        "position_embedding_type": ["relative_key", "relative_key_query", "alibi"],
        "quantization_config": [{"quant_method": "gptq", "bits": 4}],
        "per_layer_config": [{"0": {"num_attention_heads": 1}}],
        "configuration_files": [["config.4.0.0.json"]],
        "transformers_weights": ["other.safetensors"],
        "hidden_act": ["mish", "GELU", None, 7],
        "layer_norm_eps": [None, "1e-12", -1.0],
        "hidden_size": [None, 32.0, "32", True, 0],
        "num_hidden_layers": [2.0, None, -1],
        "num_attention_heads": [3, None, 2.0],
        "intermediate_size": [None],
        "vocab_size": [None],
        "max_position_embeddings": [None],
        "type_vocab_size": [None],
        "tie_word_embeddings": [None, "true"],
        "model_type": ["gpt2", 7],
        "hidden_dropout_prob": ["0.1", None],
        "attention_probs_dropout_prob": [True],
        "initializer_range": [None],
        "classifier_dropout": ["0.1"],
        "use_cache": [None, 1],
        "pad_token_id": [0.0, "0"],
        "bos_token_id": ["[CLS]"],
        "eos_token_id": [["[SEP]"]],
    },
)

CONFIG.append(embed([Edit("config.json", ["return_dict"], False)]))
CONFIG.append(
    fill(
        [Edit("adapter_config.json", [], {"peft_type": "LORA", "base_model_name_or_path": "x"})],
        "adapter_model.safetensors",
    )
)

# --- tokenizer_config.json and its companions -------------------------------------------------------------------------

T = "tokenizer_config.json"
MASK = {"__type": "AddedToken", "content": "[MASK]", "lstrip": True, "rstrip": False, "single_word": False}
ADDED = {"lstrip": False, "rstrip": False, "single_word": False, "normalized": False, "special": True}
TRUNCATED = {"tokenizer_kwargs": {"truncation": True, "max_length": 6}}
GENERIC = Edit(T, ["tokenizer_class"], "PreTrainedTokenizerFast")

TOKENIZER_CONFIG = (
    each(
        T,
        {
            "do_lower_case": [False, True],
            "strip_accents": [False, True, None],
            "tokenize_chinese_chars": [False, True],
            "padding_side": ["left"],
            "pad_to_multiple_of": [8],
            "max_length": [4],
            "stride": [2],
            "truncation_strategy": ["only_second"],
            "model_input_names": [["input_ids", "attention_mask"]],
            "clean_up_tokenization_spaces": [True, False],
            "add_prefix_space": [True],
            "add_bos_token": [True],
            "add_eos_token": [True],
            "split_special_tokens": [True, False],
            "extra_special_tokens": [["mat"], {"boi_token": "mat"}, []],
            "additional_special_tokens": [["mat"]],
            "image_token": ["mat"],
            "mask_token": [MASK, MASK | {"normalized": False}, "[SEP]", None],
            "unk_token": ["[PAD]"],
            "cls_token": ["[SEP]"],
            "sep_token": ["[PAD]"],
            "pad_token": ["mat"],
            "init_inputs": [[]],
            "fast_tokenizer_files": [["tokenizer.json"]],
            "auto_map": [{"AutoTokenizer": [None, "tokenization_other.Other"]}],
            "chat_template": ["{{ messages }}"],
            "do_basic_tokenize": [False],
            "never_split": [["mat"]],
            "name_or_path": ["somewhere/else"],
            "processor_class": [None],
            "tokenizer_class": ["BertTokenizerFast", "DistilBertTokenizer", "PreTrainedTokenizerFast", "Unknown"],
            "trim_offsets": [False],
            "use_fast": [False],
            "an_unknown_key": [1],
        },
    )
    + [
        fill([Edit(T, ["do_lower_case"]), Edit(T, ["strip_accents"], False)]),
        fill([Edit(T, ["do_lower_case"], False), Edit(T, ["strip_accents"], True)]),
        fill([Edit(T, ["do_lower_case"]), Edit(T, ["strip_accents"]), Edit(T, ["tokenize_chinese_chars"], False)]),
        fill([GENERIC, Edit(T, ["do_lower_case"], False)]),
        embed([Edit(T, ["split_special_tokens"], True)]),
        embed([GENERIC, Edit(T, ["split_special_tokens"], True)]),
        fill([Edit(T, ["truncation_side"], "left")], text=LONG_MASKED[7:] + " [MASK]", **TRUNCATED),
        fill([Edit(T, ["truncation_side"], "right")], text=LONG_MASKED, **TRUNCATED),
        fill([Edit(T, ["model_max_length"], 6)], text=LONG_MASKED, tokenizer_kwargs={"truncation": True}),
        fill([Edit(T, ["model_max_length"]), Edit(T, ["max_len"], 6)], text=LONG_MASKED,
             tokenizer_kwargs={"truncation": True}),
        fill([Edit(T, ["model_max_length"], None), Edit(T, ["max_len"], 6)], text=LONG_MASKED,
             tokenizer_kwargs={"truncation": True}),
        fill([Edit(T, ["extra_special_tokens"], ["mat"]), Edit(T, ["additional_special_tokens"], ["sat"])]),
        fill([Edit(T, ["extra_special_tokens"], []), Edit(T, ["additional_special_tokens"], ["sat"])]),
        fill([Edit(T, ["added_tokens_decoder"], {"4": ADDED | {"content": "[MASK]"},
                                                 "300": ADDED | {"content": "mat", "special": False}})]),
        fill([Edit(T, ["added_tokens_decoder"], {"4": ADDED | {"content": "[MASK]", "lstrip": True}})]),
        fill([Edit(T, ["added_tokens_decoder"], {"4": ADDED | {"content": "[MASK]", "single_word": True}})],
             text="a[MASK] the [MASK] on"),
        fill([GENERIC, Edit(T, ["added_tokens_decoder"], {"4": ADDED | {"content": "[MASK]", "single_word": True}})],
             text="a[MASK] the [MASK] on"),
        fill([Edit("special_tokens_map.json", [], {"mask_token": "[SEP]"})]),
        fill([Edit("special_tokens_map.json", [], {"additional_special_tokens": ["mat"]})]),
        fill([Edit("special_tokens_map.json", [], {"extra_special_tokens": ["mat"], "x_token": "sat"})]),
        fill([Edit("special_tokens_map.json", [], {"mask_token": "[SEP]"}),
              Edit(T, ["added_tokens_decoder"], {"4": ADDED | {"content": "[MASK]"}})]),
        fill([Edit("added_tokens.json", [], {"mat": 300})]),
    ]
    + refusals(
        T,
        {
            "do_lower_case": ["yes"],
            "fast_tokenizer_files": [["tokenizer.4.0.json"]],
            "init_inputs": [["vocab.txt"]],
            "tokenizer_class": ["BertJapaneseTokenizer", "TapasTokenizer"],
            "truncation_side": ["up"],
            "padding_side": ["up"],
            "model_max_length": ["512", -1],
            "mask_token": [7],
            "extra_special_tokens": ["mat", [7]],
            "additional_special_tokens": ["mat"],
        },
    )
)

# --- tokenizer.json ---------------------------------------------------------------------------------------------------


def file(path: list[str | int], value: JSON, refused: str | None = None, **options: JSON) -> Setting:
    """An edit of tokenizer.json, of a class of upstream that follows it."""
    return fill([GENERIC, Edit("tokenizer.json", path, value)], refused, **options)


TRUNCATION = {"direction": "Left", "max_length": 5, "strategy": "LongestFirst", "stride": 0}
PADDING = {"strategy": {"Fixed": 20}, "direction": "Left", "pad_to_multiple_of": 8, "pad_id": 0, "pad_type_id": 0,
           "pad_token": "[PAD]"}
SINGLE = [{"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]

TOKENIZER = [
    file(["normalizer", "lowercase"], False),
    file(["normalizer", "strip_accents"], False),
    file(["normalizer", "clean_text"], False, text="a\u0000b [MASK]\u200b"),
    file(["normalizer", "handle_chinese_chars"], False),
    file(["normalizer", "an_unknown_key"], 1),
    file(["normalizer"], None),
    file(["normalizer"], {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}]}),
    file(["pre_tokenizer"], {"type": "Whitespace"}),
    file(["pre_tokenizer"], {"type": "Digits", "individual_digits": True}, text="12 [MASK] cat"),
    file(["model", "max_input_chars_per_word"], 2),
    file(["model", "continuing_subword_prefix"], "un"),
    file(["model", "unk_token"], "[PAD]"),
    file(["model", "an_unknown_key"], 1),
    file(["post_processor", "single"], SINGLE),
    file(["post_processor"], None),
    file(["decoder", "cleanup"], False),
    file(["decoder", "prefix"], "s"),
    file(["decoder"], None),
    file(["added_tokens", 4, "lstrip"], True),
    file(["added_tokens", 4, "single_word"], True, text="a[MASK] the [MASK]"),
    file(["added_tokens", 4, "id"], 7),
    file(["an_unknown_key"], 1, "an_unknown_key"),
    file(["truncation"], TRUNCATION, text=LONG_MASKED),
    file(["truncation"], TRUNCATION, text=LONG_MASKED[7:] + " [MASK]", **TRUNCATED),
    file(["padding"], PADDING),
    file(["version"], "2.0", "version"),
    file(["pre_tokenizer", "type"], "Magic", "pre_tokenizer"),
    file(["normalizer", "lowercase"], "yes", "normalizer.lowercase"),
    file(["normalizer", "type"], "Magic", "normalizer"),
    file(["model", "type"], "Magic", "model"),
    file(["decoder", "type"], "Magic", "decoder"),
    file(["post_processor", "type"], "Magic", "post_processor"),
    file(["model", "max_input_chars_per_word"], "2", "model.max_input_chars_per_word"),
]

# --- sentence-transformers --------------------------------------------------------------------------------------------

S = "sentence_bert_config.json"
C = "config_sentence_transformers.json"
P = "1_Pooling/config.json"
D = "2_Dense/config.json"
M = "modules.json"
TEXT = {"method": "forward", "method_output_name": "last_hidden_state"}
MODALITY = Edit(S, ["modality_config"], {"text": TEXT})
TOKENS = Edit(S, ["module_output_name"], "token_embeddings")


def dense(edits: list[Edit], refused: str | None = None, **options: JSON) -> Setting:
    return embed(edits, refused, checkpoint="st-dense-normalize", **options)


def arguments(key: str, value: JSON, refused: str | None = None) -> Setting:
    return embed([Edit(S, [key], value)], refused)


SENTENCES = (
    each(
        S,
        {
            "max_seq_length": [6, None],
            "do_lower_case": [True],
            "transformer_task": ["feature-extraction"],
            "module_output_name": ["anything"],
            "unpad_inputs": [True, False, None],
            "query_length": [4],
            "document_length": [4],
            "query_expansion": [{"strategy": "fixed", "length": 9}],
            "tokenizer_name_or_path": [None],
            "processing_kwargs": [
                None,
                {"text": {"max_length": 6}, "common": {"max_length": 5}},
                {"text": {"max_length": 6}, "common": {"max_length": None}},
                {"text": {"add_special_tokens": False}},
                {"text": {"truncation": "only_first", "padding": "longest", "max_length": 7}},
                {"text": {"truncation": False}},
                {"audio": {"x": 1}, "chat_template": {"y": 1}, "an_unknown_key": {}},
            ],
            "processor_kwargs": [
                {}, {"model_max_length": 5}, {"model_max_length": 5, "truncation_side": "left"},
                {"padding_side": "left", "use_fast": False},
            ],
            "tokenizer_args": [{"model_max_length": 5}],
            "model_args": [{"torch_dtype": "float32"}],
            "model_kwargs": [{"attn_implementation": "sdpa", "add_pooling_layer": False}],
            "config_args": [{"use_cache": True}],
            "config_kwargs": [{"output_attentions": False}],
        },
        embed,
    )
    + refusals(
        S,
        {
            "transformer_task": ["fill-mask", "text-generation", None],
            "modality_config": [None, {"text": TEXT, "message": TEXT | {"format": "flat"}}, {"image": TEXT}],
            "query_lenght": [4],
            "model_name_or_path": ["x"],
            "tokenizer_name_or_path": ["bert-base-uncased"],
            "processing_kwargs": [{"text": {"max_length": "6"}}],
            "do_lower_case": ["true"],
            "max_seq_length": ["6", 6.5, 0],
            "processor_kwargs": [None],
        },
        embed,
    )
    + [
        arguments("processing_kwargs", {"text": {"is_split_into_words": True}}, "is_split_into_words"),
        arguments("processing_kwargs", {"common": {"return_overflowing_tokens": True}}, "return_overflowing_tokens"),
        arguments("processing_kwargs", {"text": {"truncation": "only_second"}}, "truncation"),
        arguments("processing_kwargs", {"text": {"text_pair": "a"}}, "text_pair"),
        arguments("processor_kwargs", {"do_lower_case": False}, "processor_kwargs.do_lower_case"),
        arguments("tokenizer_args", {"add_prefix_space": True}, "tokenizer_args.add_prefix_space"),
        arguments("tokenizer_args", {"truncation_side": "up"}, "truncation_side"),
        arguments("model_args", {"load_in_8bit": True}, "model_args.load_in_8bit"),
        arguments("model_kwargs", {"variant": "fp16"}, "model_kwargs.variant"),
        arguments("config_args", {"hidden_act": "relu"}, "config_args.hidden_act"),
        arguments("config_kwargs", {"num_hidden_layers": 1}, "config_kwargs.num_hidden_layers"),
        embed([MODALITY, TOKENS]),
        embed([MODALITY, Edit(S, ["module_output_name"], "sentence_embedding")], "module_output_name"),
        embed([MODALITY], "module_output_name"),
        embed([Edit(S, ["modality_config"], {"text": TEXT | {"method_output_name": "pooler_output"}}), TOKENS],
              "method_output_name"),
        embed([Edit(S, ["modality_config"], {"text": TEXT | {"method": "encode"}}), TOKENS], "method"),
        embed([Edit(S, ["modality_config"], {"text": TEXT | {"method_output_name": ["last_hidden_state"]}}), TOKENS]),
        embed([Edit(S, ["processor_kwargs"], {"model_max_length": None})], texts=TEXTS[0][:30]),
        embed([Edit(S, ["processor_kwargs"], {"model_max_length": 9}), Edit(S, ["tokenizer_args"],
                                                                            {"model_max_length": 5})]),
        embed([Edit(S, [], {}), Edit("sentence_roberta_config.json", [], {"max_seq_length": 6})]),
        embed([Edit("sentence_roberta_config.json", [], {"max_seq_length": 6})]),
        embed([Edit(S, ["do_lower_case"], True), Edit(T, ["do_lower_case"], False)]),
        embed([Edit(T, ["truncation_side"], "left")]),
    ]
    + each(
        C,
        {
            "truncate_dim": [5, 100, None],
            "prompts": [{"query": "the cat "}],
            "model_type": ["SentenceTransformer"],
            "similarity_fn_name": ["dot", "unknown", 7, None],
            "default_prompt_name": [None],
            "__version__": [{"sentence_transformers": "99.0.0"}],
            "an_unknown_key": [1],
        },
        embed,
    )
    + [
        embed([Edit(C, ["truncate_dim"], 5)], normalize=True),
        embed([Edit(C, ["prompts"], {"query": "the cat "}), Edit(C, ["default_prompt_name"], "query")]),
        embed([Edit(C, ["default_prompt_name"], "query")]),
        embed([Edit(C, ["default_prompt_name"], "passage")], "default_prompt_name"),
    ]
    + refusals(
        C,
        {
            "truncate_dim": [0, -2, "5", 5.0],
            "prompts": [None, ["a"]],
            "model_type": ["SparseEncoder", "CrossEncoder", "MultiVectorEncoder", None],
        },
        embed,
    )
    + [embed([Edit(C, ["prompts"], {"query": 1})], "query", prompt_name="query")]
    + each(P, {"word_embedding_dimension": [7], "pooling_mode_mean_tokens": [False, None], "include_prompt": [True],
               "pooling_mode": ["max", ["cls", "lasttoken"]], "embedding_dimension": [7]}, embed)
    + refusals(P, {"pooling_mode": [None, [], "Mean", "mean_tokens", ["mean", 7]], "include_prompt": [None, "no"],
                   "an_unknown_key": [1], "word_embedding_dimension": ["16", None]}, embed)
    + [embed([Edit(P, [], {"pooling_mode": "mean"})], "embedding_dimension")]
    + each(D, {"activation_function": ["torch.nn.ReLU", "torch.nn.modules.activation.GELU", "mine.Activation"],
               "module_output_name": [None], "init_weight": [None], "use_residual": [None, False],
               "an_unknown_key": [1], "module_input_name": ["sentence_embedding"]}, dense)
    + refusals(D, {"activation_function": [None, "torch.nn.modules.activation.Mish", "torch.Tanh", "torch.nn.Softmax"],
                   "bias": [None, False, 1], "in_features": [None, 16.0, "16"], "use_residual": ["yes"],
                   "module_input_name": [None], "init_weight": [[1.0]]}, dense)
    + [
        dense([Edit(D, ["in_features"], 12)], "linear.weight"),
        dense([Edit(D, ["module_input_name"], "other")], "reads other"),
        dense([Edit(D, ["module_output_name"], "attention_mask")], "attention_mask"),
        dense([Edit(D, ["module_output_name"], "other")]),
        dense([Edit(D, ["use_residual"], True)], "residual.weight"),
        embed([Edit("2_Normalize/config.json", [], {"module_input_name": "token_embeddings"})]),
        embed([Edit("2_Normalize/config.json", [], {"module_input_name": "nothing", "an_unknown_key": 1})]),
        embed([Edit("2_Normalize/config.json", [], {"module_input_name": None})], "module_input_name"),
        embed([Edit(M, [2, "kwargs"], ["task"])]),
        embed([Edit(M, [2, "idx"], 7)]),
        embed([Edit(M, [1, "type"], "sentence_transformers.sentence_transformer.modules.pooling.Pooling")]),
        embed([Edit(M, [1, "type"], "mine.Pooling")], "mine.Pooling"),
        embed([Edit(M, [1, "name"], "2")], "2"),
        embed([Edit(M, [1, "path"])], "path"),
        embed([Edit(M, [1])], "sentence_embedding"),
        embed([Edit(M, [0])], "Pooling"),
    ]
    + [
        embed([Edit(M, [2, "type"], f"sentence_transformers.models.{kind}")], kind)
        for kind in ["CNN", "LSTM", "WeightedLayerPooling", "WordEmbeddings", "BoW", "CLIPModel",
                     "StaticEmbedding", "Router", "Asym", "Transformer"]
    ]
)

SETTINGS = CONFIG + TOKENIZER_CONFIG + TOKENIZER + SENTENCES


def main() -> None:
    use_reference_settings()
    folder = FIXTURES / "settings"
    folder.mkdir(exist_ok=True)
    entries = []
    for setting in SETTINGS:
        entries.append(setting.record())
    (folder / "cases.json").write_text(lines_of_json(entries) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
