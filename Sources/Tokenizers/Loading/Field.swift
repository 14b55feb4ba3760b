import PenstockJSON

/// A value of a JSON file that knows where it stands, so that whoever finds it wrong can say so.
///
/// A missing value is a field whose ``value`` is nil; `null` counts as missing, as it does in Rust's serde for options.
struct Field {
    /// The file's path.
    let file: String
    /// Where in the file: `pre_tokenizer.pretokenizers[1]`; empty at the top.
    let place: String
    /// What stands there.
    let value: JSONValue?

    /// A file's whole document.
    init(file: String, document: JSONValue) { self.init(file: file, place: "", value: document) }

    /// A part of a tokenizer.json that is written in the code.
    init(literal: String) throws(TokenizerError) {
        do {
            self.init(file: "", document: try JSONValue(parsing: Array(literal.utf8)))
        } catch {
            throw TokenizerError(.malformed, "\(literal): not JSON: \(error)")
        }
    }

    private init(file: String, place: String, value: JSONValue?) {
        self.file = file
        self.place = place
        self.value = value == .null ? nil : value
    }

    /// The entry `key` of this object.
    subscript(key: String) -> Field {
        Field(file: file, place: place.isEmpty ? key : "\(place).\(key)", value: value?[key])
    }

    /// Whether this object has the key, also with null.
    func has(_ key: String) -> Bool { value?[key] != nil }

    /// Whether there is a value.
    var exists: Bool { value != nil }

    /// An error about this field: it is not what the format demands.
    func malformed(_ message: String) -> TokenizerError { TokenizerError(.malformed, located(message)) }

    /// An error about this field: it asks for what is not there.
    func unsupported(_ message: String) -> TokenizerError { TokenizerError(.unsupported, located(message)) }

    private func located(_ message: String) -> String {
        place.isEmpty ? "\(file): \(message)" : "\(file): \(place): \(message)"
    }

    private func mismatch(_ expected: String) -> TokenizerError {
        malformed("expected \(expected), found \(value?.kind ?? "nothing")")
    }

    /// What `read` makes of the field, or nil when there is no value.
    func optional<T>(_ read: (Field) throws(TokenizerError) -> T) throws(TokenizerError) -> T? {
        exists ? try read(self) : nil
    }

    /// The string.
    func string() throws(TokenizerError) -> String {
        guard let string = value?.string else { throw mismatch("a string") }
        return string
    }

    /// The string, which is one Unicode scalar.
    func scalar() throws(TokenizerError) -> Unicode.Scalar {
        let scalars = try string().unicodeScalars
        guard let scalar = scalars.first, scalars.count == 1 else { throw mismatch("a string of one character") }
        return scalar
    }

    /// The truth value; without one, `standard` or else an error.
    func bool(default standard: Bool? = nil) throws(TokenizerError) -> Bool {
        if !exists, let standard { return standard }
        guard let bool = value?.bool else { throw mismatch("a boolean") }
        return bool
    }

    /// The integer, which has to lie in `range`.
    func integer(in range: ClosedRange<Int>) throws(TokenizerError) -> Int {
        guard let integer = value?.integer else { throw mismatch("an integer") }
        guard range.contains(integer) else {
            throw malformed("expected a number from \(range.lowerBound) to \(range.upperBound), found \(integer)")
        }
        return integer
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

    /// The entries of the object, in their order.
    func entries() throws(TokenizerError) -> [JSONObject.Entry] {
        guard let object = value?.object else { throw mismatch("an object") }
        return object.entries
    }

    /// The entries of the object, each as a field of its own.
    func fields() throws(TokenizerError) -> [(key: String, field: Field)] {
        try entries().map { entry in
            let place = place.isEmpty ? entry.key : "\(place).\(entry.key)"
            return (entry.key, Field(file: file, place: place, value: entry.value))
        }
    }

    /// The element at `index` of this array.
    func element(_ index: Int) -> Field {
        let array = value?.array ?? []
        return Field(
            file: file, place: "\(place)[\(index)]", value: array.indices.contains(index) ? array[index] : nil)
    }

    /// The elements of the array.
    func elements() throws(TokenizerError) -> [Field] {
        guard let array = value?.array else { throw mismatch("an array") }
        return array.enumerated().map { Field(file: file, place: "\(place)[\($0.offset)]", value: $0.element) }
    }

    /// What `read` makes of each element of the array.
    func map<T>(_ read: (Field) throws(TokenizerError) -> T) throws(TokenizerError) -> [T] {
        var results: [T] = []
        for element in try elements() { results.append(try read(element)) }
        return results
    }
}
