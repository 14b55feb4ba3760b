"""`openai`: embeddings as it asks for them by default and otherwise, models, errors by their classes, and texts: chats,
completions and responses, whole and streamed, with tools and with a form."""

import asyncio
import enum
from unittest import mock

import numpy
import openai
import pydantic
from conformance import (
    CHAT, KEY, SCHEMA, SLOW_KEY, URL, check, close, embedding, equal, fills_in, generated, main, native, raises)

client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)


def vectors(answer):
    return [item.embedding for item in answer.data]


@check
def embeddings_by_default_are_base64():
    answer = client.embeddings.create(model="sentences", input="the cat")
    close(answer.data[0].embedding, embedding("the cat"))
    equal(answer.object, "list")
    equal(answer.model, "sentences")
    equal(answer.usage.prompt_tokens, answer.usage.total_tokens)
    assert answer.usage.total_tokens > 2


@check
def embeddings_as_numbers():
    answer = client.embeddings.create(model="sentences", input=["the cat", "on"], encoding_format="float")
    equal(vectors(answer), [embedding("the cat"), embedding("on")])
    equal([item.index for item in answer.data], [0, 1])


@check
def embeddings_with_numpy_are_those_without():
    by_default = vectors(client.embeddings.create(model="sentences", input="the cat"))[0]
    numbers = vectors(client.embeddings.create(model="sentences", input="the cat", encoding_format="float"))[0]
    equal(list(numpy.float32(by_default)), list(numpy.float32(numbers)))


@check
def embeddings_are_cut_to_dimensions():
    answer = client.embeddings.create(model="sentences", input="the cat", dimensions=3, encoding_format="float")
    equal(vectors(answer), [embedding("the cat", truncate_dim=3)])


@check
def embeddings_of_tokens():
    ids = native("sentences/tokenize", "the cat")["ids"]
    text = vectors(client.embeddings.create(model="sentences", input="the cat"))
    equal(vectors(client.embeddings.create(model="sentences", input=ids)), text)
    equal(vectors(client.embeddings.create(model="sentences", input=[ids, ids])), text + text)


@check
def embeddings_of_nothing():
    equal(len(vectors(client.embeddings.create(model="sentences", input=""))[0]), 16)


@check
def embeddings_of_2048_texts_and_more():
    for count in (2048, 2500):
        texts = ["the cat" if index % 2 else "on" for index in range(count)]
        answer = client.embeddings.create(model="sentences", input=texts)
        equal([item.index for item in answer.data], list(range(count)))
        equal(vectors(answer)[-2:], vectors(answer)[:2])


@check
def embeddings_asynchronously():
    async def ask():
        async with openai.AsyncOpenAI(base_url=f"{URL}/v1", api_key=KEY) as asking:
            return await asking.embeddings.create(model="sentences", input="the cat")

    close(asyncio.run(ask()).data[0].embedding, embedding("the cat"))


@check
def fields_of_other_servers_do_no_harm():
    client.embeddings.create(
        model="sentences", input="a", user="somebody", extra_body={"truncate_prompt_tokens": None, "priority": 0})


@check
def models_are_listed():
    models = client.models.list().data
    assert {"sentences", "org/classifier"} <= {model.id for model in models}
    assert all(model.object == "model" and model.created > 0 and model.owned_by for model in models)


@check
def a_model_with_a_slash_is_found():
    equal(client.models.retrieve("org/classifier").id, "org/classifier")


@check
def an_unknown_model_is_not_found():
    for call in (
        lambda: client.models.retrieve("gpt-4"),
        lambda: client.embeddings.create(model="gpt-4", input="a"),
    ):
        error = raises(openai.NotFoundError, call)
        equal((error.code, error.param, error.type), ("model_not_found", None, "invalid_request_error"))


@check
def a_wrong_request_names_the_field():
    error = raises(
        openai.BadRequestError, lambda: client.embeddings.create(model="sentences", input="a", dimensions=0))
    equal(error.param, "dimensions")
    assert "dimensions" in error.message
    error = raises(openai.BadRequestError, lambda: client.embeddings.create(model="sentences", input=[]))
    equal(error.param, "input")
    error = raises(openai.BadRequestError, lambda: client.embeddings.create(model="sentences", input=[[1 << 30]]))
    assert "check_embedding_ctx_length=False" in error.message


@check
def a_model_of_another_kind_is_told():
    error = raises(openai.BadRequestError, lambda: client.embeddings.create(model="ranker", input="a"))
    assert "ranker" in error.message


@check
def a_wrong_key_is_told():
    error = raises(
        openai.AuthenticationError,
        lambda: client.with_options(api_key="wrong").embeddings.create(model="sentences", input="a"))
    equal((error.code, error.type), ("invalid_api_key", "authentication_error"))


@check
def answers_have_the_id_of_their_request():
    answer = client.embeddings.create(model="sentences", input="a", extra_headers={"X-Request-Id": "mine"})
    equal(answer._request_id, "mine")


@check
def who_asks_too_often_is_told_when_to_come_back():
    slow = client.with_options(api_key=SLOW_KEY)
    slow.embeddings.create(model="sentences", input="a")
    error = raises(openai.RateLimitError, lambda: slow.embeddings.create(model="sentences", input="a"))
    assert 1 <= float(error.response.headers["retry-after"]) <= 60
    equal(error.type, "rate_limit_error")


# Texts

SETTINGS = {"model": "generator", "messages": CHAT, "max_tokens": 4, "temperature": 0}
#: A call of it is written by any model, if it has to.
TOOL = {"type": "function", "function": {"name": "judge", "parameters": SCHEMA}}
FORM = {"model": "writer", "messages": [{"role": "user", "content": "hi"}], "temperature": 0}


class Kind(str, enum.Enum):
    A = "a"
    B = "b"


class Judgement(pydantic.BaseModel):
    good: bool
    kind: Kind


class Words(pydantic.BaseModel):
    words: str


@check
def a_chat():
    answer = client.chat.completions.create(**SETTINGS)
    choice = answer.choices[0]
    equal((choice.message.role, choice.message.content, choice.finish_reason), ("assistant", generated(CHAT), "length"))
    equal((choice.message.tool_calls, choice.message.refusal, choice.logprobs), (None, None, None))
    equal((answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens), (6, 4, 10))
    assert answer.id.startswith("chatcmpl-") and answer.object == "chat.completion"


@check
def several_answers():
    answer = client.chat.completions.create(**SETTINGS, n=2)
    equal([choice.index for choice in answer.choices], [0, 1])
    equal([choice.message.content for choice in answer.choices], [generated(CHAT)] * 2)


@check
def contents_of_parts():
    parts = [{"role": "user", "content": [{"type": "text", "text": "t22"}, {"type": "text", "text": "t23"}]}]
    equal(client.chat.completions.create(**SETTINGS | {"messages": parts}).choices[0].message.content, generated(CHAT))


@check
def a_stream_has_usage_if_it_is_asked_for():
    for options, last in ((None, None), ({"include_usage": False}, None), ({"include_usage": True}, (6, 4, 10))):
        chunks = list(client.chat.completions.create(**SETTINGS, stream=True, stream_options=options))
        deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
        equal("".join(delta.content or "" for delta in deltas), generated(CHAT))
        equal([delta.role for delta in deltas], ["assistant"] + [None] * (len(deltas) - 1))
        equal(len({(chunk.id, chunk.created, chunk.model, chunk.object) for chunk in chunks}), 1)
        told = [chunk.usage for chunk in chunks if chunk.usage]
        counts = [(usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) for usage in told]
        equal(counts, [last] if last else [])
        equal(chunks[-1].usage is not None, bool(last))
        reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices]
        equal(reasons, [None] * (len(reasons) - 1) + ["length"])


@check
def the_end_of_a_stream_is_the_message():
    text = generated(CHAT)
    stop = text.split()[2]
    with client.chat.completions.stream(**SETTINGS, stop=stop) as stream:
        kinds = [event.type for event in stream]
        choice = stream.get_final_completion().choices[0]
    equal((choice.message.role, choice.message.content), ("assistant", text[: text.index(stop)]))
    equal(choice.finish_reason, "stop")
    assert "content.done" in kinds, kinds


@check
def a_stop_ends_a_text():
    text = generated(CHAT)
    stop = text.split()[2]
    for stops in (stop, ["nothing", stop]):
        choice = client.chat.completions.create(**SETTINGS, stop=stops).choices[0]
        equal((choice.message.content, choice.finish_reason), (text[: text.index(stop)], "stop"))
        chunks = client.chat.completions.create(**SETTINGS, stop=stops, stream=True)
        choices = [chunk.choices[0] for chunk in chunks]
        equal("".join(choice.delta.content or "" for choice in choices), text[: text.index(stop)])
        equal(choices[-1].finish_reason, "stop")


@check
def tokens_are_told_with_their_logarithms():
    content = client.chat.completions.create(**SETTINGS, logprobs=True, top_logprobs=3).choices[0].logprobs.content
    equal(" ".join(token.token for token in content), generated(CHAT))
    for token in content:
        equal(bytes(token.bytes).decode(), token.token)
        equal(len(token.top_logprobs), 3)
        equal(token.top_logprobs[0].logprob, token.logprob)
    streamed = client.chat.completions.create(**SETTINGS, logprobs=True, top_logprobs=3, stream=True)
    parts = [chunk.choices[0].logprobs.content for chunk in streamed if chunk.choices[0].logprobs]
    equal(sum(parts, []), content)


@check
def calls_of_tools():
    for choice in ("required", {"type": "function", "function": {"name": "judge"}}):
        answer = client.chat.completions.create(**FORM, tools=[TOOL], tool_choice=choice).choices[0]
        equal((answer.message.content, answer.finish_reason), (None, "tool_calls"))
        call = answer.message.tool_calls[0]
        equal((call.type, call.function.name), ("function", "judge"))
        fills_in(call.function.arguments)
        history = FORM["messages"] + [
            answer.message, {"role": "tool", "tool_call_id": call.id, "content": [{"type": "text", "text": "yes"}]}]
        client.chat.completions.create(**FORM | {"messages": history}, tools=[TOOL], max_tokens=4)


@check
def calls_of_tools_in_a_stream():
    tools = [openai.pydantic_function_tool(Judgement)]
    with client.chat.completions.stream(
        **FORM, tools=tools, tool_choice="required", stream_options={"include_usage": True}
    ) as stream:
        kinds = {event.type for event in stream}
        answer = stream.get_final_completion()
    message = answer.choices[0].message
    equal((message.role, answer.choices[0].finish_reason, len(message.tool_calls)), ("assistant", "tool_calls", 1))
    assert isinstance(message.tool_calls[0].function.parsed_arguments, Judgement)
    assert message.tool_calls[0].id.startswith("call_") and answer.usage.completion_tokens > 0
    assert "tool_calls.function.arguments.done" in kinds, kinds


@check
def a_form_is_kept_or_told_as_cut():
    parse = getattr(client.chat.completions, "parse", None) or client.beta.chat.completions.parse
    message = parse(**FORM, response_format=Judgement).choices[0].message
    assert isinstance(message.parsed, Judgement)
    raises(openai.LengthFinishReasonError, lambda: parse(**FORM, max_tokens=5, response_format=Words))
    anything = client.chat.completions.create(**FORM, max_tokens=9, response_format={"type": "json_object"}).choices[0]
    assert anything.message.content.lstrip().startswith("{"), anything
    text = client.chat.completions.create(**FORM, max_tokens=3, response_format={"type": "text"})
    equal(text.usage.completion_tokens, 3)


@check
def completions():
    answer = client.completions.create(model="generator", prompt="t5 t6", max_tokens=4, temperature=0)
    equal((answer.choices[0].text, answer.choices[0].finish_reason), (generated("t5 t6"), "length"))
    equal((answer.usage.prompt_tokens, answer.usage.completion_tokens), (2, 4))
    answer = client.completions.create(
        model="generator", prompt=["t5 t6", "t7"], max_tokens=4, temperature=0, n=2, echo=True)
    equal([choice.index for choice in answer.choices], [0, 1, 2, 3])
    equal([choice.text for choice in answer.choices][::2], ["t5 t6" + generated("t5 t6"), "t7" + generated("t7")])
    told = client.completions.create(
        model="generator", prompt="t5 t6", max_tokens=4, temperature=0, logprobs=2).choices[0].logprobs
    equal([len(told.tokens), len(told.token_logprobs), len(told.top_logprobs), told.text_offset[0]], [4, 4, 4, 0])
    chunks = list(client.completions.create(
        model="generator", prompt="t5 t6", max_tokens=4, temperature=0, stream=True,
        stream_options={"include_usage": True}))
    equal("".join(chunk.choices[0].text for chunk in chunks if chunk.choices), generated("t5 t6"))
    equal(chunks[-1].usage.completion_tokens, 4)


@check
def responses():
    settings = {"model": "generator", "input": CHAT, "max_output_tokens": 16, "temperature": 0}
    answer = client.responses.create(**settings)
    equal((answer.output_text, answer.status), (generated(CHAT, 16), "incomplete"))
    equal(answer.incomplete_details.reason, "max_output_tokens")
    equal((answer.usage.input_tokens, answer.usage.output_tokens), (6, 16))
    equal(client.responses.create(**settings | {"input": "t22 t23"}).output_text, generated(CHAT, 16))
    with client.responses.stream(**settings) as stream:
        events = list(stream)
    equal(events[-1].type, "response.incomplete")
    equal(events[-1].response.output_text, generated(CHAT, 16))
    equal([event.sequence_number for event in events], list(range(len(events))))
    asked = {"model": "writer", "input": "hi", "temperature": 0}
    with client.responses.stream(**asked, text_format=Judgement) as stream:
        assert isinstance(stream.get_final_response().output_parsed, Judgement)
    assert isinstance(client.responses.parse(**asked, text_format=Judgement).output_parsed, Judgement)
    tools = [openai.pydantic_function_tool(Judgement)["function"] | {"type": "function"}]
    with client.responses.stream(**asked, tools=tools, tool_choice="required") as stream:
        call = stream.get_final_response().output[0]
    equal((call.type, call.name), ("function_call", "Judgement"))
    fills_in(call.arguments)
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "yes"}
    history = [{"role": "user", "content": "hi"}, call, output]
    client.responses.create(**asked | {"input": history}, tools=tools, max_output_tokens=16)
    # Tools that the server would have to run are left out.
    hosted = client.responses.create(**settings, tools=[{"type": "web_search"}])
    equal((hosted.output_text, hosted.tools), (generated(CHAT, 16), []))
    error = raises(openai.BadRequestError, lambda: client.responses.create(**settings, previous_response_id="resp_1"))
    equal(error.param, "previous_response_id")


@check
def requests_are_sent_again_only_if_that_may_help():
    attempts, waits = [], []
    transport = openai.DefaultHttpxClient(event_hooks={
        "request": [lambda request: attempts.append(request.headers["x-stainless-retry-count"])]})
    asking = client.with_options(http_client=transport, max_retries=2)
    for kind, call in (
        (openai.BadRequestError, lambda: asking.chat.completions.create(**SETTINGS, n=0)),
        (openai.NotFoundError, lambda: asking.chat.completions.create(**SETTINGS | {"model": "gpt-4"})),
        (openai.AuthenticationError, lambda: asking.with_options(api_key="x").chat.completions.create(**SETTINGS)),
    ):
        attempts.clear()
        raises(kind, call)
        equal(attempts, ["0"])
    slow = asking.with_options(api_key=SLOW_KEY)
    attempts.clear()
    with mock.patch("time.sleep", waits.append):
        raises(openai.RateLimitError, lambda: [slow.models.list(), slow.chat.completions.create(**SETTINGS)])
    equal(attempts[-3:], ["0", "1", "2"])
    # The wait is the one that the server has told.
    assert len(waits) == 2 and all(8 < wait <= 60 for wait in waits), waits


@check
def wrong_requests_to_generate_name_the_field():
    for field, value in (
        ("temperature", 3), ("top_logprobs", 3), ("response_format", {"type": "x"}), ("tools", [{"type": "x"}]),
        ("messages", []),
    ):
        for stream in (False, True):
            error = raises(openai.BadRequestError, lambda: client.chat.completions.create(
                **SETTINGS | {field: value, "stream": stream}))
            assert error.param.startswith(field), error.param
            equal(error.type, "invalid_request_error")


main()
