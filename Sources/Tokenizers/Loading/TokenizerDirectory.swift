import PenstockFiles
import PenstockJSON

/// The files of a model's directory that describe its tokenizer.
struct TokenizerDirectory {
    /// The directory's path.
    let path: String

    /// The path of a file in it.
    func path(of name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

    /// Tells whether there is such a file.
    func hasFile(_ name: String) throws(TokenizerError) -> Bool {
        do {
            return try FileStatus.ifPresent(path(of: name)) != nil
        } catch {
            throw TokenizerError(error)
        }
    }

    /// The contents of a file, or nil when there is no such file.
    func contents(of name: String) throws(TokenizerError) -> FileContents? {
        do {
            return try InputFile.ifPresent(path(of: name))?.contents()
        } catch {
            throw TokenizerError(error)
        }
    }

    /// The bytes of a file, or nil when there is no such file.
    func bytes(of name: String) throws(TokenizerError) -> [UInt8]? {
        try contents(of: name)?.withBytes { Array($0) }
    }

    /// The JSON document of a file, or nil when there is no such file.
    func document(
        of name: String, dialect: JSONDialect = .python
    ) throws(TokenizerError) -> Field? {
        guard let contents = try contents(of: name) else { return nil }
        let file = path(of: name)
        do {
            let document = try contents.withBytes { (bytes) throws(JSONError) in
                try JSONValue(parsing: bytes, dialect: dialect)
            }
            return Field(file: file, document: document)
        } catch {
            throw TokenizerError(.malformed, "\(file): not JSON: \(error)")
        }
    }
}

extension TokenizerError {
    fileprivate init(_ error: FileError) {
        self.init(error.code == .malformed ? .malformed : .unreadable, error.description)
    }
}
