import ArgumentParser

/// `auto` or a number of tokens.
struct TokenBudget: ExpressibleByArgument, CustomStringConvertible {
    let tokens: Int?

    init(tokens: Int?) { self.tokens = tokens }

    init?(argument: String) {
        guard argument != "auto" else {
            tokens = nil
            return
        }
        guard let tokens = Int(argument), (1...1 << 20).contains(tokens) else { return nil }
        self.tokens = tokens
    }

    var description: String { tokens.map(String.init) ?? "auto" }
    var defaultValueDescription: String { description }
}
