"""`litellm`: embeddings and rerank as it asks several servers for them, on one."""

import litellm
from conformance import KEY, URL, check, close, embedding, equal, main, raises, ranking

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


@check
def errors_by_their_classes():
    ask = lambda model, key=KEY: litellm.embedding(
        model=f"openai/{model}", input=["a"], api_base=f"{URL}/v1", api_key=key, max_retries=0)
    raises(litellm.NotFoundError, lambda: ask("none"))
    raises(litellm.AuthenticationError, lambda: ask("sentences", "wrong"))
    raises(litellm.BadRequestError, lambda: ask("ranker"))


main()
