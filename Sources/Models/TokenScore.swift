/// The tokens whose logits, where one of them is the next token, make a score of a sequence.
package struct TokenScore: Sendable, Equatable {
    /// The token that stands for a good fit.
    package let yes: Int
    /// The token that stands for none, whose logit is taken off; nil if there is no such token.
    package let no: Int?

    package init(yes: Int, no: Int?) { (self.yes, self.no) = (yes, no) }

    /// Both, in the order of the rows of the head.
    var tokens: [Int] { no.map { [yes, $0] } ?? [yes] }
}
