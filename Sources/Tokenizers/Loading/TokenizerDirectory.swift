import Foundation
import PenstockJSON

/// The files of a model's directory that describe its tokenizer.
struct TokenizerDirectory {
    /// The directory's path.
    let path: String

    /// The path of a file in it.
    func path(of name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

    /// Whether there is such a file.
    func hasFile(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(of: name)) }

    /// The bytes of a file, or nil when there is no such file.
    func bytes(of name: String) throws(TokenizerError) -> [UInt8]? {
        let file = path(of: name)
        guard hasFile(name) else { return nil }
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            throw TokenizerError(.unreadable, "\(file): cannot be read: \(error.localizedDescription)")
        }
    }

    /// The JSON document of a file, or nil when there is no such file.
    func document(of name: String) throws(TokenizerError) -> Field? {
        guard let bytes = try bytes(of: name) else { return nil }
        let file = path(of: name)
        do {
            return Field(file: file, document: try JSONValue(parsing: bytes))
        } catch {
            throw TokenizerError(.malformed, "\(file): not JSON: \(error)")
        }
    }
}
