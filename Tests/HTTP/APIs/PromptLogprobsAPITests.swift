import HTTPTypes
import PenstockJSON
import PenstockTestSupport
import Testing

/// How likely the tokens of prompts are, as each API tells it. The numbers are those of the pipeline's own route.
@Suite struct PromptLogprobsAPITests {
    private static let completions = "/v1/completions"
    private static let prompt = "t38 t14 t51"

    /// The tokens of the prompt and the two likeliest of each of its places, as the pipeline tells them.
    private struct Golden {
        let text: String?
        let tokens: [JSONValue]
        let likeliest: [[JSONValue]]
        let details: JSONValue

        init(_ server: TestServer, _ more: String = #""max_new_tokens": 0"#) async throws {
            let reply = try await server.post(
                #"{"inputs": "\#(prompt)", "parameters": {"prompt_logprobs": 2, "do_sample": false, \#(more)}}"#,
                to: "/")
            try #require(reply.status == 200, "\(reply.text)")
            let answer = try #require(try reply.json.array?.first)
            text = answer["generated_text"]?.string
            details = try #require(answer["details"])
            tokens = try #require(details["prefill"]?.array)
            likeliest = try #require(details["prefill_top_tokens"]?.array).map { $0.array ?? [] }
        }

        /// The likeliest tokens of a place and the one that stands there, each once.
        func entries(_ place: Int, first: Bool) -> [JSONValue] {
            let own = tokens[place]
            let others = likeliest[place].filter { $0["id"] != own["id"] }
            if first { return [own] + others }
            return likeliest[place] + (others.count == likeliest[place].count ? [own] : [])
        }

        /// `top_logprobs` of completions.
        var tops: String {
            let places = tokens.indices.dropFirst().map { place in
                let pairs = entries(place, first: false).map { "\($0["text"].written):\($0["logprob"].written)" }
                return "{\(pairs.joined(separator: ","))}"
            }
            return (["null"] + places).joined(separator: ",")
        }

        /// `token_logprobs` of completions.
        var logprobs: String { tokens.map { $0["logprob"].written }.joined(separator: ",") }
    }

    @Test func thePipelineTellsThemInItsDetails() async throws {
        let server = try GenerationWire.server()
        let golden = try await Golden(server)
        #expect(golden.text == Self.prompt)
        #expect(golden.details["generated_tokens"]?.integer == 0 && golden.details["tokens"]?.array?.isEmpty == true)
        #expect(golden.details["finish_reason"]?.string == "length")
        #expect(golden.tokens.map { $0["id"]?.integer } == [38, 14, 51])
        #expect(golden.tokens.map { $0["text"]?.string } == ["t38", "t14", "t51"])
        #expect(golden.tokens.map { $0["logprob"]?.isNull } == [true, false, false])
        #expect(golden.likeliest.map(\.count) == [0, 2, 2])
        // Greedy search goes from `t38` to these.
        #expect(golden.likeliest[1].first == golden.tokens[1] && golden.likeliest[2].first == golden.tokens[2])
        let more = try await Golden(server, #""max_new_tokens": 2, "return_full_text": false"#)
        #expect(more.tokens == golden.tokens && more.likeliest == golden.likeliest)
        #expect(more.text == "t14 t21" && more.details["tokens"]?.array?.count == 2)
    }

    @Test func anEchoIsTheseBytes() async throws {
        let server = try GenerationWire.server()
        let golden = try await Golden(server)
        let expected =
            #"{"id":"ID","object":"text_completion","created":0,"model":"llama","choices":[{"text":"t38 t14 t51","#
            + #""index":0,"logprobs":{"tokens":["t38","t14","t51"],"token_logprobs":[\#(golden.logprobs)],"#
            + #""top_logprobs":[\#(golden.tops)],"text_offset":[0,3,6]},"finish_reason":"length"}],"#
            + #""usage":\#(GenerationWire.usage(3, 0))}"#
        let body = #""max_tokens": 0, "echo": true, "logprobs": 2"#
        for _ in 0..<2 {
            let reply = try await server.post(#"{"prompt": "t38 t14 t51", \#(body)}"#, to: Self.completions)
            #expect(reply.wire == expected)
        }
        // The text of a prompt of tokens is that of its tokens.
        let tokens = try await server.post(#"{"prompt": [[38, 14, 51]], \#(body)}"#, to: Self.completions)
        #expect(tokens.wire == expected)
        let silent = try await server.post(
            #"{"prompt": "t38 t14 t51", "max_tokens": 0, "echo": true}"#, to: Self.completions)
        #expect(
            silent.wire
                == #"{"id":"ID","object":"text_completion","created":0,"model":"llama","choices":[{"text":"t38 t14 t51","#
                + #""index":0,"logprobs":null,"finish_reason":"length"}],"usage":\#(GenerationWire.usage(3, 0))}"#)
    }

    /// As evaluation harnesses ask: the last token, which is generated, is cut off by them.
    @Test func harnessesFindWhatTheyAskFor() async throws {
        let server = try GenerationWire.server()
        let alone = try await server.post(
            #"{"prompt": [[38, 14, 51], [38, 7]], "max_tokens": 0, "echo": true, "logprobs": 1}"#, to: Self.completions)
        let withOne = try await server.post(
            #"{"prompt": [[38, 14, 51], [38, 7]], "max_tokens": 1, "echo": true, "logprobs": 1, "temperature": 0, "seed": 1234}"#,
            to: Self.completions)
        let (choices, others) = (try alone.json["choices"]?.array ?? [], try withOne.json["choices"]?.array ?? [])
        #expect(choices.count == 2 && others.count == 2)
        for (choice, other) in zip(choices, others) {
            for key in ["tokens", "token_logprobs", "top_logprobs", "text_offset"] {
                let list = try #require(choice["logprobs"]?[key]?.array)
                #expect(other["logprobs"]?[key]?.array?.dropLast() == list[...], "\(key)")
            }
        }
        // The greedy continuation is told apart from another one.
        func isGreedy(_ choice: JSONValue) -> Bool {
            let lists = choice["logprobs"]
            return zip(lists?["token_logprobs"]?.array ?? [], lists?["top_logprobs"]?.array ?? []).dropFirst()
                .allSatisfy { logprob, top in
                    logprob.double == top.object?.entries.compactMap(\.value.double).max()
                }
        }
        #expect(choices.map(isGreedy) == [true, false])
    }

    @Test func theEchoOfAStreamComesFirst() async throws {
        let server = try GenerationWire.server()
        let golden = try await Golden(server)
        let reply = try await server.post(
            #"{"prompt": "t38 t14 t51", "max_tokens": 0, "echo": true, "logprobs": 2, "stream": true}"#,
            to: Self.completions)
        let head = #"data: {"id":"ID","object":"text_completion","created":0,"model":"llama","choices":["#
        #expect(
            reply.wire == head
                + #"{"text":"t38 t14 t51","index":0,"logprobs":{"tokens":["t38","t14","t51"],"#
                + #""token_logprobs":[\#(golden.logprobs)],"top_logprobs":[\#(golden.tops)],"text_offset":[0,3,6]},"#
                + "\"finish_reason\":null}]}\n\n" + head
                + #"{"text":"","index":0,"logprobs":{"tokens":[],"token_logprobs":[],"top_logprobs":[],"text_offset":[]},"#
                + "\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n")
    }

    /// Of long prompts there are several events, whose lists make up those of the whole answer.
    @Test(arguments: [#""n": 1"#, #""n": 2, "seed": 4"#]) func streamsOfLongPromptsAreWhole(more: String) async throws {
        let server = try GenerationWire.server()
        let prompt = DecoderCheckpoint.text((0..<150).map { 3 + $0 % 50 })
        let body = #""prompt": "\#(prompt)", "max_tokens": 3, "temperature": 0, "echo": true, "logprobs": 1, \#(more)"#
        let whole = try await server.post("{\(body)}", to: Self.completions).json
        let events = try await server.post("{\(body), \"stream\": true}", to: Self.completions).events()
        let choices = try #require(whole["choices"]?.array)
        for (index, choice) in choices.enumerated() {
            let parts = events.compactMap { $0["choices"]?.array?.first }.filter { $0["index"]?.integer == index }
            #expect(parts.compactMap { $0["text"]?.string }.joined() == choice["text"]?.string)
            #expect(parts.first?["text"]?.string == prompt)
            for key in ["tokens", "token_logprobs", "top_logprobs", "text_offset"] {
                let list = parts.flatMap { $0["logprobs"]?[key]?.array ?? [] }
                #expect(list.count == 153 && list == choice["logprobs"]?[key]?.array, "\(key)")
            }
        }
    }

    @Test func theFieldOfVLLMIsTheseBytes() async throws {
        let server = try GenerationWire.server()
        let golden = try await Golden(server)
        let places = golden.tokens.indices.dropFirst().map { place in
            let entries = golden.entries(place, first: true).map { token in
                let rank = golden.likeliest[place].firstIndex(of: token).map { $0 + 1 }
                return #""\#(token["id"].written)":{"logprob":\#(token["logprob"].written),"rank":\#(rank ?? -1),"#
                    + #""decoded_token":\#(token["text"].written)}"#
            }
            return "{\(entries.joined(separator: ","))}"
        }
        let list = #""prompt_logprobs":[null,\#(places.joined(separator: ","))]"#
        let reply = try await server.post(
            #"{"prompt": "t38 t14 t51", "max_tokens": 1, "temperature": 0, "prompt_logprobs": 2}"#, to: Self.completions
        )
        #expect(
            reply.wire
                == #"{"id":"ID","object":"text_completion","created":0,"model":"llama","choices":[{"text":"t14","#
                + #""index":0,"logprobs":null,"finish_reason":"length",\#(list)}],"usage":\#(GenerationWire.usage(3, 1))}"#
        )
        // With an echo each list has as many of the likeliest as were asked for it.
        let both = try await server.post(
            #"{"prompt": "t38 t14 t51", "max_tokens": 0, "echo": true, "logprobs": 0, "prompt_logprobs": 2}"#,
            to: Self.completions)
        #expect(both.text.contains(list))
        let tops = try both.json["choices"]?.array?.first?["logprobs"]?["top_logprobs"]?.array
        #expect(tops?.map { $0.object?.entries.count } == [nil, 1, 1])
    }

    @Test func chatsTellThemBesideTheirChoices() async throws {
        let server = try GenerationWire.server()
        let body = #""messages": \#(GenerationSample.chat), "max_tokens": 2, "temperature": 0"#
        let plain = try await server.post("{\(body)}", to: "/v1/chat/completions").json
        let told = try await server.post("{\(body), \"prompt_logprobs\": 1}", to: "/v1/chat/completions").json
        #expect(plain["prompt_logprobs"] == nil && told["choices"] == plain["choices"])
        let list = try #require(told["prompt_logprobs"]?.array)
        #expect(list.count == plain["usage"]?["prompt_tokens"]?.integer)
        #expect(list.first?.isNull == true)
        for place in list.dropFirst() {
            let entries = try #require(place.object?.entries)
            #expect((1...2).contains(entries.count))
            #expect(entries.allSatisfy { $0.value.object?.entries.map(\.key) == ["logprob", "rank", "decoded_token"] })
            // Whoever else is told is the likeliest.
            #expect(entries.last?.value["rank"]?.integer == 1)
        }
        let refused = try await server.post(
            "{\(body), \"prompt_logprobs\": 1, \"stream\": true}", to: "/v1/chat/completions")
        #expect(try refused.openAIError().parameter == "prompt_logprobs")
    }

    @Test func theDetailsOfTextGenerationInference() async throws {
        let server = try GenerationWire.server()
        let golden = try await Golden(server)
        let reply = try await server.post(
            #"{"inputs": "t38 t14 t51", "parameters": {"max_new_tokens": 1, "decoder_input_details": true}}"#,
            to: "/generate")
        let details = try reply.json["details"]
        #expect(details?["prefill"]?.array == golden.tokens)
        #expect(details?["prefill_top_tokens"] == nil && details?["tokens"]?.array?.count == 1)
        for parameters in [#""decoder_input_details": true"#, #""prompt_logprobs": 0"#] {
            let stream = try await server.post(
                #"{"inputs": "t38", "parameters": {\#(parameters)}}"#, to: "/generate_stream")
            #expect(stream.status == 400)
            #expect(try stream.json["error"]?.string?.contains("prompt_logprobs") == true)
        }
        let nothing = try await server.post(
            #"{"inputs": "t38 t14", "parameters": {"max_new_tokens": 0, "decoder_input_details": false}}"#,
            to: "/generate")
        #expect(nothing.text == #"{"generated_text":""}"#)
    }

    /// A special token in front of a text takes no place in it.
    @Test func offsetsAreThoseOfTheTextThatIsTold() async throws {
        let vocabulary = (0..<66).map { #""t\#($0)": \#($0)"# }.joined(separator: ", ")
        let begin = #"{"SpecialToken": {"id": "<s>", "type_id": 0}}"#
        let tokenizer = #"""
            {"added_tokens": [{"id": 66, "content": "<s>", "special": true, "single_word": false, "lstrip": false,
              "rstrip": false, "normalized": false}],
             "pre_tokenizer": {"type": "WhitespaceSplit"},
             "post_processor": {"type": "TemplateProcessing",
              "single": [\#(begin), {"Sequence": {"id": "A", "type_id": 0}}],
              "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
              "special_tokens": {"<s>": {"id": "<s>", "ids": [66], "tokens": ["<s>"]}}},
             "model": {"type": "WordLevel", "unk_token": "t0", "vocab": {\#(vocabulary), "<s>": 66}}}
            """#
        let server = try TestServer(decoder: "llama", files: [("tokenizer.json", Array(tokenizer.utf8))])
        for prompt in [#""t38 t5""#, "[66, 38, 5]"] {
            let reply = try await server.post(
                #"{"prompt": \#(prompt), "max_tokens": 0, "echo": true, "logprobs": 0}"#, to: Self.completions)
            let choice = try #require(try reply.json["choices"]?.array?.first)
            #expect(choice["text"]?.string == "t38 t5")
            #expect(choice["logprobs"]?["tokens"]?.array?.map(\.string) == ["<s>", "t38", "t5"])
            #expect(choice["logprobs"]?["text_offset"]?.array?.map(\.integer) == [0, 0, 3])
        }
    }

    /// Tokens of one byte each, whose texts are parts of characters.
    @Test func partsOfCharactersHaveTheirBytesAndPlaces() async throws {
        // The bytes from 0xA1 to 0xFF but 0xAD stand for themselves among the letters of byte-level tokens.
        let bytes: [Int] = Array(0x61...0x64) + Array(0xA1...0xAC) + Array(0xAE...0xE0)
        let vocabulary = bytes.enumerated().map { id, byte in
            #""\#(Character(UnicodeScalar(UInt8(byte))))": \#(id)"#
        }
        let tokenizer = #"""
            {"added_tokens": [], "pre_tokenizer": {"type": "WhitespaceSplit"}, "decoder": {"type": "ByteLevel"},
             "model": {"type": "WordLevel", "unk_token": "a", "vocab": {\#(vocabulary.joined(separator: ", "))}}}
            """#
        let settings = #"{"chat_template": "{{ messages[0].content }}"}"#
        let server = try TestServer(
            decoder: "llama",
            files: [("tokenizer.json", Array(tokenizer.utf8)), ("tokenizer_config.json", Array(settings.utf8))])
        // a, é in two tokens, b
        let prompt = [0x61, 0xC3, 0xA9, 0x62].compactMap { byte in bytes.firstIndex(of: byte) }
        let reply = try await server.post(
            #"{"prompt": \#(prompt), "max_tokens": 0, "echo": true, "logprobs": 0}"#, to: Self.completions)
        let echo = try reply.json
        let choice = try #require(echo["choices"]?.array?.first, "\(reply.text)")
        #expect(choice["text"]?.string == "aéb")
        #expect(choice["logprobs"]?["tokens"]?.array?.map(\.string) == ["a", "\u{FFFD}", "\u{FFFD}", "b"])
        #expect(choice["logprobs"]?["text_offset"]?.array?.map(\.integer) == [0, 1, 1, 2])
        let chat = try await server.post(
            #"{"messages": [{"role": "user", "content": "a"}], "max_tokens": 3, "logprobs": true, "top_logprobs": 20}"#,
            to: "/v1/chat/completions")
        let answer = try chat.json
        let told = try #require(answer["choices"]?.array?.first?["logprobs"]?["content"]?.array, "\(chat.text)")
        for token in told + told.flatMap({ $0["top_logprobs"]?.array ?? [] }) {
            let list = token["bytes"]?.array?.compactMap(\.integer) ?? []
            #expect(list.count == 1 && list.allSatisfy(bytes.contains), "\(token)")
        }
    }
}
