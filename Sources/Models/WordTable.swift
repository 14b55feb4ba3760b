import PenstockCompute

/// The vectors of the vocabulary.
enum WordTable: Sendable {
    /// A table of its own.
    case table(Embedding)
    /// The weights of a layer, as of the head that makes logits.
    case layer(Linear)

    /// The number of words.
    var count: Int {
        switch self {
        case .table(let table): table.count
        case .layer(let layer): layer.outputs
        }
    }

    /// Writes the vectors of some words.
    func write(_ ids: ArraySlice<Int32>, into output: Matrix, on cpu: CPU) {
        switch self {
        case .table(let table): cpu.embed(ids, table, into: output)
        case .layer(let layer): cpu.embed(ids, layer, into: output)
        }
    }
}
