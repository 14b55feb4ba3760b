"""Records what transformers generates greedily with the decoders of Tests/Fixtures/decoders.

    venv/bin/python scripts/make_generation_fixtures.py

Writes Tests/Fixtures/decoders/NAME/greedy.json: prompts, and the tokens that follow, up to a place where the two likeliest
tokens are closer than 1e-4, so that either may be taken; and prompts.json: how likely the tokens of the same prompts are,
with the likeliest of each place.

    venv/bin/python scripts/make_generation_fixtures.py prompts

writes prompts.json alone, for the prompts of greedy.json.
"""

import json
import pathlib
import sys

import torch
import transformers

ROOT = pathlib.Path(__file__).parent.parent / "Tests/Fixtures/decoders"
NEW_TOKENS = 200
SEARCHED = ["bloom", "gpt2", "llama"]
LIKELIEST = 3
TIE = 1e-4


def greedy(model, prompt):
    limit = getattr(model.config, "max_position_embeddings", None) or 2048
    new = min(NEW_TOKENS, limit - len(prompt))
    output = model.generate(
        torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), do_sample=False,
        max_new_tokens=new, eos_token_id=None, pad_token_id=0, output_logits=True, return_dict_in_generate=True)
    tokens = []
    for logits, token in zip(output.logits, output.sequences[0, len(prompt):].tolist()):
        first, second = logits[0].float().topk(2).values.tolist()
        if first - second < TIE:
            break
        tokens.append(token)
    return tokens


def beams(model, prompt, count, **settings):
    """The answers of a beam search, the best first, without what fills them up."""
    output = model.generate(
        torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), do_sample=False,
        max_new_tokens=24, eos_token_id=5, pad_token_id=0, num_beams=count, num_return_sequences=count - 1, **settings)
    answers = []
    for answer in output[:, len(prompt):].tolist():
        answers.append(answer[: answer.index(5) + 1] if 5 in answer else answer)
    return {"prompt": prompt, "parameters": {"num_beams": count, "num_return_sequences": count - 1, **settings},
            "answers": answers}


def scored(model, prompt):
    """For each token of a prompt but the first its id, the logarithm of its probability and its rank, and ids and logarithms of
    the likeliest of its place, up to the first of two that are closer than may be told apart."""
    with torch.no_grad():
        logprobs = model(torch.tensor([prompt])).logits[0].float().log_softmax(-1)
    places = []
    for row, token in zip(logprobs[:-1], prompt[1:]):
        values, ids = row.topk(LIKELIEST + 1)
        close = [place for place in range(LIKELIEST) if values[place] - values[place + 1] < TIE]
        likeliest = min(close + [LIKELIEST])
        others = torch.cat([row[:token], row[token + 1:]])
        is_told = (others - row[token]).abs().min() > TIE
        places.append({
            "id": token, "logprob": row[token].item(), "rank": (others > row[token]).sum().item() + 1 if is_told else None,
            "likeliest": list(zip(ids[:likeliest].tolist(), values[:likeliest].tolist()))})
    return {"prompt": prompt, "places": places}


def write(path, cases, **more):
    record = {"reference": f"transformers {transformers.__version__}", "cases": cases, **more}
    path.write_text(json.dumps(record) + "\n")


def main():
    transformers.logging.set_verbosity_error()
    only_prompts = sys.argv[1:] == ["prompts"]
    for directory in sorted(ROOT.iterdir()):
        config = json.loads((directory / "config.json").read_text())
        if {"sequence", "bidirectional"} & set(directory.name.split("-")) or not (directory / "golden.json").exists():
            continue
        model = transformers.AutoModelForCausalLM.from_pretrained(
            directory, dtype=torch.float32, attn_implementation="eager").eval()
        model.generation_config.eos_token_id = None
        if only_prompts:
            known = json.loads((directory / "greedy.json").read_text())
            write(directory / "prompts.json", [scored(model, case["prompt"]) for case in known["cases"]])
            print(directory.name)
            continue
        generator = torch.Generator().manual_seed(len(directory.name))
        cases = []
        limit = getattr(model.config, "max_position_embeddings", None) or 2048
        for length in [length for length in [1, 9, 70] if length < limit]:
            prompt = torch.randint(3, config["vocab_size"], (length,), generator=generator).tolist()
            cases.append({"prompt": prompt, "tokens": greedy(model, prompt)})
        more = {}
        if directory.name in SEARCHED:
            prompt = cases[1]["prompt"]
            more["searches"] = [
                beams(model, prompt, 4), beams(model, prompt, 3, early_stopping=True, length_penalty=0.5),
                beams(model, prompt, 2, early_stopping="never", length_penalty=2.0)]
        write(directory / "greedy.json", cases, **more)
        write(directory / "prompts.json", [scored(model, case["prompt"]) for case in cases])
        print(directory.name, [len(case["tokens"]) for case in cases])


if __name__ == "__main__":
    main()
