import PenstockCompute

/// The vectors of the vocabulary.
enum WordTable: Sendable {
    /// A table of its own.
    case table(Embedding)
    /// The weights of the head that makes logits.
    case head(Linear)

    /// The number of words.
    var count: Int {
        switch self {
        case .table(let table): table.count
        case .head(let head): head.outputs
        }
    }

    /// Writes the vectors of some words.
    func write(_ ids: ArraySlice<Int32>, into output: Matrix, on cpu: CPU) {
        switch self {
        case .table(let table): cpu.embed(ids, table, into: output)
        case .head(let head): cpu.embed(ids, head, into: output)
        }
    }
}
