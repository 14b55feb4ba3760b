/// Finds the greatest of many scores without sorting them.
///
/// Scores are gathered that reach a threshold, and once there are many, the threshold is raised to the least of the
/// greatest among them, so that soon hardly any reaches it.
struct ScoreSelection: Sendable {
    private(set) var ids: [Int32] = []
    private(set) var scores: [Float] = []
    /// The least score that may still be among the greatest.
    private(set) var threshold = Float.nan
    private var keys: [UInt32] = []
    private var count = 0
    private var room = 0

    /// Forgets what was gathered, to gather the greatest `count` scores, and those that equal the least of these.
    mutating func begin(_ count: Int) {
        ids.removeAll(keepingCapacity: true)
        scores.removeAll(keepingCapacity: true)
        (self.count, room) = (count, max(1024, count * 2))
        // No score reaches what is no number.
        threshold = count > 0 ? -.greatestFiniteMagnitude : .nan
    }

    /// Takes the score of a token in.
    mutating func offer(_ score: Float, of index: Int) {
        guard score >= threshold else { return }
        gather(index, score)
        raiseThreshold()
    }

    /// Gathers the greatest scores of all, `count` of them, and those that equal the least of these.
    ///
    /// They come in the order of their tokens.
    mutating func select(_ count: Int, of all: Scores) {
        begin(count)
        let wholes = all.count - all.count % Scores.lanes
        for start in stride(from: 0, to: wholes, by: Scores.lanes) {
            guard any(all.vector(at: start) .>= threshold) else { continue }
            for index in start..<start + Scores.lanes where all[index] >= threshold { gather(index, all[index]) }
            raiseThreshold()
        }
        for index in wholes..<all.count where all[index] >= threshold { gather(index, all[index]) }
        finish()
    }

    /// The greatest scores of all, the greatest first, equal ones in the order of their tokens.
    mutating func sorted(_ count: Int, of all: Scores) -> [(id: Int32, score: Float)] {
        select(count, of: all)
        return sorted()
    }

    /// The greatest scores of those that were offered, the greatest first, equal ones in the order of their tokens.
    mutating func sorted() -> [(id: Int32, score: Float)] {
        finish()
        return zip(ids, scores).map { (id: $0, score: $1) }
            .sorted { ($0.score, $1.id) > ($1.score, $0.id) }.prefix(count).map { $0 }
    }

    private mutating func finish() {
        if scores.count > count { _ = keep(count) }
    }

    /// Lets go of what cannot be among the greatest, once much was gathered.
    @inline(__always)
    private mutating func raiseThreshold() {
        guard scores.count >= room else { return }
        threshold = keep(count)
        room = max(room, scores.count * 2)
    }

    @inline(__always)
    private mutating func gather(_ index: Int, _ score: Float) {
        ids.append(Int32(truncatingIfNeeded: index))
        scores.append(score)
    }

    /// Keeps the greatest scores and those that equal the least of them, which is returned.
    private mutating func keep(_ count: Int) -> Float {
        let least = greatest(count)
        var kept = 0
        for index in scores.indices where scores[index] >= least {
            (ids[kept], scores[kept]) = (ids[index], scores[index])
            kept += 1
        }
        ids.removeLast(ids.count - kept)
        scores.removeLast(scores.count - kept)
        return least
    }

    /// The score that stands at place `count` among those gathered, which are as many, from the greatest: digit by
    /// digit of keys that are in the order of the scores.
    private mutating func greatest(_ count: Int) -> Float {
        keys.removeAll(keepingCapacity: true)
        for score in scores { keys.append(score.orderedKey) }
        var (prefix, place) = (UInt32(0), count)
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { counts in
                counts.initialize(repeating: 0)
                // The digits above this one are those found already.
                for key in keys where UInt64(key) >> (shift + 8) == UInt64(prefix) >> (shift + 8) {
                    counts[Int(key >> shift & 0xFF)] += 1
                }
                var digit = 255
                while digit > 0, counts[digit] < place {
                    place -= counts[digit]
                    digit -= 1
                }
                prefix |= UInt32(digit) << shift
            }
        }
        return Float(orderedKey: prefix)
    }
}

extension Float {
    /// Bits that as an integer are in the order of the numbers.
    fileprivate var orderedKey: UInt32 { sign == .minus ? ~bitPattern : bitPattern | 0x8000_0000 }

    fileprivate init(orderedKey key: UInt32) {
        self.init(bitPattern: key & 0x8000_0000 == 0 ? ~key : key & 0x7FFF_FFFF)
    }
}
