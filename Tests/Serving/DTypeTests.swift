import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockPipelines
import PenstockTestSupport
import Testing

/// Pipelines of reduced precision, and how they are checked as they are loaded.
@Suite struct DTypeTests {
    /// A head each that is stored wider than the encoder, and none.
    private static let checkpoints = [
        ("bert-tiny", "fill-mask"), ("bert-encoder", "feature-extraction"),
        ("st-dense-normalize", "sentence-similarity"),
        ("bert-bf16", "fill-mask"), ("bert-odd", "fill-mask"),
    ]

    @Test func float32NeedsNoCheck() throws {
        let pipeline = try JSONPipeline(directory: Fixtures.checkpoint("bert-tiny"), threads: 1)
        #expect(pipeline.loaded.dtype == .float32 && pipeline.loaded.selfCheck == nil)
    }

    @Test(arguments: checkpoints, [DType.bfloat16, .int8, .int4])
    func reducedOnesReportTheirError(checkpoint: (String, String), dtype: DType) throws {
        let (name, task) = checkpoint
        for threads in [1, 2] {
            let pipeline = try JSONPipeline(
                directory: Fixtures.checkpoint(name), task: task, LoadOptions(dtype: dtype), threads: threads)
            #expect(pipeline.loaded.dtype == dtype && pipeline.task == task)
            let check = try #require(pipeline.loaded.selfCheck)
            #expect(check.tokens > 20 && check.isWithinBounds == (dtype != .int4 || check.smallestCosine >= 0.95))
            // Not the same numbers, but close.
            let ofFourBits = name == "bert-encoder" ? 0.7 : 0.8
            let bounds: [DType: Double] = [.bfloat16: 0.999, .int8: 0.98, .int4: ofFourBits]
            #expect(check.smallestCosine < 1 && check.smallestCosine > bounds[dtype] ?? 1, "\(check)")
            #expect(check.description.contains("of \(check.tokens) tokens"))
        }
    }

    @Test(arguments: checkpoints)
    func autoTakesTheFastestThatIsClose(checkpoint: (String, String)) throws {
        let (name, task) = checkpoint
        let pipeline = try JSONPipeline(
            directory: Fixtures.checkpoint(name), task: task, LoadOptions(dtype: .auto), threads: 2)
        if Kernels.best.gainsByBFloat16 {
            #expect(pipeline.loaded.dtype == .bfloat16 && pipeline.loaded.selfCheck?.isWithinBounds == true)
        } else {
            #expect(pipeline.loaded.dtype == .float32 && pipeline.loaded.selfCheck == nil)
        }
    }

    /// What generates gains by fewer bytes, others by faster products alone.
    @Test func autoIsBFloat16ForWhatGeneratesIfThereAreInstructions() {
        for kernels in Kernels.available {
            let hasInstructions = kernels.hasInstructions(for: .bfloat16)
            let generating = DType.fastest(reading: [.nextTokenLogits], on: kernels)
            #expect(generating == (hasInstructions ? .bfloat16 : .float32), "\(kernels.name)")
            let others = DType.fastest(reading: [.hiddenStates], on: kernels)
            #expect(others == (kernels.gainsByBFloat16 ? .bfloat16 : .float32), "\(kernels.name)")
            #expect(hasInstructions || others == .float32, "\(kernels.name)")
        }
    }

    /// A checkpoint whose rows are no numbers is close to nothing: it loads as it was asked to, and `auto` stays wide.
    @Test func whatIsNoNumberIsNotClose() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-tiny"))
        var bytes = try directory.read("model.safetensors")
        let header = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        for index in header..<bytes.count { bytes[index] = 0xFF }
        try directory.write("model.safetensors", bytes)
        for dtype in [DType.bfloat16, .int8, .int4] {
            let check = try JSONPipeline(directory: directory.path, LoadOptions(dtype: dtype), threads: 1).loaded
                .selfCheck
            #expect(check?.isWithinBounds == false && check?.smallestCosine == -1)
        }
        let pipeline = try JSONPipeline(directory: directory.path, LoadOptions(dtype: .auto), threads: 1)
        #expect(pipeline.loaded.dtype == .float32 && pipeline.loaded.selfCheck?.isWithinBounds != true)
    }

    @Test func names() {
        #expect(DType.allCases.map(\.rawValue) == ["float32", "bfloat16", "int8", "int4", "blocks", "auto"])
    }

    /// A GGUF file with blocks is computed in these if nothing else is asked for, and any other checkpoint in float32.
    @Test func defaults() throws {
        let packed = try Checkpoint(directory: Fixtures.path("gguf/llama-packed"))
        for asked in [nil, DType.auto, .blocks] { #expect(DType.chosen(asked, for: packed) == .blocks) }
        for path in [Fixtures.path("gguf/llama"), Fixtures.checkpoint("bert-tiny")] {
            let checkpoint = try Checkpoint(directory: path)
            #expect(DType.chosen(nil, for: checkpoint) == .float32 && DType.chosen(.auto, for: checkpoint) == .auto)
            #expect(DType.chosen(.blocks, for: checkpoint) == .auto)
        }
        for asked in [DType.float32, .bfloat16, .int8, .int4] { #expect(DType.chosen(asked, for: packed) == asked) }
    }
}
