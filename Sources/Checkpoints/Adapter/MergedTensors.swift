/// The tensors of a base while those of an adapter change them, each at most once.
struct MergedTensors {
    /// By the bytes of their names.
    private(set) var tensors: [[UInt8]: Tensor]
    private var changed: [[UInt8]: [ModuleNames.Part]] = [:]

    init(_ base: [[UInt8]: Tensor]) { tensors = base }

    /// Puts a tensor in the place of one of the base, or beside them.
    ///
    /// - Throws: an error that names a tensor that was changed before
    mutating func replace(_ place: ModuleNames.Place, by tensor: Tensor) throws(CheckpointError) {
        try claim(place, for: tensor.file)
        tensors[place.name] = tensor
    }

    /// Changes a tensor of the base, or a part of it, which has the shape of the change.
    ///
    /// - Throws: an error that names one that was changed before
    mutating func change(
        _ place: ModuleNames.Place, by change: ChangedRows.Change, from file: String
    ) throws(CheckpointError) {
        try claim(place, for: file)
        guard let base = tensors[place.name], let rows = base.shape.first else { return }
        tensors[place.name] = Tensor(
            name: base.name, elementType: .float32, shape: base.shape,
            source: ChangedRows(base: base, rows: place.part.rows(of: rows), change: change))
    }

    private mutating func claim(_ place: ModuleNames.Place, for file: String) throws(CheckpointError) {
        if changed[place.name, default: []].contains(where: place.part.overlaps) {
            throw CheckpointError(
                .malformedFile, file: file,
                "has two tensors for \(String(decoding: place.name, as: UTF8.self)) of the base")
        }
        changed[place.name, default: []].append(place.part)
    }
}
