#!/usr/bin/env python3
"""Writes Tests/Fixtures/chats: the tokens that transformers makes of chats, and the answers of its pipeline.

Needs the packages of requirements-fixtures.txt; run it with their Python, from anywhere. The output is the same on every run.

tokens.json: `chats` are lists of messages; `families` has, by the name of a tokenizer in Tests/Fixtures/tokenizer-families, its
`template`, and `tokens`: for each chat the number of its tokens and a CRC-32 over them (4 bytes each, low one first). The
even chats end with the beginning of an answer, and in the odd ones the model goes on with the last message. No message has
the name of a control token.

pipeline.json: `template` is the chat template of the decoder in Tests/Fixtures/decoders/llama, whose tokens are words (`t0`,
`t1`, …), and each of `cases` has `inputs` and `parameters` for the pipeline, and `answer`, what it gives.
"""

import json
import pathlib
import random
import struct
import zlib

import tokenizers
import transformers
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, pipeline

assert transformers.__version__ == "5.23.0"

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"
FAMILIES = FIXTURES / "tokenizer-families"

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
INST = (
    "{{ '<s>' }}{% for m in messages %}{% if m.role == 'assistant' %}{{ ' ' + m.content + '</s>' }}"
    "{% else %}{{ '[INST] ' ~ m.content ~ ' [/INST]' }}{% endif %}{% endfor %}"
)
TEMPLATES = {
    "smollm": CHATML,
    "qwen2": CHATML,
    "llama2": INST,
    "llama2-metaspace": INST,
    # Names of tokens are put together, and take white space of messages with them.
    "phi3": "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}",
    "gemma": "<bos>{% for m in messages %}{{ '<start_of_turn>' + ('model' if m.role == 'assistant' else m.role) + '\\n' "
             "+ m.content + '<end_of_turn>\\n\\n' }}{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\\n{% endif %}",
    "llama3": "<|begin_of_text|>{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
              "{{ m.content | trim }}<|eot_id|>{% endfor %}"
              "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}",
    # White space is in added tokens, also over the borders of messages.
    "gpt-neox": "{% for m in messages %}  {{ m.role }}:   {{ m.content }}   <|endoftext|>{% endfor %}",
    "deepseek": "<｜begin▁of▁sentence｜>{% for m in messages %}{% if m.role == 'user' %}<｜User｜>{{ m.content }}"
                "{% else %}<think>{{ m.content }}<｜end▁of▁sentence｜>{% endif %}{% endfor %}",
    "mt5": "{% for m in messages %}{{ m.role }}: {{ m.content }}</s>{% endfor %}",
    "t5": "{% for m in messages %}{{ m.role }}: {{ m.content }}</s>{% endfor %}",
    "nllb": "{% for m in messages %}eng_Latn {{ m.content }}</s>{% endfor %}",
    "bert": "[CLS]{% for m in messages %}{{ m.role }} {{ m.content }}[SEP]{% endfor %}",
}


def chats(tokens):
    choose = random.Random(14)
    lines = (FAMILIES / "cases.jsonl").read_text().split("\n")[:-1]
    texts = [text for line in lines if isinstance(text := json.loads(line).get("text"), str)]
    # Scalars of the private planes stand for added tokens there.
    texts = [t for t in texts if len(t) < 60 and all(ord(c) < 0x100000 for c in t) and not any(k in t for k in tokens)]
    texts += ["  ", "a\n\nb\n\n\n", "   def f(x):\n        return x\n", " hello ", "\n\n", "e\u0301", "x" * 40, "1234567"]
    for number in range(16):
        roles = ["system"] * (number % 3 == 0) + ["user", "assistant"] * (1 + number % 4)
        roles += ["user"] * (number % 2 == 0)
        chat = [{"role": role, "content": choose.choice(texts)} for role in roles]
        # What is continued must not be trimmed away.
        if number % 2:
            chat[-1]["content"] = "So " + chat[-1]["content"].strip() + " end"
        yield chat


def family_tokenizers():
    for name in TEMPLATES:
        yield name, PreTrainedTokenizerFast(tokenizer_file=str(FAMILIES / name / "tokenizer.json"))


# --- Answers of the pipeline ------------------------------------------------------------------------------------------

WORDS = (
    "{{ bos_token }} {% if tools %}t7 {{ tools[0].name }} {% endif %}{% for d in documents or [] %}t8 {{ d.text }} {% endfor %}"
    "{% for m in messages %}{{ {'system': 't10', 'user': 't11', 'assistant': 't12'}[m.role] }} {{ m.content }} "
    "{% if extra is defined %}{{ extra }} {% endif %}t13 {% endfor %}{% if add_generation_prompt %}t12{% endif %}"
)


def message(role, content, **more):
    return {"role": role, "content": content, **more}


USER = [message("system", "t20 t21"), message("user", "t22 t23 t24")]
PREFILL = [message("user", "t22 t23"), message("assistant", "t30 t31", name="x")]
CASES = [
    (USER, {}),
    (USER, {"return_full_text": False}),
    ([USER, PREFILL], {}),
    ([USER], {}),
    (PREFILL, {}),
    (PREFILL, {"return_full_text": False}),
    (PREFILL, {"continue_final_message": False}),
    (USER, {"continue_final_message": True}),
    (USER, {"tools": [{"name": "t40"}]}),
    (USER, {"documents": [{"title": "t41", "text": "t42"}, {"title": "t43", "text": "t44 t45"}]}),
    (USER, {"tokenizer_encode_kwargs": {"extra": "t46"}}),
    (USER, {"num_return_sequences": 2, "num_beams": 2}),
]


def words_pipeline():
    folder = FIXTURES / "decoders" / "llama"
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32")
    vocabulary = {f"t{number}": number for number in range(model.config.vocab_size)}
    backend = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="t0"))
    backend.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="t66", pad_token="t65")
    tokenizer.chat_template = WORDS
    model.generation_config.eos_token_id = None
    return pipeline("text-generation", model=model, tokenizer=tokenizer, device="cpu")


def write_answers():
    generator = words_pipeline()
    cases = []
    for inputs, parameters in CASES:
        answer = generator(inputs, do_sample=False, max_new_tokens=6, **parameters)
        cases.append({"inputs": inputs, "parameters": parameters, "answer": answer})
    path = FIXTURES / "chats" / "pipeline.json"
    lines = ",\n".join(json.dumps(case) for case in cases)
    path.write_text(f'{{\n"template": {json.dumps(WORDS)},\n"cases": [\n{lines}\n]\n}}\n')


def main():
    write_answers()
    loaded = dict(family_tokenizers())
    control = {
        t.content for tokenizer in loaded.values() for t in tokenizer.added_tokens_decoder.values() if t.content.strip()
    }
    all_chats = list(chats(control))
    families = {}
    for name, tokenizer in loaded.items():
        results = []
        for number, chat in enumerate(all_chats):
            goes_on = number % 2 == 1
            ids = tokenizer.apply_chat_template(
                chat, chat_template=TEMPLATES[name], add_generation_prompt=not goes_on, continue_final_message=goes_on,
                return_dict=False)
            results.append([len(ids), zlib.crc32(struct.pack(f"<{len(ids)}i", *ids))])
        families[name] = {"template": TEMPLATES[name], "tokens": results}
    path = FIXTURES / "chats" / "tokens.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "{\n\"chats\": [\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in all_chats)
        + "\n],\n\"families\": {\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in families.items()) + "\n}\n}\n")


if __name__ == "__main__":
    main()
