import PenstockHub
import PenstockJSON
import PenstockPipelines

/// The report of `inspect` about a model.
struct InspectReport {
    let model: String
    let summary: CheckpointSummary
    /// The commit on the Hub of which no more than headers are here; nil for a model that is here.
    let commit: String?
    /// Weights without a header that could be read.
    let opaqueWeights: [(path: RepositoryPath, bytes: Int?)]

    /// Tensors and elements by dtype, those with most bytes first.
    private var shares: [(dtype: String, tensors: Int, parameters: Int, bytes: Int)] {
        Dictionary(grouping: summary.tensors, by: \.dtype).map { dtype, tensors in
            (dtype, tensors.count, Self.sum(tensors.map(\.parameters)), Self.sum(tensors.map(\.bytes)))
        }.sorted { ($0.bytes, $0.dtype) > ($1.bytes, $1.dtype) }
    }

    private static func sum(_ numbers: [Int]) -> Int {
        numbers.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    }

    /// Weights that are no safetensors, or whose headers say nothing, are told by their names.
    private var notes: [String] {
        summary.obstacles
            + opaqueWeights.map { "the weights are in \($0.path)\($0.bytes.map { ", \(ByteText.of($0))" } ?? "")" }
    }

    // MARK: For people

    func text(listing: Bool) -> [UInt8] {
        var sheet = FactSheet()
        sheet.add("model", model + (commit.map { " at \($0.prefix(12)) on the Hub, by its headers" } ?? ""))
        let architectures = summary.architectures.joined(separator: ", ")
        sheet.add(
            "architecture",
            summary.modelType.map { architectures.isEmpty ? $0 : "\($0), \(architectures)" } ?? architectures)
        if !summary.tensors.isEmpty {
            let shares = shares
            sheet.add("parameters", "\(Self.sum(shares.map(\.parameters)).grouped) in \(summary.tensors.count) tensors")
            sheet.add("stored as", shares.map { "\($0.dtype) \(ByteText.of($0.bytes))" }.joined(separator: ", "))
        }
        sheet.add(
            "limits",
            summary.limits.map {
                "\($0.tokens.grouped) tokens of \($0.vocabularySize.grouped), hidden states of \($0.hiddenSize.grouped)"
            })
        let tokenizer = [summary.tokenizerClass, summary.tokenizerFile].compactMap { $0 }
        sheet.add("tokenizer", tokenizer.isEmpty ? "none" : tokenizer.joined(separator: ", "))
        sheet.add("tasks", tasks)
        sheet.add(
            "memory",
            summary.memory.isEmpty
                ? nil
                : summary.memory.map { "\($0.dtype.rawValue) \(ByteText.of($0.resident))" }.joined(separator: ", "))
        for note in notes { sheet.add("note", note) }
        guard listing, !summary.tensors.isEmpty else { return sheet.lines }
        let rows = summary.tensors.map { tensor in
            [tensor.name.shown, tensor.dtype, "[\(tensor.shape.map(String.init).joined(separator: ", "))]"]
        }
        return sheet.lines + [0x0A] + TextTable.lines([["tensor", "dtype", "shape"]] + rows)
    }

    private var tasks: String {
        guard let task = summary.task else {
            return summary.tasks.isEmpty ? "none" : summary.tasks.joined(separator: ", ")
        }
        return ([task] + summary.tasks.filter { $0 != task }).joined(separator: ", ")
    }

    // MARK: For programs

    func json(listing: Bool) -> [UInt8] {
        var object = JSONObject([("model", .string(model)), ("commit", Self.text(commit))])
        object.append("model_type", Self.text(summary.modelType))
        object.append("architectures", .array(summary.architectures.map(JSONValue.string)))
        object.append("parameters", .integer(Self.sum(shares.map(\.parameters))))
        object.append(
            "dtypes",
            .object(
                JSONObject(
                    shares.map { share in
                        (
                            share.dtype,
                            .object(
                                JSONObject([
                                    ("tensors", .integer(share.tensors)), ("parameters", .integer(share.parameters)),
                                    ("bytes", .integer(share.bytes)),
                                ]))
                        )
                    })))
        object.append("max_tokens", Self.number(summary.limits?.tokens))
        object.append("vocab_size", Self.number(summary.limits?.vocabularySize))
        object.append("hidden_size", Self.number(summary.limits?.hiddenSize))
        object.append("tokenizer_class", Self.text(summary.tokenizerClass))
        object.append("tokenizer_file", Self.text(summary.tokenizerFile))
        object.append("task", Self.text(summary.task))
        object.append("tasks", .array(summary.tasks.map(JSONValue.string)))
        object.append(
            "memory_bytes",
            .object(JSONObject(summary.memory.map { ($0.dtype.rawValue, .integer($0.resident)) })))
        object.append("notes", .array(notes.map(JSONValue.string)))
        if listing {
            object.append(
                "tensors",
                .array(
                    summary.tensors.map { tensor in
                        .object(
                            JSONObject([
                                ("name", .string(tensor.name)), ("dtype", .string(tensor.dtype)),
                                ("shape", .array(tensor.shape.map(JSONValue.integer))),
                            ]))
                    }))
        }
        var writer = JSONWriter()
        writer.value(.object(object))
        return writer.finish() + [0x0A]
    }

    private static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
    private static func number(_ number: Int?) -> JSONValue { number.map(JSONValue.integer) ?? .null }
}
