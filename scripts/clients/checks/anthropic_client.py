"""`anthropic`: messages, whole and streamed, their tokens, and errors by their classes."""

import inspect
from typing import Literal

import anthropic
import pydantic
from conformance import CHAT, KEY, SCHEMA, SLOW_KEY, URL, check, equal, fills_in, generated, main, raises

client = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=0)
#: Newer versions have no argument for the temperature.
SETTINGS = {"model": "generator", "max_tokens": 4, "extra_body": {"temperature": 0}, "messages": CHAT}


@check
def a_message():
    message = client.messages.create(**SETTINGS)
    equal([block.text for block in message.content], [generated(CHAT)])
    equal((message.role, message.stop_reason, message.stop_sequence), ("assistant", "max_tokens", None))
    equal((message.usage.input_tokens, message.usage.output_tokens), (6, 4))
    assert message.id.startswith("msg_")


@check
def a_message_as_a_stream():
    with client.messages.stream(**SETTINGS) as stream:
        equal("".join(stream.text_stream), generated(CHAT))
        message = stream.get_final_message()
    equal(message.stop_reason, "max_tokens")
    equal(message.usage.output_tokens, 4)
    kinds = [event.type for event in client.messages.create(**SETTINGS, stream=True)]
    equal(kinds[:2] + kinds[-3:], [
        "message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop"])


@check
def blocks_and_a_system():
    blocks = [{"role": "user", "content": [{"type": "text", "text": "t22 t23"}]}]
    equal(client.messages.create(**SETTINGS | {"messages": blocks}).content[0].text, generated(CHAT))
    system = client.messages.create(**SETTINGS, system="t30").content[0].text
    equal(system, generated([{"role": "system", "content": "t30"}] + CHAT))


@check
def a_stop_sequence():
    stop = generated(CHAT).split()[2]
    message = client.messages.create(**SETTINGS, stop_sequences=[stop])
    equal((message.stop_reason, message.stop_sequence), ("stop_sequence", stop))
    equal("".join(block.text for block in message.content), generated(CHAT)[: generated(CHAT).index(stop)])


@check
def tokens_are_counted():
    equal(client.messages.count_tokens(model="generator", messages=CHAT).input_tokens, 6)


#: Has the model write a call, or what a form asks for.
ASKED = {"model": "writer", "max_tokens": 200, "messages": [{"role": "user", "content": "hi"}]}
TOOL = {"name": "judge", "description": "judges", "input_schema": SCHEMA}


@check
def calls_of_tools():
    for choice in ({"type": "any"}, {"type": "tool", "name": "judge", "disable_parallel_tool_use": True}):
        message = client.messages.create(**ASKED, tools=[TOOL], tool_choice=choice)
        equal((message.stop_reason, [block.type for block in message.content]), ("tool_use", ["tool_use"]))
        block = message.content[0]
        equal(block.name, "judge")
        fills_in(block.input)
        result = {"type": "tool_result", "tool_use_id": block.id, "content": [{"type": "text", "text": "yes"}]}
        history = ASKED["messages"] + [
            {"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]
        client.messages.create(**ASKED | {"messages": history, "max_tokens": 4}, tools=[TOOL])
        counted = client.messages.count_tokens(model="writer", messages=history, tools=[TOOL])
        assert counted.input_tokens > client.messages.count_tokens(model="writer", messages=history).input_tokens


@check
def calls_of_tools_in_a_stream():
    with client.messages.stream(**ASKED, tools=[TOOL], tool_choice={"type": "any"}) as stream:
        kinds = {event.type for event in stream}
        message = stream.get_final_message()
    equal((message.stop_reason, message.content[0].name), ("tool_use", "judge"))
    fills_in(message.content[0].input)
    assert "input_json" in kinds, kinds


@check
def a_form():
    form = {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}, "effort": "low"}}
    fills_in(client.messages.create(**ASKED, extra_body=form).content[0].text)
    if "output_format" in inspect.signature(client.messages.stream).parameters:

        class Judgement(pydantic.BaseModel):
            good: bool
            kind: Literal["a", "b"]

        assert isinstance(client.messages.parse(**ASKED, output_format=Judgement).parsed_output, Judgement)
        with client.messages.stream(**ASKED, output_format=Judgement) as stream:
            assert isinstance(stream.get_final_message().parsed_output, Judgement)


@check
def errors_have_classes():
    tools = [{"name": "f", "input_schema": {}}]
    error = raises(anthropic.BadRequestError, lambda: client.messages.create(**SETTINGS, tools=tools))
    assert "tools" in str(error)
    thinking = {"type": "enabled", "budget_tokens": 1024}
    error = raises(anthropic.BadRequestError, lambda: client.messages.create(**SETTINGS, thinking=thinking))
    assert "thinking" in str(error)
    raises(anthropic.NotFoundError, lambda: client.messages.create(**SETTINGS | {"model": "nothing"}))
    stranger = anthropic.Anthropic(base_url=URL, api_key="wrong", max_retries=0)
    raises(anthropic.AuthenticationError, lambda: stranger.messages.create(**SETTINGS))


@check
def too_many_requests():
    slow = anthropic.Anthropic(base_url=URL, api_key=SLOW_KEY, max_retries=0)
    slow.messages.create(**SETTINGS)
    error = raises(anthropic.RateLimitError, lambda: slow.messages.create(**SETTINGS))
    assert 1 <= float(error.response.headers["retry-after"]) <= 60
    equal(error.body["error"]["type"], "rate_limit_error")


@check
def models_are_listed():
    models = list(client.models.list())
    assert {"generator", "org/classifier"} <= {model.id for model in models}
    equal(client.models.retrieve("generator").type, "model")


main()
