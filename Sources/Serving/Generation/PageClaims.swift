/// Decides whose pages are taken when there are none left.
///
/// The oldest sequence always goes on, so that all of them come to an end.
package enum PageClaims {
    /// A sequence that has pages.
    package struct Holder: Sendable, Equatable {
        /// The number of its beginning; the least is the oldest.
        package let age: Int
        /// True if it waits for its reader, and computes nothing.
        package let isPaused: Bool
        /// The number of times that it was set back.
        package let setBacks: Int

        package init(age: Int, isPaused: Bool = false, setBacks: Int = 0) {
            (self.age, self.isPaused, self.setBacks) = (age, isPaused, setBacks)
        }
    }

    /// So often a sequence gives its pages to any that is older; then to the oldest alone.
    package static let mostSetBacks = 2

    /// Returns the place of the holder that is set back, so that a sequence can go on.
    ///
    /// - Parameters:
    ///   - age: when the sequence that needs a page began; nil for one that only begins, for which none is set back but
    ///     those that wait for their readers
    /// - Returns: nil if it has to wait.
    package static func victim(for age: Int?, among holders: [Holder]) -> Int? {
        func youngest(_ isEligible: (Holder) -> Bool) -> Int? {
            holders.indices.filter { holders[$0].age != age && isEligible(holders[$0]) }.max {
                holders[$0].age < holders[$1].age
            }
        }
        if let paused = youngest(\.isPaused) { return paused }
        guard let age else { return nil }
        let isOldest = !holders.contains { $0.age < age }
        return youngest { $0.age > age && $0.setBacks < mostSetBacks } ?? (isOldest ? youngest { _ in true } : nil)
    }
}
