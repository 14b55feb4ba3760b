/// The finite numbers that an option takes.
package struct NumberRange: Sendable, Equatable {
    /// The least of them, or what all of them are above; nil for no bound.
    package let least: Double?
    /// The greatest of them; nil for no bound.
    package let most: Double?
    /// True if the least is itself one of them.
    package let isLeastIncluded: Bool

    private init(_ least: Double?, _ most: Double?, isLeastIncluded: Bool = true) {
        (self.least, self.most, self.isLeastIncluded) = (least, most, isLeastIncluded)
    }

    /// All numbers.
    static let any = NumberRange(nil, nil)

    /// The numbers above one.
    static func above(_ least: Double, upTo most: Double? = nil) -> NumberRange {
        NumberRange(least, most, isLeastIncluded: false)
    }

    /// The numbers from one on.
    static func atLeast(_ least: Double) -> NumberRange { NumberRange(least, nil) }

    /// The numbers from one to another.
    static func from(_ least: Double, to most: Double) -> NumberRange { NumberRange(least, most) }

    func contains(_ number: Double) -> Bool {
        number.isFinite && number <= most ?? .infinity
            && (isLeastIncluded ? number >= least ?? -.infinity : number > least ?? -.infinity)
    }

    /// The numbers as messages and help name them.
    var expected: String {
        switch (least, most) {
        case (let least?, let most?) where isLeastIncluded: "a number from \(least.short) to \(most.short)"
        case (let least?, let most?): "a number above \(least.short) and up to \(most.short)"
        case (let least?, nil):
            isLeastIncluded ? "a number of at least \(least.short)" : "a number above \(least.short)"
        case (nil, let most?): "a number of at most \(most.short)"
        case (nil, nil): "a finite number"
        }
    }
}

extension Double {
    /// The number without `.0`.
    fileprivate var short: String { Int(exactly: self).map(String.init) ?? "\(self)" }
}
