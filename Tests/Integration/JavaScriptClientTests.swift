import Foundation
import PenstockJSON
import PenstockTestSupport
import Testing

/// Requests as the clients in JavaScript send them, byte for byte, and the shape of what they are answered.
@Suite(.serialized, .blocking) struct JavaScriptClientTests {
    /// A client by its fields, in the order in which Node's `fetch` sends them. `duplex` is no field: it has a body come
    /// in chunks.
    enum Client: String, CaseIterable {
        case openAI, huggingFace, cohere, ollama

        var fields: String {
            switch self {
            case .openAI:
                """
                accept: application/json
                content-type: application/json
                user-agent: OpenAI/JS 7.5.0
                x-stainless-retry-count: 0
                x-stainless-timeout: 600
                x-stainless-lang: js
                x-stainless-package-version: 7.5.0
                x-stainless-os: Linux
                x-stainless-arch: x64
                x-stainless-runtime: node
                x-stainless-runtime-version: v20.19.0
                authorization: Bearer none
                """
            case .huggingFace:
                """
                authorization: Bearer hf_none
                user-agent: @huggingface/inference/4.13.28 Node.js/20
                content-type: application/json
                """
            case .cohere:
                """
                authorization: Bearer none
                x-client-name: undefined
                x-fern-language: JavaScript
                x-fern-sdk-name: cohere-ai
                x-fern-sdk-version: 7.19.0
                user-agent: cohere-ai/7.19.0
                x-fern-runtime: node
                x-fern-runtime-version: 20.19.0
                content-type: application/json
                """
            case .ollama:
                """
                content-type: application/json
                accept: application/json
                user-agent: ollama-js/0.6.3 (x64 linux Node.js/v20.19.0)
                """
            }
        }

        /// The bytes of a request.
        ///
        /// - Parameter isInChunks: whether the body goes as a stream
        func request(_ path: String, _ body: String, isInChunks: Bool) -> String {
            let head =
                "POST \(path) HTTP/1.1\nhost: 127.0.0.1:8000\nconnection: keep-alive\n\(fields)\n"
                + (fields.contains("accept:") ? "" : "accept: */*\n")
                + "accept-language: *\nsec-fetch-mode: cors\naccept-encoding: gzip, deflate\n"
            let lines = head.replacing("\n", with: "\r\n")
            guard isInChunks else { return lines + "content-length: \(body.utf8.count)\r\n\r\n\(body)" }
            // Pieces of different sizes, which end within words and numbers.
            var (chunks, rest, size) = ("", Array(body.utf8)[...], 1)
            while !rest.isEmpty {
                let piece = String(decoding: rest.prefix(size), as: UTF8.self)
                chunks += "\(String(piece.utf8.count, radix: 16))\r\n\(piece)\r\n"
                rest = rest.dropFirst(size)
                size = size * 3 + 1
            }
            return lines + "transfer-encoding: chunked\r\n\r\n\(chunks)0\r\n\r\n"
        }
    }

    /// A request, and the shape of its answer.
    struct Sample: Sendable, CustomTestStringConvertible {
        let client: Client
        let path: String
        let body: String
        let contentType: String
        /// Of each line or event with a shape of its own.
        let shapes: [String]

        var testDescription: String { "\(client) \(path)" }
    }

    /// The keys of objects and the types of values; elements of a list that are alike count once.
    private static func shape(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "bool"
        case .integer, .double: "number"
        case .string: "text"
        case .array(let elements): "[" + distinct(elements.map(shape)).joined(separator: ",") + "]"
        case .object(let object):
            "{" + object.entries.map { "\($0.key):\(shape(of: $0.value))" }.joined(separator: ",") + "}"
        }
    }

    private static func distinct(_ texts: [String]) -> [String] {
        texts.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    /// The JSON texts of a body: of its events, of its lines, or the body itself.
    private static func documents(_ body: [UInt8], _ contentType: String) throws -> [JSONValue] {
        let text = String(decoding: body, as: UTF8.self)
        switch contentType {
        case "text/event-stream":
            let events = text.components(separatedBy: "\n\n").dropLast()
            #expect(events.last == "data: [DONE]")
            return try events.dropLast().map { try JSONValue(parsing: $0.dropFirst("data: ".count).utf8) }
        case "application/x-ndjson":
            #expect(text.hasSuffix("}\n"))
            return try text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
        default: return [try JSONValue(parsing: body)]
        }
    }

    private func replay(_ samples: [Sample], on server: ServerProcess) throws {
        for sample in samples {
            // Both on one connection, which is kept.
            let connection = try Connection(port: server.port)
            for isInChunks in [false, true] {
                try connection.send(sample.client.request(sample.path, sample.body, isInChunks: isInChunks))
                let (head, body) = try connection.replyInPieces()
                #expect(head.status == 200, "\(sample) \(String(decoding: body, as: UTF8.self))")
                // The beginning is what clients look at.
                let contentType = head.headers["content-type"] ?? ""
                #expect(contentType.hasPrefix(sample.contentType), "\(sample) \(contentType)")
                let shapes = try Self.documents(body, sample.contentType).map(Self.shape)
                #expect(Self.distinct(shapes) == sample.shapes, "\(sample) in chunks: \(isInChunks)")
            }
        }
    }

    @Test func embeddings() throws {
        let server = try ServerProcess(Fixtures.checkpoint("st-mean"))
        try replay(
            [
                Sample(
                    client: .openAI, path: "/v1/embeddings",
                    body: #"{"model":"st-mean","input":["the cat","on"],"encoding_format":"base64"}"#,
                    contentType: "application/json",
                    shapes: [
                        "{object:text,data:[{object:text,index:number,embedding:text}],model:text,"
                            + "usage:{prompt_tokens:number,total_tokens:number}}"
                    ]),
                Sample(
                    client: .huggingFace, path: "/", body: #"{"inputs":["the cat","yö"]}"#,
                    contentType: "application/json", shapes: ["[[number]]"]),
                Sample(
                    client: .huggingFace, path: "/",
                    body: #"{"inputs":{"source_sentence":"the cat","sentences":["on","the"]}}"#,
                    contentType: "application/json", shapes: ["[number]"]),
                Sample(
                    client: .cohere, path: "/v2/embed",
                    body: #"{"model":"st-mean","input_type":"search_query","texts":["the cat"],"#
                        + #""embedding_types":["float"]}"#,
                    contentType: "application/json",
                    shapes: [
                        "{id:text,response_type:text,embeddings:{float:[[number]]},meta:{api_version:{version:text},"
                            + "billed_units:{input_tokens:number},tokens:{input_tokens:number}}}"
                    ]),
                Sample(
                    client: .ollama, path: "/api/embed", body: #"{"model":"st-mean","input":["the cat","on"]}"#,
                    contentType: "application/json",
                    shapes: [
                        "{model:text,embeddings:[[number]],total_duration:number,load_duration:number,"
                            + "prompt_eval_count:number}"
                    ]),
            ], on: server)
        // The client decodes what it is sent without a look at it.
        let connection = try Connection(port: server.port)
        let body = #"{"model":"st-mean","input":"the cat","encoding_format":"base64"}"#
        try connection.send(Client.openAI.request("/v1/embeddings", body, isInChunks: true))
        let answer = try JSONValue(parsing: try connection.replyInPieces().body)
        let text = try #require(answer["data"]?.array?.first?["embedding"]?.string)
        let bytes = Array(try #require(Data(base64Encoded: text)))
        #expect(bytes.count == 16 * 4)
    }

    @Test func texts() throws {
        let checkpoint = try DecoderCheckpoint(
            "llama", generation: #"{"eos_token_id": null}"#, files: [DecoderCheckpoint.chatSettings()])
        let server = try ServerProcess(checkpoint.path)
        let name = URL(filePath: checkpoint.path).lastPathComponent
        let chunk = "{id:text,object:text,created:number,model:text,choices:"
        let usage =
            "{prompt_tokens:number,completion_tokens:number,total_tokens:number,"
            + "prompt_tokens_details:{cached_tokens:number},completion_tokens_details:{reasoning_tokens:number}}"
        func choice(_ delta: String, end: String = "null") -> String {
            "{index:number,delta:\(delta),logprobs:null,finish_reason:\(end)}"
        }
        let message = "{model:text,created_at:text,message:{role:text,content:text},done:bool"
        let last =
            message + ",done_reason:text,total_duration:number,load_duration:number,prompt_eval_count:number,"
            + "prompt_eval_duration:number,eval_count:number,eval_duration:number}"
        let chat = #""model":"\#(name)","messages":[{"role":"user","content":"t22 t23"}]"#
        try replay(
            [
                Sample(
                    client: .openAI, path: "/v1/chat/completions",
                    body: #"{\#(chat),"max_completion_tokens":3,"temperature":0,"stream":true,"#
                        + #""stream_options":{"include_usage":true}}"#,
                    contentType: "text/event-stream",
                    shapes: [
                        chunk + "[\(choice("{role:text,content:text}"))],usage:null}",
                        chunk + "[\(choice("{content:text}"))],usage:null}",
                        chunk + "[\(choice("{}", end: "text"))],usage:null}", chunk + "[],usage:\(usage)}",
                    ]),
                Sample(
                    client: .huggingFace, path: "/v1/chat/completions", body: #"{\#(chat),"max_tokens":3}"#,
                    contentType: "application/json",
                    shapes: [
                        chunk + "[{index:number,message:{role:text,content:text,refusal:null},logprobs:null,"
                            + "finish_reason:text}],usage:\(usage),system_fingerprint:text}"
                    ]),
                Sample(
                    client: .huggingFace, path: "/", body: #"{"inputs":"t5 t6","parameters":{"max_new_tokens":3}}"#,
                    contentType: "application/json", shapes: ["[{generated_text:text}]"]),
                Sample(
                    client: .ollama, path: "/api/chat",
                    body: #"{\#(chat),"stream":true,"options":{"num_predict":3,"temperature":0}}"#,
                    contentType: "application/x-ndjson", shapes: [message + "}", last]),
                Sample(
                    client: .ollama, path: "/api/chat", body: #"{\#(chat),"stream":false,"options":{"num_predict":3}}"#,
                    contentType: "application/json", shapes: [last]),
            ], on: server)
    }
}
