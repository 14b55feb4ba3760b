/// The rule by which the steps of a model that generates are put together.
package struct StepRule: Sendable, Equatable {
    /// Seconds that a step takes at most if sequences wait for their next tokens.
    package let tokenGap: Double
    /// Tokens of a step.
    package let mostTokens: Int
    /// Tokens whose keys and values a page holds.
    package let tokensPerPage: Int

    package init(tokenGap: Double = 0.05, mostTokens: Int = 512, tokensPerPage: Int = 64) {
        (self.tokenGap, self.mostTokens, self.tokensPerPage) = (tokenGap, mostTokens, tokensPerPage)
    }

    /// Tokens of prompts in a step that has time for none: they have to come to an end as well.
    static let leastPromptTokens = 16
    /// A step of many next tokens may be longer by this for the sake of prompts.
    static let stretch = 1.25
}

/// Puts one step together: the next tokens of all sequences that go on, and of prompts as much as the step's time
/// allows.
///
/// A pure struct: it is shown slices, and says how much of each is in the step.
struct StepPlan {
    private let rule: StepRule
    private let costs: CostModel
    /// Seconds of the step because others wait for the processor; nil if nobody does.
    private let limit: Double?
    private(set) var work = WorkSize.zero
    private var tokens = 0
    private var hasPrompts = false
    /// Seconds of the step; nil for any.
    private var longest: Double?
    /// Pages that sequences may still take to begin; nil for any.
    private var pages: Int?

    init(_ rule: StepRule, _ costs: CostModel, pages: Int?, within limit: Double?) {
        (self.rule, self.costs, self.pages, self.limit) = (rule, costs, pages, limit)
        longest = limit
    }

    /// Tokens that fit beside those that are in it.
    var tokensLeft: Int { max(0, rule.mostTokens - tokens) }

    /// Puts the next token of a sequence in, or of all of its beams, without guesses. Returns whether there was room.
    mutating func take(decode slice: Slice) -> Bool {
        let slice = slice.guessing(0)
        guard slice.tokens.count <= tokensLeft else { return false }
        add(slice)
        longest = min(limit ?? .infinity, max(rule.tokenGap, StepRule.stretch * costs.seconds(work)))
        return true
    }

    /// Puts guesses behind the next token of a sequence that is in the step: as long as all of its tokens cost no more
    /// than the step itself does, be it for few or many of them.
    ///
    /// - Returns: how many.
    mutating func take(guessesOf slice: Slice) -> Int {
        let least = slice.guessing(0).work
        var (count, more) = (0, WorkSize.zero)
        while count < slice.guesses, count < tokensLeft {
            let next = slice.guessing(count + 1).work - least
            let isCheap = costs.seconds(work + next, batches: 0) <= costs.seconds(.zero)
            guard isCheap, costs.seconds(work + next) <= limit ?? .infinity else { break }
            (count, more) = (count + 1, next)
        }
        work += more
        tokens += count
        return count
    }

    /// Puts as much of a prompt in as fits.
    ///
    /// - Returns: what was put in; nil if nothing fits.
    mutating func take(prompt slice: Slice) -> Slice? {
        if case .opening(let needed, _) = slice.kind, let pages, needed > pages { return nil }
        let most = min(slice.tokens.count, tokensLeft)
        let count = max(fitting(slice, most), hasPrompts ? 0 : min(most, StepRule.leastPromptTokens))
        guard count > 0 else { return nil }
        if case .opening(let needed, _) = slice.kind { pages = pages.map { $0 - needed } }
        let part = slice.prefix(count)
        add(part)
        hasPrompts = true
        return part
    }

    private mutating func add(_ slice: Slice) {
        work += slice.work
        tokens += slice.tokens.count
    }

    /// The most of the first `most` tokens of a slice with which the step takes no longer than it may.
    private func fitting(_ slice: Slice, _ most: Int) -> Int {
        guard let longest else { return most }
        var (fits, least, beyond) = (0, 1, most)
        while least <= beyond {
            let middle = least + (beyond - least) / 2
            if costs.seconds(work + slice.prefix(middle).work) <= longest {
                (fits, least) = (middle, middle + 1)
            } else {
                beyond = middle - 1
            }
        }
        return fits
    }
}
