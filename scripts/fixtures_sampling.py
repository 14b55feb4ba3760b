#!/usr/bin/env python3
"""Writes Tests/Fixtures/sampling.json: scores as `generate` processes them, and searches over a table of scores.

Run by hand, with the packages of `requirements-fixtures.txt`:

    scripts/fixtures_sampling.py

A model is a table: the scores of the next token as a function of the last one and of the length modulo 3. So greedy and
beam search need no weights to be compared, and the processors are those that `generate` makes of its parameters.
-Infinity is written as null.
"""

import json
import math
from typing import Any

import torch
from transformers import GenerationConfig, GenerationMixin, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

from fixtures_base import FIXTURES, JSON, use_reference_settings

VOCABULARY = 60
PAD = 999
random = torch.Generator().manual_seed(7)


class TableConfig(PreTrainedConfig):
    model_type = "table-of-scores"


class TableModel(PreTrainedModel, GenerationMixin):
    """The scores of the next token by the length of a text and its last token: `[3, vocabulary, vocabulary]`."""

    config_class = TableConfig
    main_input_name = "input_ids"
    _supports_cache_class = False

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__(TableConfig())
        self.table = torch.nn.Parameter(table, requires_grad=False)
        self.generation_config = GenerationConfig()

    def forward(self, input_ids: torch.Tensor, **_: Any) -> CausalLMOutput:
        lengths = torch.arange(1, input_ids.shape[1] + 1) % 3
        return CausalLMOutput(logits=self.table[lengths, input_ids])

    def processed(self, scores: torch.Tensor, prompt: list[int], answer: list[int], parameters: JSON) -> torch.Tensor:
        """The scores for the token behind prompt and answer, as `generate` chooses by them."""
        config, _ = self._prepare_generation_config(None, **parameters)
        prompt_ids = torch.tensor([prompt])
        self._prepare_special_tokens(config, device=prompt_ids.device)
        has_default = "max_length" not in parameters
        config = self._prepare_generated_length(
            config, has_default, "min_length" not in parameters, "input_ids", len(prompt), prompt_ids
        )
        processors = self._get_logits_processor(config, len(prompt), prompt_ids, device=prompt_ids.device)
        return processors(torch.tensor([prompt + answer]), scores.clone()[None])[0]


def floats(values: torch.Tensor) -> list[float | None]:
    # Nine digits tell any two floats apart.
    return [None if value == -math.inf else float(f"{value:.9g}") for value in values.tolist()]


def scores() -> dict[str, torch.Tensor]:
    """Scores of several kinds, none of which makes a bound a matter of rounding."""
    normal = torch.randn(VOCABULARY, generator=random) * 3
    tied = torch.randint(-4, 5, (VOCABULARY,), generator=random).float()
    holes = torch.randn(VOCABULARY, generator=random)
    holes[::7] = -math.inf
    return {
        "normal": normal,
        "peaked": torch.randn(VOCABULARY, generator=random) * 12,
        "flat": torch.randn(VOCABULARY, generator=random) * 0.05,
        "tied": tied,
        "holes": holes,
    }


PROMPT = [5, 6, 7, 5, 6, 8, 9, 5]
ANSWER = [6, 7, 30, 5, 6]

PROCESSORS: list[dict[str, JSON]] = [
    {},
    {"repetition_penalty": 1.3},
    {"repetition_penalty": 0.8},
    {"encoder_repetition_penalty": 1.5},
    {"encoder_repetition_penalty": 1.5, "repetition_penalty": 1.2},
    {"no_repeat_ngram_size": 1},
    {"no_repeat_ngram_size": 2},
    {"no_repeat_ngram_size": 3},
    {"no_repeat_ngram_size": 14},
    {"encoder_no_repeat_ngram_size": 2},
    {"encoder_no_repeat_ngram_size": 3},
    {"bad_words_ids": [[1], [5, 6, 7], [6, 8], [2, 3]]},
    {"bad_words_ids": [[1], [2]], "eos_token_id": [2, 3]},
    {"sequence_bias": [[[1], 2.5], [[5, 6, 8], -3.0], [[6, 9], 1.5], [[7, 9], 10.0]]},
    {"min_length": 14, "eos_token_id": [2, 3]},
    {"min_length": 13, "eos_token_id": [2, 3]},
    {"min_new_tokens": 6, "eos_token_id": 2},
    {"min_new_tokens": 5, "eos_token_id": 2},
    {"min_new_tokens": 5, "min_length": 100, "eos_token_id": 2},
    {"forced_eos_token_id": [2, 4], "max_new_tokens": 6},
    {"forced_eos_token_id": 2, "max_length": 14},
    {"forced_eos_token_id": 2, "max_length": 15},
    {"forced_bos_token_id": 4},
    {"remove_invalid_values": True, "bad_words_ids": [[1]], "suppress_tokens": [9]},
    {"exponential_decay_length_penalty": [3, 1.4], "eos_token_id": [2, 3]},
    {"exponential_decay_length_penalty": [5, 1.4], "eos_token_id": [2, 3]},
    {"exponential_decay_length_penalty": [3, 1.4], "eos_token_id": [2, 3, 2]},
    {"suppress_tokens": [0, 5, 59, 70]},
    {"begin_suppress_tokens": [0, 5]},
    {"renormalize_logits": True, "repetition_penalty": 1.3},
    {"repetition_penalty": 1.3, "no_repeat_ngram_size": 2, "bad_words_ids": [[1]], "suppress_tokens": [4],
     "sequence_bias": [[[6, 9], 1.5]], "min_new_tokens": 9, "eos_token_id": 2},
]

FILTERS: list[dict[str, JSON]] = [
    {"temperature": 0.7},
    {"temperature": 2.5, "top_k": 0},
    {"top_k": 1},
    {"top_k": 7},
    {"top_k": 20, "temperature": 0.3},
    {"top_k": 0, "top_p": 0.9},
    {"top_k": 0, "top_p": 0.35},
    {"top_k": 0, "top_p": 0.999},
    {"top_p": 0.0},
    {"top_p": 0.8, "temperature": 1.7},
    {"min_p": 0.1},
    {"min_p": 0.5, "top_k": 0},
    {"typical_p": 0.3, "top_k": 0},
    {"typical_p": 0.9, "top_k": 0},
    {"typical_p": 0.6, "temperature": 1.5},
    {"epsilon_cutoff": 0.02, "top_k": 0},
    {"eta_cutoff": 0.02, "top_k": 0},
    {"eta_cutoff": 0.3},
    {"top_h": 0.4},
    {"top_h": 0.8, "top_k": 10},
    {"top_h": 0.6, "top_k": 0, "min_p": 0.3},
    {"top_h": 0.8, "top_p": 0.9},
    {"top_k": 30, "top_p": 0.9, "min_p": 0.02, "typical_p": 0.95, "epsilon_cutoff": 0.001, "eta_cutoff": 0.01},
    {"temperature": 0.9, "repetition_penalty": 1.2, "top_k": 12, "top_p": 0.85, "renormalize_logits": True},
    {"num_beams": 3, "top_k": 1, "eos_token_id": [2, 3]},
    {"num_beams": 3, "top_k": 0, "top_p": 0.01, "eos_token_id": [2, 3]},
    {"num_beams": 3, "top_k": 0, "min_p": 0.99},
    {"num_beams": 3, "top_k": 0, "typical_p": 0.01},
    {"num_beams": 3, "top_k": 0, "epsilon_cutoff": 0.9},
    {"num_beams": 3, "top_k": 0, "eta_cutoff": 0.9},
]


def processor_cases(kinds: dict[str, torch.Tensor]) -> list[JSON]:
    model = TableModel(torch.zeros(3, 1, 1))
    cases = []
    # Penalties and sequences do not care what the scores are like; filters do.
    plans = [({"do_sample": False}, PROCESSORS, ["normal", "holes"])]
    plans += [({"do_sample": True, "temperature": 1.0}, FILTERS, list(kinds))]
    for base, group, names in plans:
        for parameters in group:
            for name in names:
                texts = [(PROMPT, ANSWER)]
                if "forced_bos_token_id" in parameters or "begin_suppress_tokens" in parameters:
                    texts = [([5], []), (PROMPT, [])]
                for prompt, answer in texts:
                    given = base | parameters
                    result = model.processed(kinds[name], prompt, answer, given)
                    cases.append({
                        "parameters": given, "scores": name, "prompt": prompt, "answer": answer,
                        "processed": floats(result),
                    })
    return cases


def search_parameters() -> list[JSON]:
    """Parameters of greedy and beam searches."""
    greedy = [
        {}, {"repetition_penalty": 1.5}, {"no_repeat_ngram_size": 2}, {"eos_token_id": [1, 2], "min_new_tokens": 3},
        {"max_length": 7}, {"forced_eos_token_id": 4},
    ]
    beams = []
    for number, answers in [(2, 1), (3, 3), (4, 2)]:
        for early in [False, True, "never"]:
            for power in [1.0, 0.0, -1.0, 2.0]:
                beams.append({
                    "num_beams": number, "num_return_sequences": answers, "early_stopping": early,
                    "length_penalty": power,
                })
    beams += [
        {"num_beams": 3, "num_return_sequences": 2, "min_new_tokens": 4},
        {"num_beams": 3, "num_return_sequences": 2, "repetition_penalty": 1.4, "no_repeat_ngram_size": 2},
        {"num_beams": 3, "num_return_sequences": 3, "renormalize_logits": True, "suppress_tokens": [3, 4]},
        {"num_beams": 2, "num_return_sequences": 2, "eos_token_id": [1, 2, 3]},
        {"num_beams": 4, "num_return_sequences": 4, "eos_token_id": []},
        {"num_beams": 6, "num_return_sequences": 6, "early_stopping": True},
        {"num_beams": 3, "num_return_sequences": 3, "max_new_tokens": 1},
        {"num_beams": 3, "num_return_sequences": 2, "forced_eos_token_id": 1, "max_new_tokens": 6},
        {"num_beams": 3, "num_return_sequences": 3, "bad_words_ids": [[4, 5], [6]], "max_new_tokens": 25},
    ]
    return greedy + beams


def search_cases(tables: list[torch.Tensor]) -> list[JSON]:
    cases = []
    for parameters in search_parameters():
        for index, table in enumerate(tables):
            given = {"do_sample": False, "max_new_tokens": 12, "eos_token_id": 1} | parameters
            if "max_length" in parameters:
                del given["max_new_tokens"]
            prompt = [3, 4 + index]
            call = dict(given)
            if call["eos_token_id"] == []:
                del call["eos_token_id"]
            result = TableModel(table).generate(
                torch.tensor([prompt]), pad_token_id=PAD, use_cache=False, output_scores=True,
                return_dict_in_generate=True, **call,
            )
            answers = [
                [token for token in row[len(prompt):].tolist() if token not in (PAD, -1)] for row in result.sequences
            ]
            values = getattr(result, "sequences_scores", None)
            cases.append({
                "table": index, "prompt": prompt, "parameters": given, "answers": answers,
                "scores": None if values is None else floats(values),
            })
    return cases


def main() -> None:
    use_reference_settings()
    kinds = scores()
    # No token likes itself, and the end token, 1, comes more or less soon.
    tables = [
        torch.randn(3, 10, 10, generator=random) * scale - 4 * torch.eye(10) + end * (torch.arange(10) == 1)
        for scale, end in [(0.8, 0.0), (1.2, 1.5), (2.5, 1.0)]
    ]
    document = {
        "scores": {name: floats(values) for name, values in kinds.items()},
        "processors": processor_cases(kinds),
        "tables": [[[floats(row) for row in part] for part in table] for table in tables],
        "searches": search_cases(tables),
    }
    text = json.dumps(document, separators=(",", ":"))
    (FIXTURES / "sampling.json").write_text(text.replace('{"', '\n{"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
