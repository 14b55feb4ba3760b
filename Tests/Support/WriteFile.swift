import Foundation

/// Writes a file and, unlike `Data.write(to:)`, does not wait until it is on the disk: tests write thousands of them.
package func writeFile(_ bytes: some Sequence<UInt8>, to path: String) throws {
    guard let file = fopen(path, "w") else { throw WriteFailure(path: path, code: errno) }
    let contents = Array(bytes)
    let written = fwrite(contents, 1, contents.count, file)
    guard fclose(file) == 0, written == contents.count else { throw WriteFailure(path: path, code: errno) }
}

private struct WriteFailure: Error, CustomStringConvertible {
    let path: String
    let code: Int32

    var description: String { "cannot write \(path): \(String(cString: strerror(code)))" }
}
