"""`openai`: embeddings as it asks for them by default and otherwise, models, and errors by their classes."""

import asyncio

import numpy
import openai
from conformance import KEY, SLOW_KEY, URL, check, close, embedding, equal, main, native, raises

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


main()
