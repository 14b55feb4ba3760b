import Foundation
import PenstockJSON
import PenstockServing
import PenstockTestSupport
import Testing

/// Gaps that a model fills in: llama-server's `/infill`, and `suffix` of OpenAI's completions and of Ollama.
@Suite struct InfillAPITests {
    private static let marks = [60: "<|fim_prefix|>", 61: "<|fim_suffix|>", 62: "<|fim_middle|>"]
    private static let settings = #""n_predict":4,"temperature":0"#

    private static func server(_ names: [Int: String] = [:]) throws -> TestServer {
        try GenerationWire.server(naming: marks.merging(names) { $1 })
    }

    /// The text behind the tokens of a prompt.
    private static func text(_ server: TestServer, behind ids: [Int]) async throws -> String? {
        try await server.post(#"{"prompt":\#(ids),\#(settings)}"#, to: "/completion").json["content"]?.string
    }

    @Test func aGapStandsBetweenTexts() async throws {
        let server = try Self.server()
        let expected = try #require(try await Self.text(server, behind: [60, 5, 6, 61, 7, 62]))
        let infill = #""input_prefix":"t5 ","input_suffix":"t7","prompt":"t6",\#(Self.settings)"#
        let whole = try await server.post("{\(infill)}", to: "/infill").json
        #expect(whole["content"]?.string == expected && whole["tokens_evaluated"]?.integer == 6)
        let stream = try await server.post(#"{\#(infill),"stream":true}"#, to: "/infill")
        let pieces = try stream.text.split(separator: "\n\n").map {
            try JSONValue(parsing: $0.dropFirst("data: ".count).utf8)
        }
        #expect(pieces.compactMap { $0["content"]?.string }.joined() == expected)
        let completion = try await server.post(
            #"{"prompt":"t5 t6","suffix":"t7","max_tokens":4,"temperature":0}"#, to: "/v1/completions")
        #expect(try completion.json["choices"]?.array?.first?["text"]?.string == expected)
        for raw in [true, false] {
            let options = #""options":{"num_predict":4,"temperature":0},"stream":false"#
            let ollama = try await server.post(
                #"{"prompt":"t5 t6","suffix":"t7","raw":\#(raw),\#(options)}"#, to: "/api/generate")
            #expect(try ollama.json["response"]?.string == expected)
        }
        let show = try await server.post(#"{"model":"llama"}"#, to: "/api/show").json
        #expect(show["capabilities"].written == #"["completion","insert"]"#)
    }

    /// The names that the families have for their marks.
    @Test(arguments: [
        ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"], ["<fim-prefix>", "<fim-suffix>", "<fim-middle>"],
        ["<PRE>", "<SUF>", "<MID>"], ["▁<PRE>", "▁<SUF>", "▁<MID>"],
        ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],
    ])
    func marksHaveTheNamesOfFamilies(names: [String]) async throws {
        let server = try GenerationWire.server(naming: [60: names[0], 61: names[1], 62: names[2]])
        let expected = try #require(try await Self.text(server, behind: [60, 5, 61, 7, 62]))
        let reply = try await server.post(
            #"{"input_prefix":"t5","input_suffix":"t7",\#(Self.settings)}"#, to: "/infill")
        #expect(try reply.json["content"]?.string == expected)
    }

    /// A GGUF file says which tokens they are, by keys that are newer or older.
    @Test(arguments: [["fim_pre", "fim_suf", "fim_mid"], ["prefix", "suffix", "middle"]])
    func marksAreThoseOfTheFile(keys: [String]) async throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.path("gguf/llama"))
        let path = "\(directory.path)/llama.gguf"
        let file = try Self.file(Array(Data(contentsOf: URL(fileURLWithPath: path))), marks: zip(keys, [7, 9, 11]))
        try directory.write("llama.gguf", file)
        let server = try TestServer(models: { server in
            [
                try ModelSource(name: "llama", directory: directory.path, serving: .patient())
                    .load(on: server.store.scheduler, metrics: server.registry)
            ]
        })
        let tokens = #""return_tokens":true,\#(Self.settings)"#
        let expected = try await server.post(#"{"prompt":[7,9,11],\#(tokens)}"#, to: "/completion").json
        let reply = try await server.post(#"{"input_prefix":"","input_suffix":"",\#(tokens)}"#, to: "/infill").json
        #expect(reply["tokens"]?.array?.isEmpty == false && reply["tokens"] == expected["tokens"])
        #expect(reply["tokens_evaluated"]?.integer == 3)
    }

    /// A file with a tokenizer that knows no words, and marks, in front of all that it has.
    private static func file(_ bytes: [UInt8], marks: some Sequence<(String, Int)>) throws -> [UInt8] {
        var pairs = marks.map { (key: "tokenizer.ggml.\($0)_token_id", value: GGUF.Value.uint32(UInt32($1))) }
        pairs.append(("tokenizer.ggml.merges", .strings([])))
        let length = GGUF(pairs + [("general.filler", .string(""))]).pairBytes.count
        // The tensors keep their places with a header that is longer by whole rows of bytes.
        let filler = String(repeating: " ", count: 31 - (length + 31) % 32)
        pairs.append(("general.filler", .string(filler)))
        var bytes = bytes
        try #require(bytes[16] < 32 && bytes[17..<24].allSatisfy { $0 == 0 })
        bytes[16] += UInt8(pairs.count)
        bytes.insert(contentsOf: GGUF(pairs).pairBytes, at: 24)
        let (none, known) = (Array("none".utf8), Array("gpt2".utf8))
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: none) })
        bytes.replaceSubrange(place..<place + none.count, with: known)
        return bytes
    }

    /// Other files stand in front, each behind its mark and its name, or behind a line.
    @Test func filesStandInFront() async throws {
        let extra = #""input_extra":[{"filename":"t8","text":"t9"},{"text":"t10 t11"}]"#
        let body = #"{"input_prefix":"t5","input_suffix":"","input_extra":null,\#(Self.settings)}"#
        let names = [63: "<|file_sep|>", 64: "<|repo_name|>", 59: "myproject", 58: "filename", 57: "tmp"]
        let marked = try Self.server(names)
        let gap = [60, 5, 61, 62]
        let alone = try await marked.post(body, to: "/infill").json["content"]?.string
        #expect(try await alone == Self.text(marked, behind: [64, 59, 63, 58] + gap))
        let files = try await marked.post(
            body.replacing(#""input_extra":null"#, with: extra), to: "/infill"
        ).json["content"]?.string
        let ids = [64, 59, 63, 8, 9, 63, 57, 10, 11, 63, 58] + gap
        #expect(try await files == Self.text(marked, behind: ids))
        let plain = try Self.server([59: "---", 58: "snippet"])
        let lines = try await plain.post(
            body.replacing(#""input_extra":null"#, with: extra), to: "/infill"
        ).json["content"]?.string
        #expect(try await lines == Self.text(plain, behind: [59, 58, 59, 9, 59, 58, 59, 10, 11] + gap))
    }

    /// What there is no room for is left out of files, never of the text with the gap.
    @Test func filesAreCutToTheRoomThereIs() async throws {
        let server = try Self.server()
        let long = DecoderCheckpoint.text(repeatElement(9, count: 3000))
        func reply(_ fields: String) async throws -> TestServer.Reply {
            try await server.post(#"{\#(fields),"n_predict":2}"#, to: "/infill")
        }
        let files = try await reply(#""input_prefix":"t5","input_suffix":"t6","input_extra":[{"text":"\#(long)"}]"#)
        let properties = try await server.send(.get, "/props").json
        let limit = try #require(properties["default_generation_settings"]?["n_ctx"]?.integer)
        #expect(files.status == 200)
        #expect(try files.json["tokens_evaluated"]?.integer == limit - 2)
        let texts = try await reply(#""input_prefix":"\#(long)","input_suffix":"t6""#)
        #expect(texts.status == 400 && texts.text.contains("tokens"))
    }

    /// A gap is filled where the model says so by a token of its own, unless ends are to be ignored.
    @Test func gapsEndAtTheirTokens() async throws {
        let gap = #""input_prefix":"t5","input_suffix":"t7","return_tokens":true,\#(Self.settings)"#
        let tokens = try await Self.server().post("{\(gap)}", to: "/infill").json["tokens"]?.array
        let ids = try #require(tokens).compactMap(\.integer)
        let end = try #require(ids.first { $0 != ids.first })
        for name in ["<|fim_pad|>", "<|file_sep|>", "<EOT>"] {
            // A mark for files changes the prompt, but not of OpenAI's completions.
            let server = try Self.server([end: name])
            let body = #""prompt":"t5","suffix":"t7","max_tokens":4,"temperature":0"#
            let choice = try await server.post("{\(body)}", to: "/v1/completions").json["choices"]?.array?.first
            #expect(choice?["finish_reason"]?.string == "stop", "\(name)")
            let ignored = try await server.post(#"{\#(body),"ignore_eos":true}"#, to: "/v1/completions")
            #expect(try ignored.json["choices"]?.array?.first?["finish_reason"]?.string == "length")
        }
    }

    @Test(arguments: [
        ("/infill", #"{"input_prefix":"t5","input_suffix":"t6"}"#, "input_prefix"),
        ("/v1/completions", #"{"prompt":"t5","suffix":"t6"}"#, "suffix"),
    ])
    func modelsWithoutMarksRefuse(path: String, body: String, field: String) async throws {
        let reply = try await GenerationWire.server().post(body, to: path)
        #expect(reply.status == 400)
        #expect(try reply.json["error"]?["param"]?.string == field)
        #expect(reply.text.contains("<|fim_prefix|>"))
        #expect(try await Self.server().post(body, to: path).status == 200)
    }

    @Test(arguments: [
        ("/infill", #"{"input_suffix":"t6"}"#, "input_prefix"), ("/infill", #"{"input_prefix":"t6"}"#, "input_suffix"),
        ("/infill", #"{"input_prefix":"","input_suffix":"","input_extra":[{}]}"#, "input_extra[0].text"),
        ("/infill", #"{"input_prefix":"","input_suffix":"","input_extra":"x"}"#, "input_extra"),
        ("/infill", #"{"input_prefix":"","input_suffix":"","response_fields":[1]}"#, "response_fields"),
        ("/v1/completions", #"{"prompt":[5],"suffix":"t6"}"#, "suffix"),
        ("/v1/completions", #"{"prompt":["t5","t6"],"suffix":"t6"}"#, "suffix"),
        ("/v1/completions", #"{"prompt":"t5","suffix":"t6","echo":true}"#, "suffix"),
    ])
    func wrongFieldsAreNamed(path: String, body: String, field: String) async throws {
        let reply = try await Self.server().post(body, to: path)
        #expect(reply.status == 400)
        #expect(try reply.json["error"]?["param"]?.string == field, "\(reply.text)")
    }

    /// Clients choose fields, which come under their paths; as llama.vim asks to have a prompt computed, none.
    @Test func fieldsAreSelected() async throws {
        let server = try Self.server()
        let gap = #""input_prefix":"t5","input_suffix":"t7""#
        let none = try await server.post(#"{\#(gap),"n_predict":0,"response_fields":[""]}"#, to: "/infill")
        #expect(none.text == "{}")
        let fields = #""response_fields":["content","timings/prompt_n","timings/nothing","a/b","content"]"#
        for (path, input) in [("/infill", gap), ("/completion", #""prompt":[60,5,61,7,62]"#)] {
            let some = try await server.post("{\(input),\(fields),\(Self.settings)}", to: path)
            #expect(try some.keys() == ["content", "timings/prompt_n"])
            let stream = try await server.post(#"{\#(input),\#(fields),\#(Self.settings),"stream":true}"#, to: path)
            let last = try JSONValue(parsing: #require(stream.text.split(separator: "\n\n").last).dropFirst(6).utf8)
            #expect(last.object?.entries.map(\.key) == ["content", "timings/prompt_n"])
        }
    }
}
