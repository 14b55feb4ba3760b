/// Variables by the numbers of their names, in front of those of an outer scope.
final class Scope {
    private let outer: Scope?
    private var names: [Int] = []
    private var values: [Value] = []

    init(in outer: Scope?) { self.outer = outer }

    /// The value of the innermost variable of a name.
    func value(_ name: Int) -> Value? {
        var scope: Scope? = self
        while let current = scope {
            if let place = current.names.firstIndex(of: name) { return current.values[place] }
            scope = current.outer
        }
        return nil
    }

    /// Gives a variable of this scope a value. The scopes around it keep theirs.
    func set(_ name: Int, _ value: Value) {
        if let place = names.firstIndex(of: name) {
            values[place] = value
        } else {
            names.append(name)
            values.append(value)
        }
    }
}
