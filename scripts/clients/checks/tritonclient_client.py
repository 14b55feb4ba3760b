"""`tritonclient` over HTTP: what the server and its models are, and inference with bytes and with JSON."""

import json

import numpy
from conformance import KEY, URL, check, close, equal, main, native, raises
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

client = InferenceServerClient(URL.split("//")[1])


def headers():
    """Those of a request, to which the client adds its own."""
    return {"Authorization": f"Bearer {KEY}"}


def texts(name, values, binary=True):
    """A tensor of texts."""
    tensor = InferInput(name, [len(values)], "BYTES")
    tensor.set_data_from_numpy(numpy.array([value.encode() for value in values], dtype=object), binary_data=binary)
    return tensor


def words(result, name):
    return [value.decode() if isinstance(value, bytes) else value for value in result.as_numpy(name).ravel()]


@check
def the_server_is_live_and_ready():
    assert client.is_server_live(headers=headers()) and client.is_server_ready(headers=headers())
    assert "binary_tensor_data" in client.get_server_metadata(headers=headers())["extensions"]


@check
def models_tell_what_they_take():
    for version in ("", "1"):
        assert client.is_model_ready("org/classifier", version, headers=headers())
        model = client.get_model_metadata("org/classifier", version, headers=headers())
        equal([output["name"] for output in model["outputs"]], ["label", "score"])
        equal(client.get_model_config("org/classifier", version, headers=headers())["name"], "org/classifier")
    assert not client.is_model_ready("nothing", headers=headers())


@check
def labels_as_bytes_and_as_json():
    expected = native("org/classifier", ["the cat", "on"])
    for binary in (True, False):
        wanted = [InferRequestedOutput(name, binary_data=binary) for name in ("score", "label")]
        for outputs in (None, wanted):
            result = client.infer(
                "org/classifier", [texts("text", ["the cat", "on"], binary)], outputs=outputs, request_id="7",
                headers=headers())
            equal(words(result, "label"), [label["label"] for label in expected])
            close(result.as_numpy("score").ravel(), [label["score"] for label in expected])
            equal(result.as_numpy("score").shape, (2, 1))
            equal(result.get_response()["id"], "7")


@check
def embeddings_are_the_same_to_the_bit():
    expected = numpy.float32(native("sentences", ["the cat", "yö"]))
    result = client.infer("sentences", [texts("text", ["the cat", "yö"])], headers=headers())
    equal(result.as_numpy("embedding").tolist(), expected.tolist())
    equal(result.as_numpy("embedding").dtype, numpy.float32)


@check
def compressed_bodies():
    for coding in ("gzip", "deflate"):
        result = client.infer(
            "sentences", [texts("text", ["the cat"])], request_compression_algorithm=coding,
            response_compression_algorithm=coding, headers=headers())
        equal(result.as_numpy("embedding").shape, (1, 16))


@check
def answers_as_json():
    expected = native("answers", {"question": "cat", "context": "the cat"})
    inputs = [texts("question", ["cat"]), texts("context", ["the cat"])]
    equal(json.loads(words(client.infer("answers", inputs, headers=headers()), "output")[0]), expected)


@check
def options_are_parameters_or_tensors():
    expected = native("masks", "a [MASK]", top_k=2)
    top = InferInput("top_k", [1], "INT32")
    top.set_data_from_numpy(numpy.array([2], dtype=numpy.int32))
    text = texts("text", ["a [MASK]"])
    for inputs, parameters in (([text, top], None), ([text], {"top_k": 2})):
        result = client.infer("masks", inputs, parameters=parameters, headers=headers())
        equal(json.loads(words(result, "output")[0]), expected)


@check
def labels_of_the_request():
    expected = native("entailment", "the cat", candidate_labels=["cat", "on"])
    inputs = [texts("text", ["the cat"]), texts("candidate_labels", ["cat", "on"])]
    result = client.infer("entailment", inputs, headers=headers())
    equal(words(result, "label"), expected["labels"])
    close(result.as_numpy("score").ravel(), expected["scores"])


@check
def errors_are_texts():
    number = InferInput("text", [1], "FP32")
    number.set_data_from_numpy(numpy.zeros(1, dtype=numpy.float32))
    error = raises(InferenceServerException, lambda: client.infer("masks", [number], headers=headers()))
    assert "BYTES" in error.message(), str(error)
    error = raises(InferenceServerException, lambda: client.get_model_metadata("nothing", headers=headers()))
    equal(error.status(), "404")
    raises(InferenceServerException, lambda: client.load_model("masks", headers=headers()))


@check
def models_and_their_statistics_are_listed():
    names = {model["name"] for model in client.get_model_repository_index(headers=headers())}
    assert {"sentences", "org/classifier"} <= names
    statistics = client.get_inference_statistics("sentences", headers=headers())["model_stats"][0]
    assert statistics["inference_count"] > 0 and statistics["inference_stats"]["success"]["ns"] > 0


main()
