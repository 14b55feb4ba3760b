import Glibc

/// Standard output, whose failure is the command's.
enum StandardOutput {
    /// Writes all bytes.
    static func write(_ bytes: [UInt8]) throws(CommandFailure) {
        do throws(SystemError) {
            try Descriptor.standardOutput.write(bytes)
        } catch {
            // Whoever read it wants no more; a shell shows this status for whom the signal has ended.
            if error.code == EPIPE { throw CommandFailure(message: nil, status: 128 + SIGPIPE) }
            throw CommandFailure(message: "cannot write to standard output: \(error)")
        }
    }

    /// Writes a line.
    static func write(line: String) throws(CommandFailure) { try write(Array("\(line)\n".utf8)) }
}
