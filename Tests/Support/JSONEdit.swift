import Foundation
import PenstockJSON

/// A change of one value in a JSON file of a checkpoint, as a fixture describes it.
package struct JSONEdit {
    private let file: String
    private let path: [JSONValue]
    /// Nil if it is removed.
    private let value: JSONValue?

    /// Reads `{"file", "path", "value"}`; without a value the entry is removed, without a path the file is replaced.
    package init?(_ json: JSONValue) {
        guard let file = json["file"]?.string, let path = json["path"]?.array else { return nil }
        (self.file, self.path, value) = (file, path, json["value"])
    }

    /// Makes the change in a directory.
    package func apply(in directory: TemporaryDirectory) throws {
        let changed: JSONValue?
        if path.isEmpty {
            changed = value
            let folder = URL(filePath: "\(directory.path)/\(file)").deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } else {
            changed = Self.changed(try JSONValue(parsing: try directory.read(file)), path[...], value)
        }
        var writer = JSONWriter()
        writer.value(changed ?? .null)
        try directory.write(file, writer.finish())
    }

    /// The document with the value at a path of keys and indices.
    private static func changed(_ document: JSONValue, _ path: ArraySlice<JSONValue>, _ value: JSONValue?) -> JSONValue?
    {
        guard let step = path.first else { return value }
        let rest = path.dropFirst()
        switch (document, step) {
        case (.object(let object), .string(let key)):
            var result = JSONObject()
            var isThere = false
            for entry in object.entries {
                guard entry.key == key else {
                    result.append(entry.key, entry.value)
                    continue
                }
                isThere = true
                if let value = changed(entry.value, rest, value) { result.append(key, value) }
            }
            if !isThere, let value = changed(.null, rest, value) { result.append(key, value) }
            return .object(result)
        case (.array(let elements), .integer(let index)):
            return .array(
                elements.enumerated().compactMap { $0.offset == index ? changed($0.element, rest, value) : $0.element })
        default: return document
        }
    }
}
