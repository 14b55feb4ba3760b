import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTestSupport
import Testing

/// Numbers out of a checkpoint.
@Suite struct WeightsTests {
    private static func weights(_ entries: Safetensors.Entry...) throws -> (LayerWeights, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        try directory.write("config.json", "{}".utf8)
        try directory.write("model.safetensors", Safetensors.file(entries))
        let weights = try Checkpoint(directory: directory.path).weights()
        return (LayerWeights(weights, for: LoadTarget(makeTurns(threads: 2))), directory)
    }

    /// 1, -2, 0.5, the smallest subnormal and infinity in each type; the file places them at odd addresses.
    @Test(arguments: [
        ("F16", [0x00, 0x3C, 0x00, 0xC0, 0x00, 0x38, 0x01, 0x00, 0x00, 0x7C] as [UInt8], Float(0x1p-24)),
        ("BF16", [0x80, 0x3F, 0x00, 0xC0, 0x00, 0x3F, 0x01, 0x00, 0x80, 0x7F], Float(bitPattern: 0x10000)),
        (
            "F32", [0, 0, 0x80, 0x3F, 0, 0, 0x00, 0xC0, 0, 0, 0x00, 0x3F, 1, 0, 0x00, 0x00, 0, 0, 0x80, 0x7F],
            Float.leastNonzeroMagnitude
        ),
        (
            "F64",
            [
                0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0x00, 0xC0, 0, 0, 0, 0, 0, 0, 0xE0, 0x3F, 0, 0, 0, 0, 0,
                0, 0xA0, 0x36, 0, 0, 0, 0, 0, 0, 0xF0, 0x7F,
            ], Float.leastNonzeroMagnitude
        ),
    ])
    func elementTypes(dtype: String, bytes: [UInt8], smallest: Float) throws {
        let (weights, _) = try Self.weights(
            .init("padding", dtype: "U8", shape: [1], bytes: [0]),
            .init("a.bias", dtype: dtype, shape: [5], bytes: bytes))
        #expect(try weights["a"].vector("bias", count: 5) == [1, -2, 0.5, smallest, .infinity])
    }

    @Test(arguments: [("I32", 4), ("U64", 8), ("BOOL", 1), ("F8_E4M3", 1)])
    func otherElementTypesNameTheTensor(dtype: String, size: Int) throws {
        let (weights, directory) = try Self.weights(
            .init("a.b.bias", dtype: dtype, shape: [3], bytes: Array(repeating: 0, count: 3 * size)))
        let error = #expect(throws: CheckpointError.self) { try weights["a"]["b"].vector("bias", count: 3) }
        #expect(error?.code == .unfitTensor)
        #expect(
            error?.description
                == "\(directory.path)/model.safetensors: tensor a.b.bias is stored as \(dtype); "
                + "weights can be F64, F32, F16 or BF16"
        )
    }

    @Test func layersOfSeveralParts() throws {
        let (weights, _) = try Self.weights(
            .init("a.query.weight", shape: [2, 3], [1, 2, 3, 4, 5, 6]), .init("a.query.bias", shape: [2], [7, 8]),
            .init("a.key.weight", dtype: "F16", shape: [2, 3], bytes: Array(repeating: 0, count: 12)),
            .init("a.key.bias", shape: [2], [9, 10]), .init("a.value.weight", shape: [2, 3], [1, 2, 3, 4, 5, 6]))
        let layer = try weights["a"].linear("query", "key", inputs: 3, outputs: 2)
        #expect(layer.inputs == 3 && layer.outputs == 4)
        #expect(try weights["a"].linear("query", "key", "value", inputs: 3, outputs: 2, bias: false).outputs == 6)
        let missing = #expect(throws: CheckpointError.self) {
            try weights["a"].linear("query", "key", "value", inputs: 3, outputs: 2)
        }
        #expect(missing?.message == "tensor a.value.bias of shape [2] is missing")
        let unfit = #expect(throws: CheckpointError.self) { try weights["a"].linear("query", inputs: 2, outputs: 3) }
        #expect(unfit?.message == "tensor a.query.weight has the shape [2, 3], but config.json asks for [3, 2]")
    }
}
