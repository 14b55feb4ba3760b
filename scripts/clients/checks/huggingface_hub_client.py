"""`huggingface_hub`: every task of `InferenceClient` on the URL of a model, and on that of a model and a task."""

import asyncio
import inspect
import json
import urllib.request

import huggingface_hub
from conformance import (
    CHAT, KEY, SCHEMA, URL, check, close, embedding, equal, fills_in, generated, main, native, raises)
from huggingface_hub import AsyncInferenceClient, InferenceClient

try:
    from huggingface_hub.errors import HfHubHTTPError
except ImportError:
    from huggingface_hub.utils import HfHubHTTPError


def clients(model, task):
    """A client of each URL by which a model can be asked."""
    for path in (f"models/{model}", f"models/{model}/pipeline/{task}", f"pipeline/{task}/{model}"):
        yield InferenceClient(model=f"{URL}/{path}", token=KEY)


def fields(elements):
    """Answers as plain values."""
    return [{key: value for key, value in dict(element).items() if value is not None} for element in elements]


@check
def text_classification():
    expected = native("org/classifier", "the cat", top_k=None)
    for client in clients("org/classifier", "text-classification"):
        equal(fields(client.text_classification("the cat")), expected)
        if "top_k" in inspect.signature(client.text_classification).parameters:
            equal(fields(client.text_classification("the cat", top_k=1)), expected[:1])
            scores = client.text_classification("the cat", function_to_apply="none")
            equal(fields(scores), native("org/classifier", "the cat", top_k=None, function_to_apply="none"))


@check
def token_classification():
    for client in clients("entities", "token-classification"):
        entities = fields(client.token_classification("the cat"))
        equal(entities, native("entities", "the cat", aggregation_strategy="simple"))
        assert "entity_group" in entities[0]


@check
def fill_mask():
    expected = native("masks", "the [MASK]")
    for client in clients("masks", "fill-mask"):
        equal(fields(client.fill_mask("the [MASK]")), expected)


@check
def zero_shot_classification():
    asked = dict(candidate_labels=["a", "b"])
    expected = native("entailment/pipeline/zero-shot-classification", "hi", **asked)
    for client in clients("entailment", "zero-shot-classification"):
        equal(fields(client.zero_shot_classification("hi", ["a", "b"])), expected)
        labels = client.zero_shot_classification("hi", ["a", "b"], multi_label=True)
        assert sum(label.score for label in labels) != 1


@check
def question_answering():
    expected = native("answers", {"question": "who?", "context": "the cat"})
    for client in clients("answers", "question-answering"):
        answer = client.question_answering(question="who?", context="the cat")
        answer = answer[0] if isinstance(answer, list) else answer
        equal(fields([answer]), [expected])


@check
def feature_extraction():
    for client in clients("sentences", "feature-extraction"):
        close(client.feature_extraction("the cat", normalize=True)[0], embedding("the cat"))
        equal(client.feature_extraction("the cat").shape, (1, 16))
        client.feature_extraction("the cat", truncate=True, truncation_direction="Right")


@check
def sentence_similarity():
    expected = native("sentences", {"source_sentence": "the cat", "sentences": ["on", "the"]})
    for client in clients("sentences", "sentence-similarity"):
        equal(client.sentence_similarity("the cat", ["on", "the"]), expected)


@check
def text_generation():
    expected = generated("t5 t6")
    for client in clients("generator", "text-generation"):
        asked = dict(prompt="t5 t6", max_new_tokens=4, do_sample=False)
        equal(client.text_generation(**asked), expected)
        equal(client.text_generation(**asked, return_full_text=True), "t5 t6" + expected)
        answer = client.text_generation(**asked, details=True, decoder_input_details=False)
        equal((answer.generated_text, answer.details.finish_reason), (expected, "length"))
        equal((answer.details.generated_tokens, len(answer.details.tokens)), (4, 4))
        assert all(token.logprob <= 0 for token in answer.details.tokens)
        pieces = list(client.text_generation(**asked, stream=True))
        equal("".join(pieces), expected)
        parts = list(client.text_generation(**asked, stream=True, details=True))
        equal([part.token.id for part in parts], [token.id for token in answer.details.tokens])
        equal([part.generated_text for part in parts], [None] * 3 + [expected])
        equal((parts[-1].details.finish_reason, parts[-1].details.generated_tokens), ("length", 4))
        stop = expected.split()[2]
        equal(client.text_generation(**asked, stop=[stop], details=True).details.finish_reason, "stop_sequence")


@check
def text_generation_by_the_routes_of_its_server():
    client = InferenceClient(model=f"{URL}/generate", token=KEY)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    body = {"inputs": "t5 t6", "parameters": {"max_new_tokens": 4, "do_sample": False, "details": True}}
    for path in ("generate", "generate_stream"):
        asked = urllib.request.Request(f"{URL}/{path}", json.dumps(body | {"model": "generator"}).encode(), headers)
        with urllib.request.urlopen(asked) as answer:
            text = answer.read().decode()
        last = json.loads(text.strip().splitlines()[-1].removeprefix("data:"))
        equal(last["generated_text"], generated("t5 t6"))
    equal(client.text_generation("t5 t6", max_new_tokens=4, do_sample=False), generated("t5 t6"))


@check
def chat_completion():
    addresses = (f"{URL}/models/generator", f"{URL}/v1", URL, f"{URL}/v1/chat/completions")
    for address in addresses:
        client = InferenceClient(base_url=address, token=KEY)
        asked = dict(messages=CHAT, model="generator", max_tokens=4, temperature=0)
        answer = client.chat_completion(**asked)
        equal((answer.choices[0].message.content, answer.choices[0].finish_reason), (generated(CHAT), "length"))
        equal(answer.usage.completion_tokens, 4)
        chunks = list(client.chat_completion(**asked, stream=True, stream_options={"include_usage": True}))
        equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), generated(CHAT))
        equal(chunks[-1].usage.completion_tokens, 4)
    told = client.chat_completion(**asked, logprobs=True, top_logprobs=2).choices[0].logprobs.content
    equal((len(told), len(told[0].top_logprobs)), (4, 2))


@check
def chats_with_tools_and_forms():
    client = InferenceClient(base_url=f"{URL}/v1", token=KEY)
    asked = dict(messages=[{"role": "user", "content": "hi"}], model="writer", temperature=0, max_tokens=200)
    tool = {"type": "function", "function": {"name": "judge", "description": "judges", "parameters": SCHEMA}}
    call = client.chat_completion(**asked, tools=[tool], tool_choice="required").choices[0].message.tool_calls[0]
    equal(call.function.name, "judge")
    fills_in(call.function.arguments)
    form = {"type": "json_schema", "json_schema": {"name": "judgement", "schema": SCHEMA, "strict": True}}
    fills_in(client.chat_completion(**asked, response_format=form).choices[0].message.content)


@check
def asynchronously():
    async def ask():
        client = AsyncInferenceClient(model=f"{URL}/models/masks", token=KEY)
        return await client.fill_mask("the [MASK]")

    equal(fields(asyncio.run(ask())), native("masks", "the [MASK]"))


@check
def separators_of_lines_are_kept():
    client = InferenceClient(model=f"{URL}/models/answers", token=KEY)
    answer = client.question_answering(question="who?", context="the\u2028cat\u0085on")
    answer = answer[0] if isinstance(answer, list) else answer
    assert answer.answer in "the\u2028cat\u0085on"


@check
def errors_have_their_message():
    client = InferenceClient(model=f"{URL}/models/masks", token=KEY)
    error = raises(HfHubHTTPError, lambda: client.fill_mask("no mask"))
    equal(error.response.status_code, 400)
    assert "mask" in str(error).lower(), str(error)
    error = raises(HfHubHTTPError, lambda: InferenceClient(model=f"{URL}/models/none", token=KEY).fill_mask("a"))
    equal(error.response.status_code, 404)
    assert "no model of this name" in str(error), str(error)
    error = raises(HfHubHTTPError, lambda: InferenceClient(model=f"{URL}/models/masks", token="hf_w").fill_mask("a"))
    equal(error.response.status_code, 401)


@check
def a_task_that_the_model_does_not_do_is_told():
    client = InferenceClient(model=f"{URL}/pipeline/text-classification/masks", token=KEY)
    error = raises(HfHubHTTPError, lambda: client.text_classification("a"))
    assert "fill-mask" in str(error), str(error)


@check
def health_and_info():
    client = InferenceClient(model=f"{URL}/models/sentences", provider="hf-inference", token=KEY)
    if hasattr(client, "health_check"):
        equal(client.health_check(), True)
        equal(client.get_endpoint_info()["served_model_name"], "sentences")


if huggingface_hub.__version__ < "0.36":
    raise SystemExit("this version has another interface")
main()
