import PenstockJSON
import PenstockTestSupport
import Testing

/// What tasks cannot take is refused, by the name of what is wrong.
@Suite struct BadInputTests {
    /// A body, a status, and what the message names.
    struct Case: Sendable, CustomTestStringConvertible {
        let body: String
        let status: Int
        let named: String

        init(_ body: String, _ named: String, status: Int = 422) {
            (self.body, self.status, self.named) = (body, status, named)
        }

        var testDescription: String { String(body.prefix(100)) }
    }

    private func check(_ bad: Case, _ checkpoint: String, _ task: String) async throws {
        let server = try TestServer(checkpoint: checkpoint, task: task, maxBodyBytes: 1 << 20)
        let reply = try await server.post(bad.body, as: "application/json")
        #expect(reply.status == bad.status)
        let message = try #require(try reply.json["error"]?["message"]?.string)
        #expect(message.contains(bad.named), "\(message)")
    }

    private static let long = String(repeating: "never before ", count: 200)

    // MARK: text-ranking

    @Test(arguments: [
        Case(#"{"inputs": {"query": "a", "texts": []}}"#, "inputs.texts is an empty list"),
        Case(#"{"inputs": {"query": "", "texts": ["a"]}}"#, "query is an empty text"),
        Case(#"{"inputs": {"query": "a"}}"#, "inputs has no texts"),
        Case(#"{"inputs": {"texts": ["a"]}}"#, "inputs has no query"),
        Case(#"{"inputs": {"query": 7, "texts": ["a"]}}"#, "inputs.query has to be a text"),
        Case(#"{"inputs": {"query": "a", "texts": "b"}}"#, "inputs.texts has to be a list of texts"),
        Case(#"{"inputs": {"query": "a", "texts": ["b", null]}}"#, "inputs.texts[1] has to be a text"),
        Case(#"{"inputs": {"query": "a", "texts": ["b"], "documents": []}}"#, #"unknown key "documents""#),
        Case(#"{"inputs": [{"query": "a", "texts": ["b"]}, "c"]}"#, "inputs[1] has to be an object"),
        Case(#"{"inputs": "a"}"#, "inputs has to be an object with query, texts"),
        Case(#"{"inputs": []}"#, "inputs is an empty list"),
        Case(#"{"inputs": {"query": "a", "texts": ["b"]}, "top_k": 0}"#, "parameter top_k"),
        Case(#"{"inputs": {"query": "a", "texts": ["b"]}, "top_k": "3"}"#, "parameter top_k"),
        Case(#"{"inputs": {"query": "a", "texts": ["b"]}, "return_documents": 1}"#, "parameter return_documents"),
        Case(#"{"inputs": {"query": "a", "texts": ["b"]}, "function_to_apply": "softmax"}"#, "function_to_apply"),
        Case(#"{"inputs": {"query": "a", "texts": ["b"]}, "topk": 1}"#, #"unknown parameter "topk""#),
        Case(#"{"inputs": {"query": "a", "texts": ["b"]}, "max_length": 1}"#, "max_length"),
        Case(
            #"{"inputs": {"query": "a", "texts": ["\#(long)"]}, "truncation": false}"#,
            "shorten it or ask for truncation"),
        Case(#"{"inputs": {"query": "a", "texts": ["\#(long)"]}, "max_length": 100}"#, "lower max_length"),
    ])
    func textRanking(bad: Case) async throws { try await check(bad, "ranking-bert", "text-ranking") }

    // MARK: zero-shot-classification

    private static let manyLabels = (0..<10_000).map { #""label \#($0)""# }.joined(separator: ",")

    @Test(arguments: [
        Case(#"{"inputs": "a cat"}"#, "parameter candidate_labels"),
        Case(#"{"inputs": "a cat", "candidate_labels": []}"#, "parameter candidate_labels"),
        Case(#"{"inputs": "a cat", "candidate_labels": " , "}"#, "parameter candidate_labels"),
        Case(#"{"inputs": "a cat", "candidate_labels": 7}"#, "parameter candidate_labels"),
        Case(#"{"inputs": "a cat", "candidate_labels": ["a", 7]}"#, "parameter candidate_labels[1]"),
        Case(#"{"inputs": "a cat", "candidate_labels": [\#(manyLabels)]}"#, "has 10000 labels, but at most 4096"),
        Case(#"{"inputs": "a cat", "candidate_labels": ["\#(long)"]}"#, "candidate_labels"),
        Case(
            #"{"inputs": "a cat", "candidate_labels": ["a"], "hypothesis_template": "no place"}"#, "hypothesis_template"
        ),
        Case(#"{"inputs": "a cat", "candidate_labels": ["a"], "hypothesis_template": "{} {}"}"#, "hypothesis_template"),
        Case(#"{"inputs": "a cat", "candidate_labels": ["a"], "hypothesis_template": 7}"#, "hypothesis_template"),
        Case(
            #"{"inputs": "a", "candidate_labels": ["\#(long)"], "hypothesis_template": "\#(places)"}"#,
            "hypothesis_template and candidate_labels"),
        Case(#"{"inputs": "a cat", "candidate_labels": ["a"], "multi_label": "yes"}"#, "parameter multi_label"),
        Case(#"{"inputs": "a cat", "candidate_labels": ["a"], "labels": ["b"]}"#, #"unknown parameter "labels""#),
        Case(#"{"inputs": "", "candidate_labels": ["a"]}"#, "inputs has an empty text"),
        Case(#"{"inputs": [], "candidate_labels": ["a"]}"#, "inputs is an empty list"),
        Case(#"{"inputs": ["a cat", 7], "candidate_labels": ["a"]}"#, "inputs[1] has to be a text"),
        Case(#"{"inputs": {"text": "a cat"}, "candidate_labels": ["a"]}"#, "inputs has to be a text"),
        Case(
            #"{"inputs": "a cat", "candidate_labels": ["a"], "parameters": {"candidate_labels": "b", "x": 1}}"#,
            #"unknown parameter "x""#),
    ])
    func zeroShotClassification(bad: Case) async throws {
        try await check(bad, "zero-shot-bert", "zero-shot-classification")
    }

    private static let places = String(repeating: "{0}", count: 1000)

    // MARK: question-answering

    @Test(arguments: [
        Case(#"{"inputs": {"question": "", "context": "a cat"}}"#, "question is an empty text"),
        Case(#"{"inputs": {"question": "a cat", "context": ""}}"#, "context is an empty text"),
        Case(#"{"inputs": {"question": "a cat"}}"#, "inputs has no context"),
        Case(#"{"inputs": {"context": "a cat"}}"#, "inputs has no question"),
        Case(#"{"inputs": {"question": null, "context": "a cat"}}"#, "inputs.question has to be a text"),
        Case(#"{"inputs": {"question": "a", "context": ["a cat"]}}"#, "inputs.context has to be a text"),
        Case(#"{"inputs": {"question": "a", "context": "b", "text": "c"}}"#, #"unknown key "text""#),
        Case(#"{"inputs": [{"question": "a", "context": "b"}, {"question": "a"}]}"#, "inputs[1] has no context"),
        Case(#"{"inputs": "a cat"}"#, "inputs has to be an object with question, context"),
        Case(#"{"inputs": []}"#, "inputs is an empty list"),
        Case(#"{"inputs": {"question": "a", "context": "b"}, "top_k": 0}"#, "parameter top_k"),
        Case(#"{"inputs": {"question": "a", "context": "b"}, "max_answer_len": 0}"#, "parameter max_answer_len"),
        Case(#"{"inputs": {"question": "a", "context": "b"}, "max_seq_len": "20"}"#, "parameter max_seq_len"),
        Case(#"{"inputs": {"question": "a", "context": "b"}, "max_question_len": 0}"#, "parameter max_question_len"),
        Case(#"{"inputs": {"question": "a", "context": "b"}, "doc_stride": -1}"#, "parameter doc_stride"),
        Case(
            #"{"inputs": {"question": "a", "context": "b"}, "doc_stride": 21, "max_seq_len": 20}"#,
            "parameter doc_stride is 21, more than max_seq_len"),
        Case(
            #"{"inputs": {"question": "a", "context": "\#(long)"}, "doc_stride": 18, "max_seq_len": 20}"#,
            "parameter doc_stride is 18, but has to be less than the"),
        Case(#"{"inputs": {"question": "\#(long)", "context": "b"}}"#, "lower max_question_len"),
        Case(#"{"inputs": {"question": "a", "context": "\#(long)"}, "max_seq_len": 100}"#, "lower max_seq_len"),
        Case(#"{"inputs": {"question": "a", "context": "b"}, "align_to_words": 1}"#, "parameter align_to_words"),
        Case(
            #"{"inputs": {"question": "a", "context": "b"}, "handle_impossible_answer": "no"}"#,
            "handle_impossible_answer"),
        Case(#"{"inputs": {"question": "a", "context": "b"}, "topk": 1}"#, #"unknown parameter "topk""#),
    ])
    func questionAnswering(bad: Case) async throws { try await check(bad, "span-bert", "question-answering") }
}
