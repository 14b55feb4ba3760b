/// Standard output, whose failure is the command's.
enum StandardOutput {
    /// Writes all bytes.
    static func write(_ bytes: [UInt8]) throws(CommandFailure) { try DataOutput.standardOutput.write(bytes) }

    /// Writes a line.
    static func write(line: String) throws(CommandFailure) { try write(Array("\(line)\n".utf8)) }
}
