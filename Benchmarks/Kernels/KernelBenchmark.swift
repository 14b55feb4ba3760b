import PenstockCompute

/// `kernel-benchmark`: prints what terms and visibility cost attention, as shares of attention without them, and what row
/// operations read and write in a second beside copies of the same rows. All on one thread.
@main
struct KernelBenchmark {
    static func main() throws {
        let lease = ComputePool(threads: 1).lend()
        let cpu = lease.cpu
        print("\(cpu.kernels.name), one thread")
        try AttentionBenchmark.run(on: cpu)
        try RowBenchmark.run(on: cpu)
    }

    /// The least time of each of several bodies that take turns: other programs make times longer, never shorter.
    static func leastTimes(_ bodies: [() -> Void], rounds: Int, repeats: Int) -> [Double] {
        let clock = ContinuousClock()
        var least = [Double](repeating: .infinity, count: bodies.count)
        for _ in 0..<rounds {
            for (index, body) in bodies.enumerated() {
                let time = clock.measure { for _ in 0..<repeats { body() } }
                least[index] = min(least[index], time / .seconds(1) / Double(repeats))
            }
        }
        return least
    }

    /// A column of a table.
    static func pad(_ text: String, _ width: Int = 12) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }

    /// A number with so many digits behind the point.
    static func number(_ value: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
        return "\((value * scale).rounded() / scale)"
    }
}

extension Matrix {
    /// Fills the matrix with the outputs of a layer of random weights.
    func randomise(on cpu: CPU) throws {
        let weights = WeightMatrix(element: .float32, rows: columns, columns: 16) { _, buffer in
            for index in buffer.bindMemory(to: Float.self).indices {
                buffer.bindMemory(to: Float.self)[index] = Float.random(in: -0.5...0.5)
            }
        }
        let layer = try Linear([weights], in: ComputeTurns(cpu))
        try withExtendedLifetime(Workspace { _ = $0.matrix(rows: rows, columns: 16) }) { workspace in
            let input = workspace.matrix(rows: rows, columns: 16)
            for row in 0..<rows { for column in 0..<16 { input.row(row)[column] = .random(in: -1...1) } }
            cpu.linear(input, layer, into: self)
        }
    }
}
