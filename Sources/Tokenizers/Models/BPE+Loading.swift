import PenstockJSON

extension BPE {
    /// Reads a model of tokenizer.json.
    init(_ field: Field) throws(TokenizerError) {
        try Self.checkDropout(field["dropout"])
        let vocabulary = try Vocabulary(field["vocab"])
        var options = Options()
        options.unknown = try field["unk_token"].optional { (field) throws(TokenizerError) in
            try UnknownToken(field, in: vocabulary)
        }
        let text = { (field: Field) throws(TokenizerError) in try field.string() }
        options.continuingSubwordPrefix = try field["continuing_subword_prefix"].optional(text) ?? ""
        options.endOfWordSuffix = try field["end_of_word_suffix"].optional(text) ?? ""
        options.fuseUnknown = try field["fuse_unk"].bool(default: false)
        options.byteFallback = try field["byte_fallback"].bool(default: false)
        options.ignoreMerges = try field["ignore_merges"].bool(default: false)
        let merges = try MergeReader(vocabulary, prefix: options.continuingSubwordPrefix).read(field["merges"])
        self.init(vocabulary: vocabulary, merges: merges, options: options)
    }

    /// Dropout makes every encoding a throw of the dice. It belongs to training, and who serves a model wants the same
    /// answer to the same text.
    private static func checkDropout(_ field: Field) throws(TokenizerError) {
        guard field.exists else { return }
        guard let dropout = field.value?.double, 0...1 ~= dropout else { throw field.malformed("expected 0 to 1") }
        guard dropout == 0 else {
            throw field.unsupported("dropout \(dropout) makes encodings random; set it to null")
        }
    }
}

/// Reads a list of merges and resolves their pieces.
struct MergeReader {
    private let vocabulary: Vocabulary
    /// The number of bytes of the right piece that vanish when it is merged.
    private let prefixLength: Int
    private var joined: [UInt8] = []

    /// - Parameter prefix: what a piece begins with that continues a word.
    init(_ vocabulary: Vocabulary, prefix: String) {
        self.vocabulary = vocabulary
        prefixLength = prefix.utf8.count
    }

    /// Reads `["a b", …]` or `[["a", "b"], …]`.
    func read(_ field: Field) throws(TokenizerError) -> MergeTable {
        guard let elements = field.value?.array else { throw field.malformed("expected an array") }
        var reader = self
        var merges = MergeTable(capacity: elements.count)
        var rank: UInt32 = 0
        for (index, element) in elements.enumerated() {
            if element.string?.utf8.starts(with: "#version".utf8) == true { continue }
            do {
                try reader.insert(element, rank: rank, into: &merges)
            } catch {
                throw field.element(index).malformed(error.reason)
            }
            rank += 1
        }
        return merges
    }

    /// Reads merges.txt: a merge a line.
    func read(lines bytes: [UInt8], file: String) throws(TokenizerError) -> MergeTable {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var reader = self
        var merges = MergeTable(capacity: lines.count)
        var rank: UInt32 = 0
        for (number, line) in lines.enumerated() where !line.starts(with: "#version".utf8) {
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            do {
                try reader.insert(String(decoding: text, as: UTF8.self), rank: rank, into: &merges)
            } catch {
                throw TokenizerError(.malformed, "\(file): line \(number + 1): \(error.reason)")
            }
            rank += 1
        }
        return merges
    }

    /// Resolves pairs of pieces, in the order of their ranks.
    ///
    /// - Parameter file: where the merges come from; errors name it.
    func read(_ pairs: [(String, String)], file: String) throws(TokenizerError) -> MergeTable {
        var reader = self
        var merges = MergeTable(capacity: pairs.count)
        for (index, pair) in pairs.enumerated() {
            do {
                try reader.insert(pair.0, pair.1, rank: UInt32(index), into: &merges)
            } catch {
                throw TokenizerError(.malformed, "\(file): merge \(index + 1): \(error.reason)")
            }
        }
        return merges
    }

    /// An error that says why a merge makes no sense.
    private struct BadMerge: Error {
        var reason: String
    }

    private mutating func insert(
        _ merge: JSONValue, rank: UInt32, into merges: inout MergeTable
    ) throws(BadMerge) {
        switch merge {
        case .string(let pair):
            try insert(pair, rank: rank, into: &merges)
        case .array(let pair):
            guard pair.count == 2, let left = pair[0].string, let right = pair[1].string else {
                throw BadMerge(reason: "expected two pieces")
            }
            try insert(left, right, rank: rank, into: &merges)
        default: throw BadMerge(reason: "expected a pair, found \(merge.kind)")
        }
    }

    /// Adds a merge written as two pieces with a space between.
    private mutating func insert(_ pair: String, rank: UInt32, into merges: inout MergeTable) throws(BadMerge) {
        var pair = pair
        let result: Result<Void, BadMerge> = pair.withUTF8 { bytes in
            let space = UInt8(ascii: " ")
            guard let split = bytes.firstIndex(of: space), !bytes[(split + 1)...].contains(space) else {
                return .failure(BadMerge(reason: "expected two pieces with a space between"))
            }
            return Result { () throws(BadMerge) in
                try insert(
                    UnsafeBufferPointer(rebasing: bytes[..<split]),
                    UnsafeBufferPointer(rebasing: bytes[(split + 1)...]), rank: rank, into: &merges)
            }
        }
        try result.get()
    }

    private mutating func insert(
        _ left: String, _ right: String, rank: UInt32, into merges: inout MergeTable
    ) throws(BadMerge) {
        var (left, right) = (left, right)
        let result: Result<Void, BadMerge> = left.withUTF8 { left in
            right.withUTF8 { right in
                Result { () throws(BadMerge) in try insert(left, right, rank: rank, into: &merges) }
            }
        }
        try result.get()
    }

    private mutating func insert(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>, rank: UInt32,
        into merges: inout MergeTable
    ) throws(BadMerge) {
        guard let leftID = vocabulary.id(of: left) else { throw Self.unknown(left) }
        guard let rightID = vocabulary.id(of: right), right.count >= prefixLength else { throw Self.unknown(right) }
        joined.removeAll(keepingCapacity: true)
        joined.append(contentsOf: left)
        joined.append(contentsOf: right[prefixLength...])
        guard let id = joined.withUnsafeBufferPointer({ vocabulary.id(of: $0) }) else {
            throw joined.withUnsafeBufferPointer(Self.unknown)
        }
        merges.insert(leftID, rightID, MergeTable.Merge(rank: rank, id: id))
    }

    private static func unknown(_ piece: UnsafeBufferPointer<UInt8>) -> BadMerge {
        BadMerge(reason: "the piece \"\(String(decoding: piece, as: UTF8.self))\" is not in the vocabulary")
    }
}
