"""LlamaIndex: embeddings of OpenAI's form and of Text Embeddings Inference, rerankers of three, and chats."""

from conformance import CHAT, KEY, URL, check, close, embedding, equal, generated, main, ranking
from llama_index.core.llms import ChatMessage
from llama_index.core.schema import NodeWithScore, TextNode
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.embeddings.text_embeddings_inference import TextEmbeddingsInference
from llama_index.llms.openai_like import OpenAILike
from llama_index.postprocessor.cohere_rerank import CohereRerank
from llama_index.postprocessor.jinaai_rerank import JinaRerank
from llama_index.postprocessor.tei_rerank import TextEmbeddingInference as TEIRerank

TEXTS = ["on", "the cat", "a cat"]


def reranked(reranker):
    nodes = [NodeWithScore(node=TextNode(text=text), score=0.0) for text in TEXTS]
    given = reranker.postprocess_nodes(nodes, query_str="the cat")
    return [(node.node.text, node.score) for node in given]


def expected(count):
    scores = ranking("the cat", TEXTS)
    return sorted(zip(TEXTS, scores), key=lambda pair: -pair[1])[:count]


@check
def openai_like_embeddings():
    embeddings = OpenAILikeEmbedding(model_name="sentences", api_base=f"{URL}/v1", api_key=KEY, embed_batch_size=2)
    close(embeddings.get_text_embedding("the cat"), embedding("the cat"))
    for vector, text in zip(embeddings.get_text_embedding_batch(TEXTS), TEXTS, strict=True):
        close(vector, embedding(text))


@check
def text_embeddings_inference():
    embeddings = TextEmbeddingsInference(
        model_name="sentences", base_url=URL, auth_token=KEY, text_instruction="", query_instruction="")
    close(embeddings.get_text_embedding("the cat"), embedding("the cat"))
    many = embeddings.get_text_embedding_batch(TEXTS * 10)
    equal(len(many), 30)
    close(many[-1], embedding(TEXTS[-1]))


@check
def text_embeddings_inference_rerank():
    # The token is sent as it is.
    for token in (KEY, f"Bearer {KEY}"):
        equal(reranked(TEIRerank(base_url=URL, auth_token=token, top_n=2)), expected(2))


@check
def cohere_rerank():
    equal(reranked(CohereRerank(base_url=URL, api_key=KEY, model="ranker", top_n=2)), expected(2))


@check
def jina_rerank():
    equal(reranked(JinaRerank(base_url=f"{URL}/v1", api_key=KEY, model="ranker", top_n=2)), expected(2))


@check
def openai_like_chats():
    model = OpenAILike(
        model="generator", api_base=f"{URL}/v1", api_key=KEY, is_chat_model=True, max_tokens=4, temperature=0,
        max_retries=0)
    chat = [ChatMessage(role=message["role"], content=message["content"]) for message in CHAT]
    equal(model.chat(chat).message.content, generated(CHAT))
    equal("".join(part.delta or "" for part in model.stream_chat(chat)), generated(CHAT))
    prompt = OpenAILike(
        model="generator", api_base=f"{URL}/v1", api_key=KEY, is_chat_model=False, max_tokens=4, temperature=0)
    equal(prompt.complete("t5 t6").text, generated("t5 t6"))
    equal("".join(part.delta or "" for part in prompt.stream_complete("t5 t6")), generated("t5 t6"))


main()
