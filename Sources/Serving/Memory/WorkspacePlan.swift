/// The cost of the workspace of a model: a part that is always there, and a part for each token.
package struct WorkspaceCost: Sendable, Equatable {
    /// The bytes that it takes whatever is computed.
    package let fixedBytes: Int
    /// The bytes of one token.
    package let bytesPerToken: Int

    /// A cost of `fixedBytes + bytesPerToken · tokens`.
    package init(fixedBytes: Int, bytesPerToken: Int) {
        precondition(fixedBytes >= 0 && bytesPerToken >= 0)
        self.fixedBytes = fixedBytes
        self.bytesPerToken = bytesPerToken
    }

    /// The bytes for so many tokens; `Int.max` for more than that.
    package func bytes(tokens: Int) -> Int {
        let (variable, overflowsInProduct) = bytesPerToken.multipliedReportingOverflow(by: tokens)
        let (bytes, overflowsInSum) = fixedBytes.addingReportingOverflow(variable)
        return overflowsInProduct || overflowsInSum ? .max : bytes
    }

    /// The most tokens whose workspace takes no more than so many bytes.
    fileprivate func tokens(within bytes: Int) -> Int {
        guard bytes >= fixedBytes else { return 0 }
        return bytesPerToken == 0 ? .max : (bytes - fixedBytes) / bytesPerToken
    }

    /// The sum, written out.
    fileprivate func arithmetic(tokens: Int) -> String {
        "a workspace for \(tokens) tokens needs \(Size.mebibytes(bytes(tokens: tokens), .up)) "
            + "(\(Size.mebibytes(fixedBytes)) + \(tokens) × \(Size.kibibytes(bytesPerToken)))"
    }
}

/// The number of tokens that a model computes at one time: as many as wanted, or as many as fit the memory.
package struct WorkspacePlan: Sendable, Equatable {
    /// The tokens of a batch.
    package let tokens: Int
    /// The bytes of their workspace.
    package let bytes: Int
    /// The reason why it is fewer tokens than wanted, for the log; nil if it is not.
    package let shrinkage: String?

    /// Budgets that had to be made smaller are multiples of it, unless only the smallest possible one fits.
    package static let step = 64

    /// The bytes that stay free by default: for requests, their answers, and the stacks of threads.
    package static let defaultMargin = 32 << 20

    /// Finds the token budget.
    ///
    /// - Parameters:
    ///   - cost: of the workspace
    ///   - wantedTokens: the budget if there is memory enough; never less than the minimum
    ///   - minimumTokens: the longest sequence that must fit
    ///   - memory: what there is; nil for no limit
    ///   - margin: the bytes of it that are left alone; nil for its own
    /// - Throws: ``WorkspaceError`` if there is no memory for the minimum.
    package init(
        _ cost: WorkspaceCost, wantedTokens: Int, minimumTokens: Int, memory: MemoryLimit?,
        margin: Int? = nil
    ) throws(WorkspaceError) {
        let margin = margin ?? memory?.margin ?? 0
        precondition(wantedTokens > 0 && minimumTokens > 0 && margin >= 0)
        let wanted = max(wantedTokens, minimumTokens)
        let usable = memory.map { max(0, $0.available - margin) } ?? .max
        let fitting = cost.tokens(within: usable)
        guard let memory, fitting < wanted else {
            self.init(wanted, cost, shrinkage: nil)
            return
        }
        var have = "only \(Size.mebibytes(memory.available, .down)) of memory are left (\(memory))"
        if margin > 0 { have += ", of which \(Size.mebibytes(margin)) are kept free" }
        guard fitting >= minimumTokens else {
            let missing = Size.mebibytes(cost.bytes(tokens: minimumTokens) - usable, .up)
            let remedy = memory.source == .system ? "free \(missing)" : "free \(missing), or raise the limit by as much"
            throw WorkspaceError(message: "\(cost.arithmetic(tokens: minimumTokens)), but \(have); \(remedy)")
        }
        let tokens = max(minimumTokens, fitting / Self.step * Self.step)
        self.init(
            tokens, cost,
            shrinkage: "the token budget is \(tokens): \(cost.arithmetic(tokens: wanted)), but \(have)")
    }

    private init(_ tokens: Int, _ cost: WorkspaceCost, shrinkage: String?) {
        self.tokens = tokens
        self.bytes = cost.bytes(tokens: tokens)
        self.shrinkage = shrinkage
    }
}

/// An error that says why a model cannot compute even its longest sequence: there is not memory enough for its
/// workspace.
public struct WorkspaceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A sentence that says what is needed, what there is, and what to do about it.
    public let message: String

    /// The message.
    public var description: String { message }
}
