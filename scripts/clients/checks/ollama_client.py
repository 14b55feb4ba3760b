"""`ollama`: chats and prompts, whole and streamed, embeddings, and what is told of models."""

import asyncio

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
def a_form():
    asked = dict(model="writer", options={"temperature": 0})
    chat = [{"role": "user", "content": "hi"}]
    fills_in(client.chat(**asked, messages=chat, format=SCHEMA).message.content)
    fills_in(client.generate(**asked, prompt="hi", format=SCHEMA).response)
    parts = client.chat(**asked, messages=chat, format=SCHEMA, stream=True)
    fills_in("".join(part.message.content for part in parts))
    asked["options"]["num_predict"] = 9
    assert client.chat(**asked, messages=chat, format="json").message.content.lstrip().startswith("{")


@check
def tools_and_what_came_of_them():
    def judge(good: bool) -> str:
        """Judges.

        Args:
            good: whether it is
        """

    chat = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "tool_calls": [{"function": {"name": "judge", "arguments": {"good": True}}}]},
        {"role": "tool", "tool_name": "judge", "content": "yes"}]
    answer = client.chat(model="writer", messages=chat, tools=[judge], options=OPTIONS)
    equal((answer.message.role, answer.done), ("assistant", True))
    error = raises(
        ollama.ResponseError, lambda: client.chat(model="generator", messages=CHAT, tools=[judge], options=OPTIONS))
    equal(error.status_code, 400)
    equal("tools" in client.show("writer").capabilities, True)


@check
def a_model_is_loaded_by_asking_nothing():
    equal(client.chat(model="generator", messages=[]).done_reason, "load")
    equal(client.generate(model="generator").done_reason, "load")


@check
def asynchronously():
    async def ask():
        asking = ollama.AsyncClient(host=URL, headers={"Authorization": f"Bearer {KEY}"})
        parts = await asking.chat(model="generator", messages=CHAT, options=OPTIONS, stream=True)
        return "".join([part.message.content async for part in parts])

    equal(asyncio.run(ask()), generated(CHAT))


@check
def embeddings():
    answer = client.embed(model="sentences", input=["the cat", "on"])
    for given, text in zip(answer.embeddings, ["the cat", "on"]):
        close(given, embedding(text))
    close(client.embeddings(model="sentences", prompt="on").embedding, embedding("on"))
    equal(len(client.embed(model="sentences", input="on", dimensions=3).embeddings[0]), 3)
    equal(list(client.embed(model="sentences", input="").embeddings), [])


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
