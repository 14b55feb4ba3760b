/// The names that parts of a model have in its class in `transformers`, where its files have others.
///
/// An adapter has the names of the class that was trained. `transformers` loads the layers of GTE and of Nomic's BERT
/// under other names than those of their files, and some matrices of the files in parts (`conversion_mapping.py` of
/// version 5.23). The classes in the code beside published files have the names of the files.
struct ModuleNames: Sendable {
    /// A tensor of the files, or some of its rows.
    struct Place: Sendable {
        let name: [UInt8]
        let part: Part
    }

    /// One of several parts of a tensor, with as many rows each.
    struct Part: Sendable, Equatable {
        let index: Int
        let count: Int

        static let whole = Part(index: 0, count: 1)

        /// The rows of a tensor with so many.
        func rows(of all: Int) -> Range<Int> { index * (all / count)..<(index + 1) * (all / count) }

        /// The shape of a part of a tensor. Rows that are left over belong to none.
        func shape(of whole: [Int]) -> [Int] { whole.first.map { [$0 / count] + whole.dropFirst() } ?? [] }

        func overlaps(_ other: Part) -> Bool { count != other.count || index == other.index }
    }

    private typealias Path = [ArraySlice<UInt8>]

    private struct Renaming: Sendable {
        let own: Path
        let inFiles: Path
        let part: Part

        init(_ own: String, _ inFiles: String, _ index: Int = 0, of count: Int = 1) {
            (self.own, self.inFiles) = (ModuleNames.path(Array(own.utf8)), ModuleNames.path(Array(inFiles.utf8)))
            part = Part(index: index, count: count)
        }
    }

    /// The names of the base model that stand before its own, of which files have one.
    private let prefixes: Path
    private let renamings: [Renaming]

    /// The names of the models of a `model_type`.
    init(of modelType: String?) {
        let (names, renamings) = modelType.flatMap { Self.renamed[$0] } ?? ([], [])
        (prefixes, self.renamings) = (names.map { Array($0.utf8)[...] }, renamings)
    }

    /// Returns where a tensor that has a name in the class may be in files, the likeliest first: at least one place.
    ///
    /// - Parameter prefix: the name of the base model that the files have before its own; nil for none
    func places(of name: [UInt8], prefix: [UInt8]?) -> [Place] {
        var path = Self.path(name)
        if let prefix, let first = path.first, prefixes.contains(first) { path[0] = prefix[...] }
        var renamed = [(path: path, part: Part.whole)]
        for renaming in renamings {
            for (path, part) in renamed {
                guard part == .whole, let range = path.firstRange(of: renaming.own) else { continue }
                let other = path[..<range.lowerBound] + renaming.inFiles + path[range.upperBound...]
                renamed.append((Array(other), renaming.part))
            }
        }
        return renamed.map { Place(name: Array($0.path.joined(separator: CollectionOfOne(Self.dot))), part: $0.part) }
    }

    /// The name of the base model before those of its tensors; nil if they have none that is known.
    func prefix(of names: some Sequence<[UInt8]>) -> [UInt8]? {
        guard !prefixes.isEmpty else { return nil }
        return names.lazy.map { $0.prefix { $0 != Self.dot } }.first(where: prefixes.contains).map(Array.init)
    }

    private static let dot = UInt8(ascii: ".")

    private static func path(_ name: [UInt8]) -> Path { name.split(separator: dot, omittingEmptySubsequences: false) }

    private static let renamed: [String: (prefixes: [String], [Renaming])] = {
        let gte = (
            ["new", "gte"],
            [
                Renaming("layers", "encoder.layer"), Renaming("self_attn.o_proj", "attention.o_proj"),
                Renaming("post_attention_layernorm", "attn_ln"), Renaming("post_mlp_layernorm", "mlp_ln"),
                Renaming("lm_head.layer_norm", "lm_head.norm"), Renaming("mlp.up_proj", "mlp.up_gate_proj", 0, of: 2),
                Renaming("mlp.gate_proj", "mlp.up_gate_proj", 1, of: 2),
            ] + projections("attention.qkv_proj")
                // Some files have the projections apart.
                + ["q_proj", "k_proj", "v_proj"].map { Renaming("self_attn.\($0)", "attention.\($0)") }
        )
        let nomic = (
            ["nomic_bert", "bert"],
            [
                Renaming("layers", "encoder.layers"), Renaming("embeddings.LayerNorm", "emb_ln"),
                Renaming("self_attn.o_proj", "attn.out_proj"), Renaming("mlp.up_proj", "mlp.fc11"),
                Renaming("mlp.gate_proj", "mlp.fc12"), Renaming("mlp.down_proj", "mlp.fc2"),
                Renaming("post_attention_layernorm", "norm1"), Renaming("post_mlp_layernorm", "norm2"),
            ] + projections("attn.Wqkv")
        )
        return ["gte": gte, "new": gte, "nomic_bert": nomic]
    }()

    /// Queries, keys and values, which files have in one.
    private static func projections(_ inFiles: String) -> [Renaming] {
        ["q_proj", "k_proj", "v_proj"].enumerated().map { Renaming("self_attn.\($1)", inFiles, $0, of: 3) }
    }
}
