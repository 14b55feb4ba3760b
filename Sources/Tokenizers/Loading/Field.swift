import PenstockJSON

/// A value of a file that describes a tokenizer.
typealias Field = JSONField<TokenizerError>

extension Field {
    /// A part of a tokenizer.json that is written in the code.
    init(literal: String) throws(TokenizerError) {
        do {
            self.init(file: "", document: try JSONValue(parsing: Array(literal.utf8)))
        } catch {
            throw TokenizerError(.malformed, "\(literal): not JSON: \(error)")
        }
    }

    /// An error about this field: it is not what the format demands.
    func malformed(_ message: String) -> TokenizerError { TokenizerError(.malformed, located(message)) }

    /// An error about this field: it asks for what is not there.
    func unsupported(_ message: String) -> TokenizerError { TokenizerError(.unsupported, located(message)) }

    private func located(_ message: String) -> String {
        place.isEmpty ? "\(file): \(message)" : "\(file): \(place): \(message)"
    }

    /// An error about this field: its value is of another kind.
    fileprivate func mismatch(_ expected: String) -> TokenizerError {
        malformed("expected \(expected), found \(value?.kind ?? "nothing")")
    }

    /// The string, which is one Unicode scalar.
    func scalar() throws(TokenizerError) -> Unicode.Scalar {
        let scalars = try string().unicodeScalars
        guard let scalar = scalars.first, scalars.count == 1 else { throw mismatch("a string of one character") }
        return scalar
    }

    /// A vocabulary id or a type id.
    func id() throws(TokenizerError) -> Int32 { Int32(try integer(in: 0...Int(Int32.max))) }

    /// One of the names of `choices`.
    func choice<T: RawRepresentable<String>>(of choices: [T]) throws(TokenizerError) -> T {
        let name = try string()
        guard let choice = choices.first(where: { $0.rawValue == name }) else {
            throw unsupported("\"\(name)\" is none of \(choices.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}

extension TokenizerError: JSONFieldError {
    /// The error of a field that has not the value that is expected of it.
    package init(_ field: JSONField<TokenizerError>, expected: JSONExpectation) {
        switch expected {
        case .string: self = field.mismatch("a string")
        case .boolean: self = field.mismatch("a boolean")
        case .array: self = field.mismatch("an array")
        case .object: self = field.mismatch("an object")
        case .number(let least): self = field.mismatch("a number of at least \(least)")
        case .integer(let range):
            guard let integer = field.value?.integer else {
                self = field.mismatch("an integer")
                return
            }
            self = field.malformed(
                "expected a number from \(range.lowerBound) to \(range.upperBound), found \(integer)")
        }
    }
}
