import PenstockCompute

/// The likeliest spans of a piece of a context: a span from token i through token j has the probability that an answer begins
/// at i times that that it ends at j, with i ≤ j < i + the longest answer.
///
/// Chen et al., "Reading Wikipedia to Answer Open-Domain Questions" (2017), as `decode_spans` of transformers 4 has it.
struct AnswerSpans {
    /// A span of tokens of the context, counted from its first one.
    struct Span {
        let first: Int
        let last: Int
        let score: Float
    }

    /// The likeliest, the likeliest first.
    let best: [Span]
    /// The probability that there is no answer: that it begins and ends at the first token of the sequence.
    let nullScore: Float

    /// - Parameters:
    ///   - starts, ends: logits of the piece's rows
    ///   - count: how many spans are looked for
    ///   - longest: tokens of the longest
    init(
        of piece: ContextPiece, starts: [Float], ends: [Float], count: Int, longest: Int, _ kernels: Kernels,
        in scope: RequestScope
    ) throws(PipelineError) {
        let (starts, ends) = (kernels.softmax(starts), kernels.softmax(ends))
        nullScore = piece.rows[0] == 0 ? starts[0] * ends[0] : 0
        let (begin, end) = (starts[piece.context], ends[piece.context])
        var heap = LikeliestSpans(count: count)
        for (first, start) in begin.enumerated() {
            if first.isMultiple(of: 256) { try scope.check() }
            let lasts = end.dropFirst(first).prefix(longest)
            for (last, end) in zip(first..., lasts) { heap.offer(Span(first: first, last: last, score: start * end)) }
        }
        best = heap.spans.sorted { $1 < $0 }
    }
}

extension AnswerSpans.Span: Comparable {
    /// A span is less than one that is likelier, and of equal ones less than one that comes before it.
    static func < (a: Self, b: Self) -> Bool {
        a.score != b.score ? a.score < b.score : a.first != b.first ? a.first > b.first : a.last > b.last
    }
}

/// The greatest of the spans that were offered, as a binary heap with the least at its root.
private struct LikeliestSpans {
    let count: Int
    private(set) var spans: [AnswerSpans.Span] = []

    init(count: Int) { self.count = count }

    mutating func offer(_ span: AnswerSpans.Span) {
        if spans.count < count {
            spans.append(span)
            var index = spans.count - 1
            while index > 0, spans[index] < spans[(index - 1) / 2] {
                spans.swapAt(index, (index - 1) / 2)
                index = (index - 1) / 2
            }
        } else if let least = spans.first, least < span {
            spans[0] = span
            sink()
        }
    }

    private mutating func sink() {
        var index = 0
        while true {
            let children = (2 * index + 1..<2 * index + 3).clamped(to: spans.indices)
            guard let least = children.min(by: { spans[$0] < spans[$1] }), spans[least] < spans[index] else { return }
            spans.swapAt(index, least)
            index = least
        }
    }
}
