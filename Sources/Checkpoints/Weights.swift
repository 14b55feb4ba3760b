/// The tensors of a checkpoint, looked up by name below a path, and checked for their shape.
///
/// `weights["encoder"]["layer.3"]` is the part of the checkpoint whose names start with `encoder.layer.3.`.
package struct Weights: Sendable {
    /// The checkpoint's file or directory, for messages.
    package let file: String
    /// By the bytes of their names: two that Swift's `String` holds equal are two.
    let tensors: [[UInt8]: Tensor]
    private let prefix: String
    /// Bytes that the factors of an adapter take while its updates are added to tensors; 0 without one.
    package let adapterBytes: Int
    /// True if weights that `transformers` stores as `[inputs, outputs]`, as those of GPT-2, are `[outputs, inputs]`.
    package let hasOutputsFirst: Bool

    init(
        file: String, tensors: [[UInt8]: Tensor], prefix: String = "", adapterBytes: Int = 0,
        hasOutputsFirst: Bool = false
    ) {
        self.file = file
        self.tensors = tensors
        self.prefix = prefix
        self.adapterBytes = adapterBytes
        self.hasOutputsFirst = hasOutputsFirst
    }

    /// The tensors below `path`.
    package subscript(path: String) -> Weights {
        Weights(
            file: file, tensors: tensors, prefix: "\(prefix)\(path).", adapterBytes: adapterBytes,
            hasOutputsFirst: hasOutputsFirst)
    }

    /// All tensors in the order of their names, also those that are not below the path.
    package var all: [Tensor] { tensors.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value) }

    /// The bytes of all tensors, also of those that are not below the path.
    package var byteCount: Int {
        // Tensors may share their bytes, so that there can be more of them than any file has.
        tensors.values.reduce(0) { $0 + min($1.byteCount, .max - $0) }
    }

    /// Whether there is no tensor below the path.
    package var isEmpty: Bool { !tensors.keys.contains { $0.starts(with: prefix.utf8) } }

    /// Whether there is a tensor of this name, relative to the path.
    package func has(_ name: String) -> Bool { tensors[Array((prefix + name).utf8)] != nil }

    /// The shape of the tensor of this name; nil if there is none.
    package func shape(of name: String) -> [Int]? { tensors[Array((prefix + name).utf8)]?.shape }

    /// The tensor of this name, which must have this shape.
    package func tensor(_ name: String, shape: [Int]) throws(CheckpointError) -> Tensor {
        let fullName = prefix + name
        guard let tensor = tensors[Array(fullName.utf8)] else {
            throw CheckpointError(.missingTensor, file: file, "tensor \(fullName) of shape \(shape) is missing")
        }
        guard tensor.shape == shape else {
            throw CheckpointError(
                .unfitTensor, file: tensor.file,
                "tensor \(fullName) has the shape \(tensor.shape), but config.json asks for \(shape)")
        }
        return tensor
    }
}
