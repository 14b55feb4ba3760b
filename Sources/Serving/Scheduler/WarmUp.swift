/// The first batches of a model: what they cost seeds its cost model.
package enum WarmUp {
    /// Seconds that the first round takes at most, but for the smallest batch.
    private static let limit = 0.5
    /// Seconds that all further rounds take at most together: models wait for them.
    private static let furtherLimit = 0.1
    /// Seconds of a step of a pass between which others compute, about.
    static let longestStep = 0.008
    /// The most times that each shape is run.
    private static let rounds = 4

    /// A batch of sequences of one length, of the first of which so many tokens are read.
    package struct Shape: Sendable, Hashable {
        package let sequences: Int
        package let length: Int
        package let rows: Int

        var tokens: Int { sequences * length }

        func work(width: Int) -> WorkSize {
            WorkSize(lengths: repeatElement(length, count: sequences))
                + WorkSize(tokens: 0, pairs: 0, outputs: Double(rows * width))
        }
    }

    static let shapes = [
        (1, 8, 1), (1, 32, 1), (1, 32, 32), (4, 32, 1), (1, 128, 1), (1, 512, 1), (16, 32, 1),
    ].map { Shape(sequences: $0, length: $1, rows: $2) }

    /// Measures the cost of batches, from small to large as far as the time suffices.
    ///
    /// Of each shape the least of several times counts, a round of all shapes apart: other programs make times longer,
    /// never shorter, and seldom for all rounds.
    ///
    /// - Parameters:
    ///   - width: numbers that are made of each row that is read; 0 for none, so that reading many is not tried
    ///   - longestPass: seconds that a batch may take, but for the smallest
    ///   - nothing: what is known before the first batch
    ///   - run: runs a batch, and returns the seconds that it took; nil if it cannot be run
    package static func costs(
        longest: Int, capacity: Int, width: Int, longestPass: Double = .infinity, from nothing: CostModel = CostModel(),
        run: (Shape) throws -> Double?
    ) rethrows -> CostModel {
        var times: [(shape: Shape, work: WorkSize, seconds: Double)] = []
        var costs = nothing
        var spent = 0.0
        let shapes = shapes.filter {
            $0.length <= longest && $0.tokens <= capacity && ($0.rows == 1 || width > 0)
        }
        for shape in shapes {
            let work = shape.work(width: width)
            guard spent + costs.seconds(work) < limit, costs.seconds(work) < longestPass else { break }
            guard let seconds = try run(shape) else { continue }
            spent += seconds
            times.append((shape, work, seconds))
            costs.seed(work, seconds: seconds)
        }
        spent = 0
        for _ in 1..<rounds {
            for index in times.indices {
                guard spent + times[index].seconds < furtherLimit, let seconds = try run(times[index].shape) else {
                    break
                }
                spent += seconds
                times[index].seconds = min(times[index].seconds, seconds)
            }
        }
        return times.reduce(into: nothing) { $0.seed($1.work, seconds: $1.seconds) }
    }
}
