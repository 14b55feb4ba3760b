import PenstockJSON

extension JSONValue {
    /// What tells this value from an expected one, by its path; nil if they are the same but for numbers that differ by
    /// at most `relative` of the expected one plus `absolute`. Keys have to come in the same order.
    package func difference(
        from expected: JSONValue, relative: Double, absolute: Double, at path: String = "$"
    ) -> String? {
        switch (self, expected) {
        case (.array(let mine), .array(let theirs)):
            guard mine.count == theirs.count else {
                return "\(path) has \(mine.count) elements instead of \(theirs.count)"
            }
            for (index, (mine, theirs)) in zip(mine, theirs).enumerated() {
                let path = "\(path)[\(index)]"
                if let found = mine.difference(from: theirs, relative: relative, absolute: absolute, at: path) {
                    return found
                }
            }
            return nil
        case (.object(let mine), .object(let theirs)):
            let keys = (mine.entries.map(\.key), theirs.entries.map(\.key))
            guard keys.0 == keys.1 else { return "\(path) has the keys \(keys.0) instead of \(keys.1)" }
            for (mine, theirs) in zip(mine.entries, theirs.entries) {
                let path = "\(path).\(mine.key)"
                if let found = mine.value.difference(
                    from: theirs.value, relative: relative, absolute: absolute, at: path)
                {
                    return found
                }
            }
            return nil
        default:
            if let mine = double, let theirs = expected.double {
                let isClose = abs(mine - theirs) <= relative * abs(theirs) + absolute
                return isClose ? nil : "\(path) is \(mine) instead of \(theirs)"
            }
            return self == expected ? nil : "\(path) is \(self) instead of \(expected)"
        }
    }
}
