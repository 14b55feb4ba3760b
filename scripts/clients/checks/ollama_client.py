"""`ollama`: chats and prompts, whole and streamed, embeddings, and what is told of models."""

import ollama
from conformance import CHAT, KEY, SCHEMA, URL, check, close, embedding, equal, fills_in, generated, main, raises

client = ollama.Client(host=URL, headers={"Authorization": f"Bearer {KEY}"})
OPTIONS = {"temperature": 0, "num_predict": 4}


@check
def a_chat_as_a_whole():
    for name in ("generator", "generator:latest"):
        answer = client.chat(model=name, messages=CHAT, options=OPTIONS)
        equal(answer.message.content, generated(CHAT))
        equal((answer.done, answer.done_reason, answer.eval_count), (True, "length", 4))
        assert answer.created_at.endswith("Z") and answer.total_duration > 0


@check
def a_chat_as_a_stream():
    parts = list(client.chat(model="generator", messages=CHAT, options=OPTIONS, stream=True, tools=[]))
    equal("".join(part.message.content for part in parts), generated(CHAT))
    equal([part.done for part in parts], [False] * (len(parts) - 1) + [True])
    assert len(parts) > 2


@check
def prompts():
    answer = client.generate(model="generator", prompt="t5 t6", raw=True, options=OPTIONS)
    equal(answer.response, generated("t5 t6"))
    parts = list(client.generate(model="generator", prompt="t22 t23", options=OPTIONS, stream=True))
    equal("".join(part.response for part in parts), generated(CHAT))


@check
def embeddings():
    answer = client.embed(model="sentences", input=["the cat", "on"])
    for given, text in zip(answer.embeddings, ["the cat", "on"]):
        close(given, embedding(text))
    close(client.embeddings(model="sentences", prompt="on").embedding, embedding("on"))
    equal(len(client.embed(model="sentences", input="on", dimensions=3).embeddings[0]), 3)


@check
def models_are_listed_and_shown():
    names = [model.model for model in client.list().models]
    assert {"generator:latest", "sentences:latest"} <= set(names), names
    assert {"generator:latest"} <= {model.model for model in client.ps().models}
    shown = client.show("generator")
    assert "completion" in shown.capabilities
    architecture = shown.modelinfo["general.architecture"]
    assert shown.modelinfo[f"{architecture}.context_length"] > 0


@check
def errors_have_statuses():
    equal(raises(ollama.ResponseError, lambda: client.show("nothing")).status_code, 404)
    equal(raises(ollama.ResponseError, lambda: client.pull("nothing")).status_code, 501)
    error = raises(ollama.ResponseError, lambda: client.generate(model="generator", prompt="t5", suffix="t6"))
    equal(error.status_code, 400)
    assert "suffix" in error.error


main()
