/// Tokens and their ids.
///
/// Tokens are told apart by their bytes: two that Swift's `String` holds equal (é composed and decomposed) are two.
struct Vocabulary: Sendable {
    /// The largest id; -1 without tokens.
    let largestID: Int32
    /// Number of tokens, from which on added tokens are numbered.
    let count: Int
    /// The ids of tokens that come again in a list.
    let repeatedIDs: [Int32]
    private let table: ByteStringTable
    /// The id of each string of ``table``; -1 for those that were overwritten.
    private let ids: [Int32]
    private let places: PlacesByID

    /// Reads an object of tokens and ids, as `model.vocab` is one.
    init(_ field: Field) throws(TokenizerError) {
        let entries = try field.entries()
        var builder = Builder(capacity: entries.count)
        for entry in entries {
            guard let id = entry.value.integer.flatMap({ Int32(exactly: $0) }), id >= 0 else {
                throw field.malformed("the id of \"\(entry.key)\" is not a number from 0 to \(Int32.max)")
            }
            builder.append(entry.key, id: id)
        }
        self.init(builder)
    }

    /// A vocabulary of these tokens; of entries for the same token, or the same id, the last one counts.
    ///
    /// - Parameter entries: tokens and ids, which are not negative.
    init(_ entries: [(token: String, id: Int32)]) {
        var builder = Builder(capacity: entries.count)
        for (token, id) in entries { builder.append(token, id: id) }
        self.init(builder)
    }

    /// A vocabulary of a list of tokens, whose places are their ids. A repeated one has all of its places as ids, and is
    /// encoded as the last.
    init(list: some Collection<String>) {
        var builder = Builder(capacity: list.count, keepsRepeated: true)
        for (index, token) in list.enumerated() { builder.append(token, id: Int32(index)) }
        self.init(builder)
    }

    private init(_ builder: Builder) {
        (table, ids, count, repeatedIDs) = (builder.table, builder.ids, builder.count, builder.repeatedIDs)
        largestID = ids.max() ?? -1
        places = PlacesByID(ids, largestID: largestID)
    }

    private struct Builder {
        let keepsRepeated: Bool
        private(set) var table: ByteStringTable
        private(set) var ids: [Int32] = []
        private(set) var repeatedIDs: [Int32] = []
        private var overwritten = 0

        var count: Int { ids.count - overwritten }

        init(capacity: Int, keepsRepeated: Bool = false) {
            self.keepsRepeated = keepsRepeated
            table = ByteStringTable(capacity: capacity)
            ids.reserveCapacity(capacity)
        }

        mutating func append(_ token: String, id: Int32) {
            var token = token
            if let earlier = token.withUTF8({ table.append($0) }) {
                if keepsRepeated {
                    repeatedIDs.append(ids[earlier])
                } else {
                    ids[earlier] = -1
                    overwritten += 1
                }
            }
            ids.append(id)
        }
    }

    /// The token with this id.
    func token(of id: Int32) -> String? {
        places[id].map { String(decoding: table.string(at: $0), as: UTF8.self) }
    }

    /// Returns the place of the token with this id in ``texts``.
    func place(of id: Int32) -> Int? { places[id] }

    /// The UTF-8 of all tokens, also of those that were overwritten.
    var texts: some Collection<ArraySlice<UInt8>> { ids.indices.lazy.map { table.string(at: $0) } }

    /// The UTF-8 of the token with this id.
    func bytes(of id: Int32) -> ArraySlice<UInt8>? { places[id].map { table.string(at: $0) } }

    /// The id of this token.
    func id(of token: String) -> Int32? {
        var token = token
        return token.withUTF8 { id(of: $0) }
    }

    /// The id of the token with this UTF-8.
    func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? { table.index(of: token).map { ids[$0] } }

    /// All tokens' UTF-8 with their ids; of repeated ones the last counts.
    var entries: [(key: ArraySlice<UInt8>, value: Int32)] {
        ids.indices.lazy.filter { ids[$0] >= 0 }.map { (table.string(at: $0), ids[$0]) }
    }
}

/// The places of tokens in a list, by their ids: in an array, unless the ids have holes that would make it a waste.
private struct PlacesByID: Sendable {
    private var dense: [Int32] = []
    private var sparse: [Int32: Int32] = [:]

    init(_ ids: [Int32], largestID: Int32) {
        let isDense = Int(largestID) < 4 * ids.count + 1024
        if isDense { dense = Array(repeating: -1, count: Int(largestID) + 1) }
        for (place, id) in ids.enumerated() where id >= 0 {
            if isDense { dense[Int(id)] = Int32(place) } else { sparse[id] = Int32(place) }
        }
    }

    subscript(id: Int32) -> Int? {
        if dense.isEmpty { return sparse[id].map { Int($0) } }
        guard dense.indices.contains(Int(id)), dense[Int(id)] >= 0 else { return nil }
        return Int(dense[Int(id)])
    }
}
