/// The tensors of an adapter, by what they are for.
struct AdapterParts {
    /// The two matrices of a module.
    struct Pair {
        /// `[rank, inputs]`
        var a: Tensor?
        /// `[outputs, rank]`
        var b: Tensor?
        /// True if the module is a table of embeddings.
        var isEmbedding = false
    }

    /// By the paths of the modules.
    private(set) var pairs: [[UInt8]: Pair] = [:]
    /// Tensors that stand in the place of those of the base, by their paths: trained biases, and modules that were
    /// saved as a whole.
    private(set) var whole: [[UInt8]: Tensor] = [:]
    /// The paths of those of `whole` that have another name in the file, which counts where nothing has the path
    /// itself.
    private var wrapped: Set<[UInt8]> = []

    /// Sorts a tensor in.
    ///
    /// - Throws: an error that names a tensor of another kind of adapter
    mutating func add(_ tensor: Tensor) throws(CheckpointError) {
        let (path, wrapping) = Self.path(of: tensor)
        if let module = Self.module(path, ".lora_A.weight") {
            pairs[module, default: Pair()].a = tensor
        } else if let module = Self.module(path, ".lora_B.weight") {
            pairs[module, default: Pair()].b = tensor
        } else if let module = Self.module(path, ".lora_embedding_A") {
            pairs[module, default: Pair()].a = tensor
            pairs[module]?.isEmbedding = true
        } else if let module = Self.module(path, ".lora_embedding_B") {
            pairs[module, default: Pair()].b = tensor
            pairs[module]?.isEmbedding = true
        } else if path.split(separator: UInt8(ascii: ".")).contains(where: { $0.starts(with: "lora_".utf8) }) {
            throw CheckpointError(
                .unfitTensor, file: tensor.file,
                "tensor \(tensor.name) is not of LoRA as it is supported; "
                    + "merge the adapter into the model with `merge_and_unload`, and save it")
        } else {
            try addWhole(tensor, at: path, wrapping)
        }
    }

    private mutating func addWhole(
        _ tensor: Tensor, at path: [UInt8], _ wrapping: Wrapping
    ) throws(CheckpointError) {
        guard wrapping != .original else { return }
        if whole[path] != nil {
            if wrapping == .copy { return }
            guard wrapped.remove(path) != nil else {
                throw CheckpointError(.malformedFile, file: tensor.file, "tensor \(tensor.name) is there twice")
            }
        } else if wrapping == .copy {
            wrapped.insert(path)
        }
        whole[path] = tensor
    }

    /// The parts of names that `peft` puts around a module that is trained as a whole.
    private enum Wrapping {
        case none
        /// The trained copy, which is saved under the name of the module, too.
        case copy
        /// The tensor that the base had in its place, which nobody reads.
        case original
    }

    /// The name of the tensor in the model that was trained, without what `peft` puts around its modules.
    private static func path(of tensor: Tensor) -> (path: [UInt8], Wrapping) {
        let parts = tensor.name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isOfPeft = parts.starts(with: ["base_model", "model"]) { $0.elementsEqual($1.utf8) }
        var wrapping = Wrapping.none
        var kept: [Substring.UTF8View] = []
        for part in isOfPeft ? parts.dropFirst(2) : parts[...] {
            if part.elementsEqual("base_layer".utf8) { continue }
            if part.elementsEqual("original_module".utf8) {
                wrapping = .original
            } else if part.elementsEqual("modules_to_save".utf8) {
                wrapping = .copy
            } else if wrapping != .copy || !part.elementsEqual("default".utf8) {
                kept.append(part)
            }
        }
        return (Array(kept.joined(separator: ".".utf8)), wrapping)
    }

    private static func module(_ path: [UInt8], _ end: String) -> [UInt8]? {
        path.suffix(end.utf8.count).elementsEqual(end.utf8) ? Array(path.dropLast(end.utf8.count)) : nil
    }
}
