import CAllocationCounter
import PenstockCompute
import PenstockTestSupport
import Testing

/// Without the optimizer, also code that needs no memory takes some.
private let isOptimized: Bool = {
    #if DEBUG
        false
    #else
        true
    #endif
}()

/// Counted in a process of its own, where no other test allocates.
@Suite(.enabled(if: allocation_counter_works() != 0 && isOptimized)) struct OperationAllocationTests {
    @Test func attentionWithTermsAllocatesNothing() async {
        await #expect(processExitsWith: .success) {
            for terms: ScoreTerms in [
                .none, .byDistance(DistanceTable(heads: 4, reach: 9) { Float($0 + $1) }),
                .alibi(ALiBi(slopes: ALiBi.slopes(heads: 4), measure: .distance)),
            ] {
                for visibility in [Visibility.everything, .past, .window(before: 64, behind: 64)] {
                    Self.countAllocations { cpu, workspace in
                        let shape = AttentionShape(heads: 4, headSize: 16, scale: 0.25)
                        let input = cpu.attentionInput(
                            rows: 300, columns: 192, shape: shape, precision: .bfloat16, from: workspace)
                        let scratch = cpu.attentionScratch(
                            longest: 200, shape: shape, input: input, terms: terms, from: workspace)
                        cpu.attention(
                            queries: input.columns(0..<64), keys: input.columns(64..<128),
                            values: input.columns(128..<192), offsets: [0, 200, 300], shape: shape, terms: terms,
                            visibility: visibility, scratch: scratch,
                            into: workspace.matrix(rows: 300, columns: 64))
                    }
                }
            }
        }
    }

    @Test func rowOperationsAllocateNothing() async {
        await #expect(processExitsWith: .success) {
            let frequencies = RotaryTable.frequencies(theta: 1000, size: 32)
            let table = required { try RotaryTable(frequencies: frequencies, positions: 500) }
            let rms = RMSNorm(weight: Array(repeating: 1, count: 128), epsilon: 1e-6)
            let layer = LayerNorm(weight: Array(repeating: 1, count: 128), epsilon: 1e-6)
            let positions = (0..<500).map { Int32($0) }
            Self.countAllocations { cpu, workspace in
                let rows = workspace.panels(rows: 500, columns: 128, precision: .bfloat16)
                cpu.rotate(rows, positions: positions[...], table, headSize: 32)
                let input = workspace.matrix(rows: 500, columns: 256)
                let output = workspace.matrix(rows: 500, columns: 128)
                cpu.gate(input, activation: .gelu, into: output)
                cpu.rmsNorm(output, rms, into: output)
                cpu.layerNorm(output, layer, into: output)
            }
        }
    }

    /// Counts what `body` allocates when it has been run before.
    private static func countAllocations(_ body: (CPU, Workspace) -> Void) {
        for threads in 1...2 {
            let cpu = makeCPU(threads: threads)
            withWorkspace { workspace in
                for _ in 0..<20 {
                    workspace.reset()
                    body(cpu, workspace)
                }
                allocation_counter_start()
                for _ in 0..<20 {
                    workspace.reset()
                    body(cpu, workspace)
                }
                let allocations = allocation_counter_stop()
                #expect(allocations == 0, "\(threads) threads")
            }
        }
    }
}
