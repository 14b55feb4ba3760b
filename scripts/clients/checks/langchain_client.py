"""`langchain-openai`, `langchain-cohere`, `langchain-community`, `langchain-huggingface`."""

from typing import Literal
from unittest import mock

import pydantic
from conformance import (
    CHAT, KEY, URL, check, close, embedding, equal, generated, main, native, raises, ranking)
from langchain_cohere import CohereRerank
from langchain_community.document_compressors import JinaRerank
from langchain_core.documents import Document
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_huggingface import HuggingFaceEndpointEmbeddings
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings

TEXTS = ["on", "the cat", "a cat"]


def openai_embeddings(**arguments):
    return OpenAIEmbeddings(base_url=f"{URL}/v1", api_key=KEY, model="sentences", **arguments)


@check
def openai_embeddings_of_texts():
    embeddings = openai_embeddings(check_embedding_ctx_length=False)
    close(embeddings.embed_query("the cat"), embedding("the cat"))
    for vector, text in zip(embeddings.embed_documents(TEXTS), TEXTS, strict=True):
        close(vector, embedding(text))


@check
def openai_embeddings_of_tokens():
    """By default it sends tokens, here of an encoder that has those of the model."""
    ids = native("sentences/tokenize", "the cat")["ids"][1:-1]

    class Encoder:
        def encode_ordinary(self, text):
            return ids

        def encode(self, text, **_):
            return ids

    with mock.patch("tiktoken.get_encoding", lambda name: Encoder()), mock.patch(
        "tiktoken.encoding_for_model", lambda name: Encoder()
    ):
        embeddings = openai_embeddings()
        close(embeddings.embed_query("the cat"), embedding("the cat"))
        close(embeddings.embed_documents(["the cat", "the cat"])[1], embedding("the cat"))


@check
def openai_embeddings_in_many_chunks():
    embeddings = openai_embeddings(check_embedding_ctx_length=False, chunk_size=100)
    equal(len(embeddings.embed_documents([f"the cat {index}" for index in range(1001)])), 1001)


@check
def cohere_rerank():
    reranker = CohereRerank(base_url=URL, cohere_api_key=KEY, model="ranker", top_n=2)
    given = reranker.compress_documents([Document(page_content=text) for text in TEXTS], "the cat")
    scores = sorted(ranking("the cat", TEXTS), reverse=True)
    equal([document.metadata["relevance_score"] for document in given], scores[:2])


@check
def jina_rerank():
    with mock.patch("langchain_community.document_compressors.jina_rerank.JINA_API_URL", f"{URL}/v1/rerank"):
        reranker = JinaRerank(jina_api_key=KEY, model="ranker", top_n=2)
        given = reranker.compress_documents([Document(page_content=text) for text in TEXTS], "the cat")
        scores = sorted(ranking("the cat", TEXTS), reverse=True)
        equal([document.metadata["relevance_score"] for document in given], scores[:2])
        reranker = JinaRerank(jina_api_key="wrong", model="ranker")
        error = raises(RuntimeError, lambda: reranker.rerank(TEXTS, "the cat"))
        assert "key" in str(error), error


@check
def huggingface_embeddings():
    """It takes no URL any more, but the client that it makes does."""
    from huggingface_hub import AsyncInferenceClient, InferenceClient

    address = f"{URL}/models/sentences"
    embeddings = HuggingFaceEndpointEmbeddings(model="org/sentences", huggingfacehub_api_token=KEY)
    embeddings.client = InferenceClient(model=address, token=KEY)
    embeddings.async_client = AsyncInferenceClient(model=address, token=KEY)
    embeddings.model = address
    close(embeddings.embed_query("the cat"), native("sentences", "the cat"))
    equal(len(embeddings.embed_documents(TEXTS)), 3)


def chat(model="generator", **arguments):
    return ChatOpenAI(base_url=f"{URL}/v1", api_key=KEY, model=model, temperature=0, max_retries=0, **arguments)


class Kind(pydantic.BaseModel):
    kind: Literal["a", "b"]


class Judgement(pydantic.BaseModel):
    """A judgement."""

    good: bool = pydantic.Field(description="whether it is")
    kind: Kind


@check
def chats():
    answer = chat(max_tokens=4).invoke(CHAT)
    equal((answer.content, answer.response_metadata["finish_reason"]), (generated(CHAT), "length"))
    equal((answer.usage_metadata["input_tokens"], answer.usage_metadata["output_tokens"]), (6, 4))
    whole = None
    for chunk in chat(max_tokens=4, stream_usage=True).stream(CHAT):
        whole = chunk if whole is None else whole + chunk
    equal((whole.content, whole.usage_metadata["output_tokens"]), (generated(CHAT), 4))
    equal(OpenAI(
        base_url=f"{URL}/v1", api_key=KEY, model="generator", temperature=0, max_tokens=4).invoke("t5 t6"),
        generated("t5 t6"))


@check
def structured_output():
    for method in ("json_schema", "function_calling"):
        judged = chat("writer").with_structured_output(Judgement, method=method).invoke("hi")
        assert isinstance(judged, Judgement), judged
    assert isinstance(chat("writer", use_responses_api=True).with_structured_output(Judgement).invoke("hi"), Judgement)


@check
def tools():
    bound = chat("writer").bind_tools([Judgement], tool_choice="required")
    answer = bound.invoke("hi")
    call = answer.tool_calls[0]
    assert call["name"] == "Judgement" and isinstance(Judgement(**call["args"]), Judgement)
    whole = None
    for chunk in bound.stream("hi"):
        whole = chunk if whole is None else whole + chunk
    equal(whole.tool_calls[0]["args"], call["args"])
    history = [HumanMessage("hi"), answer, ToolMessage("yes", tool_call_id=call["id"])]
    chat("writer", max_tokens=4).bind_tools([Judgement]).invoke(history)


main()
