import Foundation
import PenstockJSON

/// A decoder of the fixtures with a tokenizer for which each token is a word: `t0 t1 …`.
package struct DecoderCheckpoint: Sendable {
    private let directory: TemporaryDirectory

    /// The directory.
    package var path: String { directory.path }

    /// - Parameters:
    ///   - generation: what generation_config.json says, as JSON; nil for no such file
    ///   - files: more files by their names, which may be in a folder
    package init(_ name: String, generation: String? = nil, files: [(name: String, bytes: [UInt8])] = []) throws {
        let source = Fixtures.path("decoders/\(name)")
        directory = try TemporaryDirectory(copyOf: source)
        let vocabulary = try Fixtures.json("\(source)/config.json")["vocab_size"]?.integer ?? 0
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("model")
            writer.object { writer in
                writer.key("type")
                writer.value("WordLevel")
                writer.key("unk_token")
                writer.value("t0")
                writer.key("vocab")
                writer.object { writer in
                    for id in 0..<vocabulary {
                        writer.key("t\(id)")
                        writer.value(id)
                    }
                }
            }
            writer.key("pre_tokenizer")
            writer.object { writer in
                writer.key("type")
                writer.value("WhitespaceSplit")
            }
        }
        try directory.write("tokenizer.json", writer.finish())
        if let generation { try directory.write("generation_config.json", Array(generation.utf8)) }
        for (name, bytes) in files {
            if let slash = name.lastIndex(of: "/") {
                try FileManager.default.createDirectory(
                    atPath: "\(path)/\(name[..<slash])", withIntermediateDirectories: true)
            }
            try directory.write(name, bytes)
        }
    }

    /// A tokenizer_config.json with the chat template of the fixtures, of whose words each is a token.
    package static func chatSettings() throws -> (name: String, bytes: [UInt8]) {
        let template = try Fixtures.json(Fixtures.path("chats/pipeline.json"))["template"] ?? .null
        var writer = JSONWriter()
        writer.value(
            .object(
                JSONObject([
                    ("chat_template", template), ("bos_token", .string("t66")), ("pad_token", .string("t65")),
                ])))
        return ("tokenizer_config.json", writer.finish())
    }

    /// The text of which the tokenizer makes these tokens.
    package static func text(_ tokens: some Sequence<Int>) -> String {
        tokens.map { "t\($0)" }.joined(separator: " ")
    }
}
