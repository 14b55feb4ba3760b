/// A request's place in the order of deadlines.
struct Due<Instant: InstantProtocol>: SummedElement {
    let deadline: Instant
    let request: Int

    var weight: Int { 1 }

    static func < (a: Due, b: Due) -> Bool {
        if a.deadline != b.deadline { return a.deadline < b.deadline }
        return a.request < b.request
    }
}
