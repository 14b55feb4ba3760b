/// The scores of all tokens for one place.
typealias Scores = UnsafeMutableBufferPointer<Float>

extension UnsafeMutableBufferPointer<Float> {
    /// Scores that are looked at in one step.
    static var lanes: Int { 16 }

    /// Sixteen scores.
    @inline(__always)
    func vector(at index: Int) -> SIMD16<Float> {
        UnsafeRawPointer(baseAddress.unsafelyUnwrapped).loadUnaligned(fromByteOffset: index * 4, as: SIMD16<Float>.self)
    }

    /// Sets the score of a token, if there is such a token.
    func set(_ id: Int32, to score: Float) {
        if indices.contains(Int(id)) { self[Int(id)] = score }
    }

    /// Changes the score of a token, if there is such a token.
    func change(_ id: Int32, _ change: (Float) -> Float) {
        if indices.contains(Int(id)) { self[Int(id)] = change(self[Int(id)]) }
    }

    /// The greatest score; nil if there is none, or one is no number.
    func greatest() -> Float? {
        guard count > 0 else { return nil }
        let wholes = count - count % Self.lanes
        var greatest = SIMD16<Float>(repeating: -.infinity)
        for index in stride(from: 0, to: wholes, by: Self.lanes) {
            let scores = vector(at: index)
            if any(scores .!= scores) { return nil }
            greatest.replace(with: scores, where: scores .> greatest)
        }
        var result = greatest.max()
        for index in wholes..<count {
            guard !self[index].isNaN else { return nil }
            result = Swift.max(result, self[index])
        }
        return result
    }

    /// The first token with this score, which one has.
    func first(with score: Float) -> Int {
        let wholes = count - count % Self.lanes
        var start = 0
        while start < wholes, !any(vector(at: start) .== score) { start += Self.lanes }
        return self[start...].firstIndex(of: score) ?? 0
    }

    /// The place of a token by its score, 1 being the greatest; equal ones come in the order of their tokens.
    func rank(of id: Int) -> Int {
        let score = self[id]
        return 1 + count(0..<id) { $0 .>= score } + count(id + 1..<count) { $0 .> score }
    }

    /// The number of scores in a range that are counted.
    @inline(__always)
    private func count(
        _ range: Range<Int>, _ isCounted: (SIMD16<Float>) -> SIMDMask<SIMD16<Int32>>
    ) -> Int {
        let wholes = range.lowerBound + (range.count - range.count % Self.lanes)
        var counts = SIMD16<Int32>.zero
        for index in stride(from: range.lowerBound, to: wholes, by: Self.lanes) {
            counts.replace(with: counts &+ 1, where: isCounted(vector(at: index)))
        }
        var sum = Int(counts.wrappedSum())
        for index in wholes..<range.upperBound where isCounted(SIMD16(repeating: self[index]))[0] { sum += 1 }
        return sum
    }

    /// The sum of the powers of e of the scores, each less `greatest`, which none is above, and divided.
    func sumOfExponentials(less greatest: Float, dividedBy divisor: Float = 1) -> Double {
        let wholes = count - count % Self.lanes
        let factor = 1 / divisor
        var (sum, start) = (0.0, 0)
        while start < wholes {
            // Few summands at a time, so that single precision suffices.
            let end = Swift.min(wholes, start + 64 * Self.lanes)
            var partial = SIMD16<Float>.zero
            for index in stride(from: start, to: end, by: Self.lanes) {
                partial += Exponential.of((vector(at: index) - greatest) * factor)
            }
            sum += Double(partial.sum())
            start = end
        }
        guard wholes < count else { return sum }
        var rest = SIMD16<Float>(repeating: -.infinity)
        for index in wholes..<count { rest[index - wholes] = (self[index] - greatest) * factor }
        return sum + Double(Exponential.of(rest).sum())
    }

    /// Makes logarithms of probabilities of the scores.
    ///
    /// - Throws: ``PipelineError`` for scores that are no numbers.
    func normalize() throws(PipelineError) {
        let normalizer = try ScoreNormalizer(self)
        for index in indices { self[index] = normalizer.logarithm(of: self[index]) }
    }

    /// Sets each score to this one.
    func fill(with score: Float) { update(repeating: score) }
}
