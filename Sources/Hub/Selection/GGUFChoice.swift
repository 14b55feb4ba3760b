/// One model of a repository of GGUF files: a file, or the parts into which it was split.
package struct GGUFChoice: Sendable, Equatable {
    /// The parts in their order.
    package let files: [RepositoryPath]
    /// The kind of its numbers, such as `Q4_K_M`, in upper case; nil if no name tells.
    package let label: String?

    /// Kinds of numbers, the most wanted first: four bits of the best kind, which llama.cpp takes by default, then what is
    /// larger and better, then what is smaller, then what was not reduced.
    package static let preference = [
        "Q4_K_M", "Q4_K_S", "Q5_K_M", "Q5_K_S", "Q6_K", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "IQ4_NL", "IQ4_XS",
        "MXFP4", "Q3_K_L", "Q3_K_M", "Q3_K_S", "IQ3_M", "IQ3_S", "IQ3_XS", "IQ3_XXS", "Q2_K", "Q2_K_S", "IQ2_M",
        "IQ2_S",
        "IQ2_XS", "IQ2_XXS", "IQ1_M", "IQ1_S", "BF16", "F16", "FP16", "F32", "FP32",
    ]

    /// The models among files: no projections of images, no matrices of importance.
    static func all(_ names: [RepositoryPath]) -> [GGUFChoice] {
        var order: [String] = []
        var groups: [String: [RepositoryPath]] = [:]
        for path in names where path.name.lowercased().hasSuffix(".gguf") {
            let name = path.name.lowercased()
            guard !name.contains("mmproj"), !name.contains("imatrix") else { continue }
            let key = stem(of: path)
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(path)
        }
        return order.map { key in GGUFChoice(files: (groups[key] ?? []).sorted(), label: label(of: key)) }
    }

    /// The one that is wished for, or of the most wanted kind.
    ///
    /// - Parameter wish: a file, or a kind, in upper or lower case
    /// - Throws: ``HubError`` of the code `noModel`, which lists what there is
    static func best(of choices: [GGUFChoice], wish: String?) throws(HubError) -> GGUFChoice {
        if let wish {
            let lower = wish.lowercased()
            let found =
                choices.first { $0.files.contains { $0.description == wish || $0.name == wish } }
                ?? choices.first { $0.label?.lowercased() == lower }
                // `UD-Q4_K_XL`: a kind with what its maker puts before it.
                ?? choices.first { $0.files.first.map { stem(of: $0).lowercased().hasSuffix("-\(lower)") } ?? false }
            if let found { return try found.whole() }
            let known = choices.prefix(20).map { $0.label ?? $0.files.first?.description ?? "" }
            throw HubError(
                .noModel, "has no GGUF \(HubError.quoted(wish)); there are: \(known.joined(separator: ", "))")
        }
        for label in preference {
            if let choice = choices.first(where: { $0.label == label }) { return try choice.whole() }
        }
        guard let first = choices.first else { throw HubError(.noModel, "has no GGUF files") }
        return try first.whole()
    }

    /// The same, if all of its parts are there: each part's name says how many there are.
    private func whole() throws(HubError) -> GGUFChoice {
        guard let first = files.first, let count = Self.parts(of: first)?.count, count != files.count else {
            return self
        }
        throw HubError(
            .noModel, "has only \(files.count) of the \(count) parts of \(HubError.quoted(Self.stem(of: first)))")
    }

    /// The path without `.gguf` and without the number of a part, `-00001-of-00003`.
    private static func stem(of path: RepositoryPath) -> String {
        parts(of: path)?.stem ?? String(path.description.dropLast(".gguf".count))
    }

    /// Returns what the name of a part says: the stem that all parts have before their numbers, and the count of parts;
    /// nil for no part.
    private static func parts(of path: RepositoryPath) -> (stem: String, count: Int)? {
        let words = path.description.dropLast(".gguf".count).split(separator: "-", omittingEmptySubsequences: false)
        guard words.count > 3, words[words.count - 2] == "of", isPartNumber(words[words.count - 1]),
            isPartNumber(words[words.count - 3]), let count = Int(words[words.count - 1])
        else { return nil }
        return (words.dropLast(3).joined(separator: "-"), count)
    }

    private static func isPartNumber(_ text: Substring) -> Bool {
        text.utf8.count == 5 && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    /// The longest known kind that the name ends with, or that a folder has for its name. `UD-Q4_K_XL` and other kinds that
    /// are not known are the last word that looks like one.
    private static func label(of stem: String) -> String? {
        let upper = stem.uppercased()
        let words = upper.split { "-./".contains($0) }.map(String.init)
        for word in words.reversed() {
            if preference.contains(word) { return word }
            // `model_q4_k_m`: the words of a name with underscores alone.
            if let known = preference.filter({ word.hasSuffix("_\($0)") }).max(by: { $0.count < $1.count }) {
                return known
            }
            if isKind(word) { return word }
        }
        return nil
    }

    /// `Q4_K_XL`, `IQ4_KS`, `TQ1_0`, and the like.
    private static func isKind(_ word: String) -> Bool {
        let rest = word.hasPrefix("IQ") || word.hasPrefix("TQ") ? word.dropFirst(2) : word.dropFirst(1)
        guard word.hasPrefix("Q") || word.hasPrefix("IQ") || word.hasPrefix("TQ"), let digit = rest.first else {
            return false
        }
        return digit.isASCII && digit.isNumber && rest.dropFirst().first == "_"
    }
}
