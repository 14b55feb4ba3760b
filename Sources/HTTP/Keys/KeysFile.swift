import PenstockFiles
import PenstockJSON
import PenstockPipelines

/// A file of API keys: a key on each line, `NAME KEY` for one with a name, `#` before a comment; or JSON, an object whose
/// `keys` is an array of objects with a `name`, the `key`, or its SHA-256 as `key_sha256`, and perhaps ``KeyRights``.
package enum KeysFile {
    private static let mostBytes = 4 << 20
    private static let fields = ["name", "key", "key_sha256"] + KeyRights.fields

    /// Reads a file.
    ///
    /// - Throws: ``KeysError`` that tells the place of what is wrong.
    static func keys(at path: String) throws(KeysError) -> [APIKey] {
        let text: String?
        do {
            text = try InputFile(path: path).contents(atMost: mostBytes).withBytes {
                String(validating: $0, as: UTF8.self)
            }
        } catch {
            throw KeysError("\(error)")
        }
        guard let text else { throw KeysError("\(path): is not UTF-8") }
        let keys =
            text.utf8.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
            ? try keys(inJSON: text, path) : try keys(inLines: text, path)
        guard !keys.isEmpty else { throw KeysError("\(path): has no key; write one on a line of its own") }
        return keys
    }

    // MARK: Lines

    private static func keys(inLines text: String, _ path: String) throws(KeysError) -> [APIKey] {
        var keys: [APIKey] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let first = words.first, first.utf8.first != UInt8(ascii: "#") else { continue }
            let place = "\(path), line \(index + 1)"
            guard words.count <= 2 else { throw KeysError("\(place): a line is KEY or NAME KEY") }
            let name = words.count == 2 ? String(first) : "line-\(index + 1)"
            keys.append(try key(named: name, String(words[words.count - 1]), at: place))
        }
        return keys
    }

    private static func key(named name: String, _ key: String, at place: String) throws(KeysError) -> APIKey {
        guard APIKey.isName(name) else { throw KeysError("\(place): \(nameRule)") }
        do {
            return try APIKey(name: name, key: key)
        } catch {
            throw KeysError("\(place): \(error)")
        }
    }

    private static let nameRule =
        "the name of a key has up to \(APIKey.longest.name) letters, digits, '.', '_' and '-'"

    // MARK: JSON

    private static func keys(inJSON text: String, _ path: String) throws(KeysError) -> [APIKey] {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: text.utf8)
        } catch {
            throw KeysError("\(path): is not JSON: \(error)")
        }
        return try keys(in: document, path)
    }

    /// Reads a document.
    ///
    /// - Parameter path: what messages call its file
    package static func keys(in document: JSONValue, _ path: String) throws(KeysError) -> [APIKey] {
        let root = JSONField<KeysError>(file: path, document: document)
        try check(root, has: ["keys"])
        return try root["keys"].map(key)
    }

    private static func key(_ field: JSONField<KeysError>) throws(KeysError) -> APIKey {
        try check(field, has: fields)
        let (place, name) = ("\(field.file): \(field.place)", try field["name"].string())
        guard field["key"].exists != field["key_sha256"].exists else {
            throw KeysError("\(place): has to have either \"key\" or \"key_sha256\"")
        }
        guard APIKey.isName(name) else { throw KeysError("\(place): \(nameRule)") }
        return APIKey(name: name, digest: try digest(field), try KeyRights(field))
    }

    private static func digest(_ field: JSONField<KeysError>) throws(KeysError) -> KeyDigest {
        guard field["key_sha256"].exists else {
            let key = try field["key"].string()
            do {
                return try APIKey.digest(of: key)
            } catch {
                throw KeysError("\(field.file): \(field["key"].place): \(error)")
            }
        }
        guard let digest = KeyDigest(hexadecimal: try field["key_sha256"].string()) else {
            throw KeysError("\(field.file): \(field["key_sha256"].place): has to be 64 hexadecimal digits")
        }
        return digest
    }

    private static func check(_ field: JSONField<KeysError>, has known: [String]) throws(KeysError) {
        var seen: Set<String> = []
        for entry in try field.entries() {
            guard known.contains(entry.key) else {
                throw KeysError(
                    "\(field.file): \(field.place(of: entry.key.cut(after: 40))): is not known; known are "
                        + known.joined(separator: ", "))
            }
            guard seen.insert(entry.key).inserted else {
                throw KeysError("\(field.file): \(field.place(of: entry.key)): is there twice")
            }
        }
    }
}

extension KeysError: JSONFieldError {
    package init(_ field: JSONField<KeysError>, expected: JSONExpectation) {
        let what =
            switch expected {
            case .string: "a string"
            case .boolean: "true or false"
            case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
            case .number(let least): "a number of at least \(least)"
            case .array: "an array"
            case .object: "an object"
            }
        self.init("\(field.file): \(field.place.isEmpty ? "the document" : field.place): has to be \(what)")
    }
}
