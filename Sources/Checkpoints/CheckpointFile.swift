import PenstockFiles
import PenstockJSON

/// Opens the files of a checkpoint, with errors that are a checkpoint's.
enum CheckpointFile {
    /// Opens a file that must not be empty.
    static func open(_ path: String) throws(CheckpointError) -> InputFile {
        let file: InputFile
        do {
            file = try InputFile(path: path)
        } catch {
            throw CheckpointError(error)
        }
        guard file.size > 0 else { throw CheckpointError(.malformedFile, file: path, "is empty") }
        return file
    }

    /// Returns the kind of file at a path, or nil if there is none.
    static func kind(at path: String) throws(CheckpointError) -> FileStatus.Kind? {
        do {
            return try FileStatus.ifPresent(path)?.kind
        } catch {
            throw CheckpointError(error)
        }
    }

    /// Lends a range of a file.
    static func withBytes<Result>(
        of file: InputFile, _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Result
    ) throws(CheckpointError) -> Result {
        let contents: FileContents
        do {
            contents = try FileContents(of: file, range)
        } catch {
            throw CheckpointError(error)
        }
        return try contents.withBytes(body)
    }

    /// The JSON document in a file, as Python wrote it.
    static func json(_ path: String) throws(CheckpointError) -> JSONValue {
        let file = try open(path)
        let contents: FileContents
        do {
            contents = try file.contents()
        } catch {
            throw CheckpointError(error)
        }
        do {
            return try contents.withBytes { (bytes) throws(JSONError) in
                try JSONValue(parsing: bytes, dialect: .python)
            }
        } catch {
            throw CheckpointError(.malformedFile, file: path, "is not JSON: \(error)")
        }
    }
}
