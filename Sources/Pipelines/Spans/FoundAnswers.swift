/// Answers to a question in the order in which they are found, those of the same text as one.
struct FoundAnswers {
    private let context: [Unicode.Scalar]
    private var answers: [(score: Double, range: Range<Int>)] = []
    /// The place of an answer by the bytes of its text, in lower case.
    private var places: [[UInt8]: Int] = [:]

    init(in context: String) { self.context = Array(context.unicodeScalars) }

    private func text(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(context[range.clamped(to: context.indices)]))
    }

    /// Adds an answer, or its score to that of one with the same text but for upper and lower case.
    mutating func add(_ range: Range<Int>, score: Double) {
        let key = Array(text(range).lowercased().utf8)
        if let place = places[key] {
            answers[place].score += score
        } else {
            places[key] = answers.count
            answers.append((score, range))
        }
    }

    /// Adds that there is no answer.
    mutating func addNone(score: Double) { answers.append((score, 0..<0)) }

    /// The likeliest answers; of equal ones the first.
    func best(_ count: Int) -> [QuestionAnswering.Answer] {
        let ranked = answers.indices.sorted {
            answers[$0].score != answers[$1].score ? answers[$0].score > answers[$1].score : $0 < $1
        }
        return ranked.prefix(count).map { index in
            let (score, range) = answers[index]
            return QuestionAnswering.Answer(score: score, range: range, answer: text(range))
        }
    }
}
