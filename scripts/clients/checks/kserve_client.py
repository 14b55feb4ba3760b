"""`kserve`'s client of inference over REST: both protocols, tensors as JSON and as bytes, health and errors."""

import asyncio
import json

import httpx
import numpy
from conformance import KEY, URL, check, close, equal, main, native, raises
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

HEADERS = {"Authorization": f"Bearer {KEY}"}
TEXTS = ["the cat", "on"]


def client(protocol):
    return InferenceRESTClient(RESTConfig(protocol=protocol, retries=0))


def ask(protocol, method, *arguments, **options):
    """What a method of a new client answers."""

    async def answer():
        async with client(protocol) as own:
            return await getattr(own, method)(URL, *arguments, headers=dict(HEADERS), **options)

    return asyncio.run(answer())


def texts(model, binary):
    tensor = InferInput("text", [len(TEXTS)], "BYTES")
    tensor.set_data_from_numpy(numpy.array([text.encode() for text in TEXTS], dtype=object), binary_data=binary)
    return InferRequest(model, [tensor], request_id="7")


@check
def the_server_is_live_and_ready():
    assert ask("v2", "is_server_live") is True
    assert ask("v2", "is_server_ready") is True
    assert ask("v1", "is_server_live") is True


@check
def models_are_ready_or_not():
    for protocol in ("v1", "v2"):
        equal(bool(ask(protocol, "is_model_ready", "sentences")), True)
    equal(ask("v2", "is_model_ready", "nothing"), False)
    equal(raises(httpx.HTTPStatusError, lambda: ask("v1", "is_model_ready", "nothing")).response.status_code, 404)


@check
def predictions():
    answer = ask("v1", "infer", {"instances": TEXTS}, model_name="org/classifier")
    equal(answer["predictions"], native("org/classifier", TEXTS))


@check
def inference_as_json_and_as_bytes():
    expected = native("org/classifier", TEXTS)
    for binary in (False, True):
        answer = ask("v2", "infer", texts("org/classifier", binary), model_name="org/classifier")
        equal(answer.id, "7")
        outputs = {output.name: output.as_numpy().ravel().tolist() for output in answer.outputs}
        labels = [label.decode() if isinstance(label, bytes) else label for label in outputs["label"]]
        equal(labels, [label["label"] for label in expected])
        close(outputs["score"], [label["score"] for label in expected])


@check
def embeddings_are_the_same_to_the_bit():
    expected = numpy.float32(native("sentences", TEXTS))
    answer = ask("v2", "infer", texts("sentences", True), model_name="sentences")
    equal(answer.outputs[0].as_numpy().tolist(), expected.tolist())


@check
def errors_are_texts():
    error = raises(httpx.HTTPStatusError, lambda: ask("v2", "infer", texts("nothing", False), model_name="nothing"))
    equal(error.response.status_code, 404)
    assert "nothing" in str(error), str(error)
    error = raises(httpx.HTTPStatusError, lambda: ask("v1", "infer", {"instances": [1]}, model_name="masks"))
    assert 400 <= error.response.status_code < 500 and json.loads(error.response.content)["error"], str(error)


main()
