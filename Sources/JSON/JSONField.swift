/// A value of a JSON file that knows where it stands, so that whoever finds it wrong can say so.
///
/// A missing value is a field whose ``value`` is nil; `null` counts as missing, as it does for optional values in Python
/// and in Rust's serde.
package struct JSONField<Failure: JSONFieldError>: Sendable {
    /// The file's path.
    package let file: String
    /// The path within the file: `pre_tokenizer.pretokenizers[1]`; empty at the top.
    package let place: String
    /// The value that stands there.
    package let value: JSONValue?

    /// A file's whole document.
    package init(file: String, document: JSONValue) { self.init(file: file, place: "", value: document) }

    private init(file: String, place: String, value: JSONValue?) {
        self.file = file
        self.place = place
        self.value = value == .null ? nil : value
    }

    // MARK: Parts

    /// The entry `key` of this object.
    package subscript(key: String) -> JSONField {
        JSONField(file: file, place: place(of: key), value: value?[key])
    }

    /// Returns true if this object has the key, also with null.
    package func has(_ key: String) -> Bool { value?[key] != nil }

    /// The place of the entry `key` of this object.
    package func place(of key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }

    /// The entries of the object, in their order.
    package func entries() throws(Failure) -> [JSONObject.Entry] {
        guard let object = value?.object else { throw Failure(self, expected: .object) }
        return object.entries
    }

    /// The entries of the object, each as a field of its own.
    package func fields() throws(Failure) -> [(key: String, field: JSONField)] {
        try entries().map { ($0.key, JSONField(file: file, place: place(of: $0.key), value: $0.value)) }
    }

    /// The element at `index` of this array.
    package func element(_ index: Int) -> JSONField {
        let array = value?.array ?? []
        return element(index, array.indices.contains(index) ? array[index] : nil)
    }

    /// The elements of the array.
    package func elements() throws(Failure) -> [JSONField] {
        guard let array = value?.array else { throw Failure(self, expected: .array) }
        return array.enumerated().map { element($0.offset, $0.element) }
    }

    private func element(_ index: Int, _ value: JSONValue?) -> JSONField {
        JSONField(file: file, place: "\(place)[\(index)]", value: value)
    }

    /// Returns what `read` makes of each element of the array.
    package func map<T>(_ read: (JSONField) throws(Failure) -> T) throws(Failure) -> [T] {
        var results: [T] = []
        for element in try elements() { results.append(try read(element)) }
        return results
    }

    // MARK: Values that may be missing

    /// True if there is a value.
    package var exists: Bool { value != nil }

    /// Returns what `read` makes of the field, or nil when there is no value.
    package func optional<T>(_ read: (JSONField) throws(Failure) -> T) throws(Failure) -> T? {
        exists ? try read(self) : nil
    }

    /// This field, with `fallback` for its value if it has none.
    package func or(_ fallback: JSONValue?) -> JSONField {
        exists ? self : JSONField(file: file, place: place, value: fallback)
    }

    // MARK: Values

    /// The string.
    package func string() throws(Failure) -> String {
        guard let string = value?.string else { throw Failure(self, expected: .string) }
        return string
    }

    /// The truth value; without one, `fallback` or else an error.
    package func bool(default fallback: Bool? = nil) throws(Failure) -> Bool {
        if !exists, let fallback { return fallback }
        guard let bool = value?.bool else { throw Failure(self, expected: .boolean) }
        return bool
    }

    /// The integer, which has to lie in `range`.
    ///
    /// - Parameter asWritten: whether `12.0` is none
    package func integer(in range: ClosedRange<Int>, asWritten: Bool = false) throws(Failure) -> Int {
        if asWritten, case .double = value { throw Failure(self, expected: .integer(range)) }
        guard let integer = value?.integer, range.contains(integer) else {
            throw Failure(self, expected: .integer(range))
        }
        return integer
    }

    /// The number, which is finite and at least `least`.
    package func number(atLeast least: Int) throws(Failure) -> Double {
        guard let number = value?.double, number.isFinite, number >= Double(least) else {
            throw Failure(self, expected: .number(atLeast: least))
        }
        return number
    }
}

/// A demand that a reader makes of a ``JSONField``.
package enum JSONExpectation: Sendable {
    case string
    case boolean
    case integer(ClosedRange<Int>)
    /// A finite number.
    case number(atLeast: Int)
    case array
    case object
}

/// An error of whoever reads JSON files, in the words of that layer.
package protocol JSONFieldError: Error {
    /// The error of a field that has not the value that is expected of it.
    init(_ field: JSONField<Self>, expected: JSONExpectation)
}
