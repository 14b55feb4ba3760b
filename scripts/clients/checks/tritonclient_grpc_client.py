"""`tritonclient` over gRPC: what the server and its models are, inference, streams, and texts piece by piece."""

import json
import queue
import urllib.request

import numpy
from conformance import GRPC, KEY, URL, check, close, equal, generated, main, native, raises
from tritonclient.grpc import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.grpc.model_config_pb2 import DataType
from tritonclient.utils import InferenceServerException

client = InferenceServerClient(GRPC)
HEADERS = {"authorization": f"Bearer {KEY}"}


def texts(name, values):
    """A tensor of texts."""
    tensor = InferInput(name, [len(values)], "BYTES")
    tensor.set_data_from_numpy(numpy.array([value.encode() for value in values], dtype=object))
    return tensor


def words(result, name):
    return [value.decode() for value in result.as_numpy(name).ravel()]


def streamed(send, is_last):
    """The answers of a stream to what `send` sends, up to the one that `is_last` says is the last."""
    answers, all_answers = queue.Queue(), []
    client.start_stream(lambda result, error: answers.put((result, error)), headers=HEADERS)
    try:
        send()
        while not all_answers or not is_last(*all_answers[-1]):
            all_answers.append(answers.get(timeout=60))
    finally:
        client.stop_stream()
    return all_answers


@check
def the_server_is_live_and_ready():
    assert client.is_server_live() and client.is_server_ready()
    equal(client.get_server_metadata().name, "penstock")


@check
def models_tell_what_they_take():
    for version in ("", "1"):
        assert client.is_model_ready("org/classifier", version, headers=HEADERS)
        model = client.get_model_metadata("org/classifier", version, headers=HEADERS)
        equal([output.name for output in model.outputs], ["label", "score"])
        config = client.get_model_config("org/classifier", version, headers=HEADERS).config
        equal((config.name, config.backend, config.max_batch_size), ("org/classifier", "penstock", 0))
        kinds = [(tensor.name, DataType.Name(tensor.data_type), list(tensor.dims)) for tensor in config.output]
        equal(kinds, [("label", "TYPE_STRING", [-1, -1]), ("score", "TYPE_FP32", [-1, -1])])
    assert not client.is_model_ready("nothing", headers=HEADERS)


@check
def labels_and_scores():
    expected = native("org/classifier", ["the cat", "on"])
    for outputs in (None, [InferRequestedOutput("score"), InferRequestedOutput("label")]):
        result = client.infer(
            "org/classifier", [texts("text", ["the cat", "on"])], outputs=outputs, request_id="7", headers=HEADERS)
        equal(words(result, "label"), [label["label"] for label in expected])
        close(result.as_numpy("score").ravel(), [label["score"] for label in expected])
        equal(result.get_response().id, "7")


@check
def embeddings_are_the_same_to_the_bit():
    expected = numpy.float32(native("sentences", ["the cat", "y\u00f6"]))
    for coding in (None, "gzip", "deflate"):
        result = client.infer(
            "sentences", [texts("text", ["the cat", "y\u00f6"])], headers=HEADERS, compression_algorithm=coding)
        equal(result.as_numpy("embedding").tolist(), expected.tolist())


@check
def many_texts():
    result = client.infer("sentences", [texts("text", ["the cat"] * 3000)], headers=HEADERS)
    equal(result.as_numpy("embedding").shape, (3000, 16))


@check
def options_are_parameters_or_tensors():
    expected = native("masks", "a [MASK]", top_k=2)
    top = InferInput("top_k", [1], "INT32")
    top.set_data_from_numpy(numpy.array([2], dtype=numpy.int32))
    text = texts("text", ["a [MASK]"])
    for inputs, parameters in (([text, top], None), ([text], {"top_k": 2})):
        result = client.infer("masks", inputs, parameters=parameters, headers=HEADERS)
        equal(json.loads(words(result, "output")[0]), expected)


@check
def messages_of_a_stream():
    def send():
        for name in ("sentences", "nothing", "sentences"):
            client.async_stream_infer(name, [texts("text", ["the cat"])], request_id=name)

    answers = []
    for result, error in streamed(send, lambda *_: answers.append(1) or len(answers) == 3):
        assert (error is None) == (result is not None)
        if error is not None:
            assert "no model" in error.message(), str(error)


@check
def a_text_piece_by_piece():
    def send():
        client.async_stream_infer(
            "generator", [texts("text", ["t22 t23"])], enable_empty_final_response=True,
            parameters={"max_new_tokens": 4, "do_sample": False, "return_full_text": False, "stream": True})

    def is_last(result, error):
        assert error is None, str(error)
        return result.get_response().parameters["triton_final_response"].bool_param

    answers = [result for result, _ in streamed(send, is_last)]
    pieces = [words(result, "text_output")[0] for result in answers[:-1]]
    equal("".join(pieces), generated("t22 t23"))
    assert len(pieces) > 1 and answers[-1].as_numpy("text_output") is None


@check
def errors_have_their_statuses():
    def status(call):
        return raises(InferenceServerException, call).status()

    text = [texts("text", ["a [MASK]"])]
    number = InferInput("text", [1], "FP32")
    number.set_data_from_numpy(numpy.zeros(1, dtype=numpy.float32))
    for expected, call in (
        ("INVALID_ARGUMENT", lambda: client.infer("masks", [number], headers=HEADERS)),
        ("NOT_FOUND", lambda: client.infer("nothing", text, headers=HEADERS)),
        ("UNAUTHENTICATED", lambda: client.infer("masks", text)),
        ("UNIMPLEMENTED", lambda: client.load_model("masks", headers=HEADERS)),
    ):
        equal(status(call), f"StatusCode.{expected}")


@check
def models_are_listed():
    names = {model.name for model in client.get_model_repository_index(headers=HEADERS).models}
    assert {"sentences", "org/classifier"} <= names


@check
def statistics_are_those_of_http():
    models = client.get_inference_statistics(headers=HEADERS).model_stats
    equal(sorted(model.name for model in models), sorted(
        model.name for model in client.get_model_repository_index(headers=HEADERS).models))
    model, = client.get_inference_statistics("sentences", "1", headers=HEADERS).model_stats
    assert model.inference_count > 0 and model.execution_count > 0
    given = client.get_inference_statistics("sentences", headers=HEADERS, as_json=True)["model_stats"][0]
    request = urllib.request.Request(f"{URL}/v2/models/sentences/stats", headers=HEADERS)
    with urllib.request.urlopen(request) as answer:
        expected = json.load(answer)["model_stats"][0]
    equal(int(given["inference_count"]), expected["inference_count"])
    for kind, total in expected["inference_stats"].items():
        equal({key: int(value) for key, value in given["inference_stats"][kind].items()}, {
            key: value for key, value in total.items() if value})


main()
