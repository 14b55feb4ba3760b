"""`huggingface_hub`: every task of `InferenceClient` on the URL of a model, and on that of a model and a task."""

import asyncio
import inspect

import huggingface_hub
from conformance import KEY, URL, check, close, embedding, equal, main, native, raises
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
