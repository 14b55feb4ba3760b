import PenstockJSON
import PenstockTestSupport
import Testing

/// The servers of tests of APIs that generate, and answers without what differs from one to the next.
enum GenerationWire {
    /// The tokens that greedy search finds behind `t38`, as the reference implementation does.
    static let words = ["t14", " t51", " t14", " t21", " t16", " t21"]

    /// A decoder of which each token is a word, with the chat template of the fixtures.
    static func server() throws -> TestServer {
        try TestServer(decoder: "llama", files: [DecoderCheckpoint.chatSettings()])
    }

    /// A decoder some of whose tokens are other texts, with a chat template.
    ///
    /// - Parameters:
    ///   - names: the texts of tokens by their ids
    ///   - template: of chats, in Jinja
    ///   - generation: what generation_config.json says
    ///   - decoder: of the tokenizer; nil for one that joins tokens with spaces
    static func server(
        naming names: [Int: String], template: String = "{% for m in messages %}{{ m.content }} {% endfor %}",
        generation: String = #"{"eos_token_id": null}"#, decoder: JSONObject? = nil
    ) throws -> TestServer {
        let vocabulary = (0..<67).map { (names[$0] ?? "t\($0)", JSONValue.integer($0)) }
        let tokenizer = JSONObject([
            (
                "model",
                .object(
                    JSONObject([
                        ("type", .string("WordLevel")), ("unk_token", .string("t0")),
                        ("vocab", .object(JSONObject(vocabulary))),
                    ]))
            ),
            ("pre_tokenizer", .object(JSONObject([("type", .string("WhitespaceSplit"))]))),
            ("decoder", decoder.map(JSONValue.object) ?? .null),
        ])
        let settings = JSONObject([("chat_template", .string(template))])
        return try TestServer(
            decoder: "llama",
            files: [
                ("tokenizer.json", bytes(tokenizer)), ("tokenizer_config.json", bytes(settings)),
                ("generation_config.json", Array(generation.utf8)),
            ])
    }

    private static func bytes(_ object: JSONObject) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(.object(object))
        return writer.finish()
    }

    /// `usage` of an answer.
    static func usage(_ prompt: Int, _ completion: Int, thoughts: Int = 0) -> String {
        #"{"prompt_tokens":\#(prompt),"completion_tokens":\#(completion),"total_tokens":\#(prompt + completion),"#
            + #""prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":\#(thoughts)}}"#
    }
}

extension TestServer.Reply {
    /// The text of the answer, in which ids are `ID` and times 0.
    var wire: String {
        text.replacing(/"(cmpl-|chatcmpl-|call_|resp_|msg_|fc_|rs_)[0-9a-f]+"/, with: #""ID""#)
            .replacing(/"created(_at)?":[0-9]+/) { #""created\#($0.output.1 ?? "")":0"# }
    }

    /// The data of the events of a stream that ends as OpenAI's do, without that end.
    func events() throws -> [JSONValue] {
        #expect(text.hasSuffix("data: [DONE]\n\n"))
        return try text.split(separator: "\n\n").dropLast().map { event in
            #expect(event.hasPrefix("data: {"))
            return try JSONValue(parsing: event.dropFirst("data: ".count).utf8)
        }
    }

    /// An error as OpenAI's clients read it: its status, the field and the code.
    func openAIError() throws -> (status: Int, parameter: String?, code: String?) {
        let error = try #require(try json["error"]?.object)
        #expect(error.entries.map(\.key) == ["message", "type", "param", "code"])
        return (status, error["param"]?.string, error["code"]?.string)
    }
}
