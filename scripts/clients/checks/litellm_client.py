"""`litellm`: embeddings, rerank and chats as it asks several servers for them, on one."""

import litellm
from conformance import (
    CHAT, KEY, SCHEMA, URL, check, close, embedding, equal, fills_in, generated, main, raises, ranking)

TEXTS = ["on", "the cat", "a cat"]


def scores(model, base, **arguments):
    answer = litellm.rerank(model=model, query="the cat", documents=TEXTS, api_base=base, api_key=KEY, **arguments)
    return [(result["index"], result["relevance_score"]) for result in answer.results]


def expected(count=3):
    return sorted(enumerate(ranking("the cat", TEXTS)), key=lambda pair: -pair[1])[:count]


@check
def openai_embeddings():
    for arguments in ({}, {"encoding_format": "float"}, {"encoding_format": "base64"}):
        answer = litellm.embedding(
            model="openai/sentences", input=["the cat"], api_base=f"{URL}/v1", api_key=KEY, **arguments)
        if arguments.get("encoding_format") != "base64":
            close(answer.data[0]["embedding"], embedding("the cat"))


@check
def cohere_rerank():
    equal(scores("cohere/ranker", f"{URL}/v1/rerank", top_n=2), expected(2))


@check
def jina_rerank():
    equal(scores("jina_ai/ranker", URL), expected())


@check
def hosted_vllm_rerank():
    equal(scores("hosted_vllm/ranker", URL, return_documents=True), expected())
    equal(scores("hosted_vllm/ranker", f"{URL}/v1/rerank"), expected())


@check
def huggingface_rerank():
    equal(scores("huggingface/ranker", URL), expected())


#: A provider and the address that it is given for a model.
PROVIDERS = {
    "openai": f"{URL}/v1", "hosted_vllm": f"{URL}/v1", "ollama": URL, "ollama_chat": URL, "anthropic": URL,
    "huggingface": f"{URL}/v1/chat/completions", "text-completion-openai": f"{URL}/v1",
}


def complete(provider, model, messages=CHAT, **arguments):
    return litellm.completion(
        model=f"{provider}/{model}", messages=messages, api_base=PROVIDERS[provider], api_key=KEY, temperature=0,
        **arguments)


def end(provider):
    """Why a text of as many tokens as were asked for has ended; that provider always says the same."""
    return "stop" if provider == "ollama" else "length"


def says(provider, text):
    """That a text is the answer to the chat, of which some providers make a prompt by themselves."""
    if provider == "ollama":
        equal((provider, len(text.split())), (provider, 4))
    else:
        prompt = CHAT[0]["content"] if provider == "text-completion-openai" else CHAT
        equal((provider, text.strip()), (provider, generated(prompt)))


@check
def chats():
    for provider in PROVIDERS:
        answer = complete(provider, "generator", max_tokens=4)
        says(provider, answer.choices[0].message.content)
        equal((provider, answer.choices[0].finish_reason, answer.usage.completion_tokens), (provider, end(provider), 4))


@check
def chats_as_streams():
    for provider in PROVIDERS:
        options = {"include_usage": True}
        chunks = list(complete(provider, "generator", max_tokens=4, stream=True, stream_options=options))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        says(provider, text)
        reasons = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]
        equal((provider, [reason for reason in reasons if reason]), (provider, [end(provider)]))
        equal((provider, chunks[-1].usage.completion_tokens), (provider, 4))


TOOL = {"type": "function", "function": {"name": "judge", "description": "judges", "parameters": SCHEMA}}
HELLO = [{"role": "user", "content": "hi"}]


@check
def calls_of_tools():
    for provider in ("openai", "hosted_vllm", "anthropic"):
        answer = complete(provider, "writer", HELLO, max_tokens=200, tools=[TOOL], tool_choice="required").choices[0]
        equal((provider, answer.finish_reason), (provider, "tool_calls"))
        call = answer.message.tool_calls[0].function
        equal(call.name, "judge")
        fills_in(call.arguments)


@check
def forms():
    form = {"type": "json_schema", "json_schema": {"name": "judgement", "schema": SCHEMA, "strict": True}}
    for provider in ("openai", "hosted_vllm", "ollama", "ollama_chat", "huggingface"):
        fills_in(complete(provider, "writer", HELLO, max_tokens=200, response_format=form).choices[0].message.content)


@check
def errors_by_their_classes():
    ask = lambda model, key=KEY: litellm.embedding(
        model=f"openai/{model}", input=["a"], api_base=f"{URL}/v1", api_key=key, max_retries=0)
    raises(litellm.NotFoundError, lambda: ask("none"))
    raises(litellm.AuthenticationError, lambda: ask("sentences", "wrong"))
    raises(litellm.BadRequestError, lambda: ask("ranker"))


main()
