"""`cohere`: rerank and embed of both versions of its API."""

import cohere
from conformance import KEY, URL, check, equal, main, raises, ranking

first = cohere.Client(api_key=KEY, base_url=URL)
second = cohere.ClientV2(api_key=KEY, base_url=URL)
TEXTS = ["on", "the cat", "a cat"]


def both():
    return (first, second)


@check
def rerank():
    scores = ranking("the cat", TEXTS)
    for client in both():
        answer = client.rerank(model="ranker", query="the cat", documents=TEXTS)
        equal([result.relevance_score for result in answer.results], sorted(scores, reverse=True))
        equal([scores[result.index] for result in answer.results], sorted(scores, reverse=True))
        equal(answer.meta.billed_units.search_units, 1)
        assert answer.id


@check
def rerank_the_best():
    for client in both():
        answer = client.rerank(model="ranker", query="the cat", documents=TEXTS, top_n=1)
        equal(len(answer.results), 1)
        answer = client.rerank(model="ranker", query="the cat", documents=TEXTS, top_n=100)
        equal(len(answer.results), 3)


@check
def rerank_1000_documents():
    texts = [f"the cat {index}" for index in range(1000)]
    answer = second.rerank(model="ranker", query="the cat", documents=texts, max_tokens_per_doc=4096)
    equal(sorted(result.index for result in answer.results), list(range(1000)))
    equal(answer.meta.billed_units.search_units, 10)


@check
def rerank_with_documents():
    answer = first.rerank(
        model="ranker", query="the cat", documents=[{"text": text} for text in TEXTS], return_documents=True)
    equal([result.document.text for result in answer.results], [TEXTS[result.index] for result in answer.results])
    titled = [{"title": text, "author": "x"} for text in TEXTS]
    answer = first.rerank(model="ranker", query="the cat", documents=titled, rank_fields=["title"])
    equal(sorted(r.relevance_score for r in answer.results), sorted(ranking("the cat", TEXTS)))


@check
def embed():
    answer = second.embed(
        model="sentences", texts=["the cat", "on"], input_type="classification", embedding_types=["float"])
    equal(len(answer.embeddings.float_), 2)
    from_first = first.embed(model="sentences", texts=["the cat", "on"], input_type="classification")
    equal(from_first.embeddings, answer.embeddings.float_)


@check
def errors_have_their_message():
    error = raises(
        cohere.BadRequestError, lambda: second.rerank(model="ranker", query="", documents=TEXTS))
    assert "query" in str(error.body), error.body
    error = raises(cohere.NotFoundError, lambda: second.rerank(model="none", query="a", documents=TEXTS))
    assert "no model of this name" in error.body["message"], error.body
    wrong = cohere.ClientV2(api_key="wrong", base_url=URL)
    error = raises(cohere.UnauthorizedError, lambda: wrong.rerank(model="ranker", query="a", documents=TEXTS))
    assert "key" in error.body["message"], error.body


main()
