/// A format of files that hold the tensors of a checkpoint, in one file or in several with an index beside them.
struct WeightsFormat: Sendable {
    /// The name of a single file.
    let name: String
    /// Reads the tensors of a file.
    let tensors: @Sendable (_ path: String) throws(CheckpointError) -> [Tensor]

    /// The name of the file that says which tensor is in which file.
    var index: String { "\(name).index.json" }

    /// The formats of models in the order in which `transformers` looks for them.
    static let all = formats(safetensors: "model.safetensors", pickle: "pytorch_model.bin")

    /// The formats of adapters in the order in which `peft` looks for them.
    static let ofAdapters = formats(safetensors: "adapter_model.safetensors", pickle: "adapter_model.bin")

    private static func formats(safetensors: String, pickle: String) -> [WeightsFormat] {
        [
            WeightsFormat(name: safetensors) { (path) throws(CheckpointError) in
                try SafetensorsFile(path: path).tensors
            },
            WeightsFormat(name: pickle) { (path) throws(CheckpointError) in try PyTorchFile(path: path).tensors },
        ]
    }
}
