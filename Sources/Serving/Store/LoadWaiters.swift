/// Requests that wait for models that are being loaded.
///
/// The values that it returns are to be used, or let go, outside of the lock that guards it.
struct LoadWaiters: Sendable {
    typealias Answer = Result<ServedModel, any Error>
    typealias Continuation = CheckedContinuation<ServedModel, any Error>

    /// The stage of a request.
    enum Place: Sendable {
        /// It has announced itself, and will wait.
        case expected(String)
        case waiting(String, Continuation)
        /// Its answer came before it waited.
        case answered(Answer)

        fileprivate var name: String? {
            switch self {
            case .expected(let name), .waiting(let name, _): name
            case .answered: nil
            }
        }
    }

    private var places: [Int: Place] = [:]
    private var last = 0

    /// Announces a request for a model. Returns its number.
    mutating func expect(for name: String) -> Int {
        last += 1
        places[last] = .expected(name)
        return last
    }

    /// Has an announced request wait. Returns its answer if it is there, and takes the request out then.
    mutating func wait(_ number: Int, _ continuation: Continuation) -> Answer? {
        switch places[number] {
        case .expected(let name)?:
            places[number] = .waiting(name, continuation)
            return nil
        case .answered(let answer)?:
            places[number] = nil
            return answer
        case .waiting?, nil: return .failure(CancellationError())
        }
    }

    /// Takes a request out.
    mutating func remove(_ number: Int) -> Place? { places.removeValue(forKey: number) }

    /// The number of those who wait for a model.
    func count(for name: String) -> Int { places.values.count { $0.name == name } }

    /// Answers all who wait for a model, of any if `name` is nil.
    ///
    /// - Returns: what resumes them.
    mutating func answer(_ name: String?, _ answer: () -> Answer) -> [Resumption] {
        var resumptions: [Resumption] = []
        for (number, place) in places where place.name.map({ name == nil || name == $0 }) ?? false {
            if case .waiting(_, let continuation) = place {
                places[number] = nil
                resumptions.append(Resumption(continuation: continuation, answer: answer()))
            } else {
                places[number] = .answered(answer())
            }
        }
        return resumptions
    }

    /// An answer on its way to the one who waits for it.
    struct Resumption: Sendable {
        fileprivate let continuation: Continuation
        fileprivate let answer: Answer

        func perform() { continuation.resume(with: answer) }
    }
}
