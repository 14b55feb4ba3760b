import Glibc

/// A file that answers go to.
struct DataOutput: Sendable {
    private let descriptor: Descriptor
    /// The name that messages have for it.
    let name: String

    static let standardOutput = DataOutput(descriptor: .standardOutput, name: "standard output")

    private init(descriptor: Descriptor, name: String) { (self.descriptor, self.name) = (descriptor, name) }

    /// Opens a file for reading and writing, and makes it if it is not there.
    ///
    /// - Parameter isGoingOn: whether what it holds stays; if not, a file that holds something is an error
    init(path: String, isGoingOn: Bool) throws(CommandFailure) {
        let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard number >= 0 else { throw CommandFailure(message: "cannot write \(path): \(SystemError.last)") }
        self.init(descriptor: Descriptor(number: number), name: path)
        guard isGoingOn || size == 0 else {
            throw CommandFailure(
                message: "\(path) holds something already; remove it, or go on behind it with --skip")
        }
    }

    /// Bytes that it has; 0 for what has no size, such as a pipe.
    var size: Int {
        var status = stat()
        guard fstat(descriptor.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
        return Int(status.st_size)
    }

    /// True if it can be written at any place.
    var hasPlaces: Bool { lseek(descriptor.number, 0, SEEK_CUR) >= 0 }

    /// Returns what it holds, as an input from its start.
    func contents() throws(CommandFailure) -> DataInput {
        guard lseek(descriptor.number, 0, SEEK_SET) == 0 else { throw failure(SystemError.last) }
        return DataInput(descriptor: descriptor, name: name, size: size)
    }

    /// Cuts it, and goes on behind.
    func cut(to size: Int) throws(CommandFailure) {
        guard ftruncate(descriptor.number, off_t(size)) == 0, lseek(descriptor.number, off_t(size), SEEK_SET) >= 0
        else { throw failure(SystemError.last) }
    }

    /// Writes all bytes behind those that were written before.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        do throws(SystemError) {
            try descriptor.write(bytes)
        } catch {
            throw failure(error)
        }
    }

    /// Writes all bytes at a place.
    func write(_ bytes: [UInt8], at offset: Int) throws(CommandFailure) {
        guard lseek(descriptor.number, off_t(offset), SEEK_SET) >= 0 else { throw failure(SystemError.last) }
        try write(bytes)
    }

    private func failure(_ error: SystemError) -> CommandFailure {
        // Whoever read it wants no more; a shell shows this status for whom the signal has ended.
        if error.code == EPIPE { return CommandFailure(message: nil, status: 128 + SIGPIPE) }
        return CommandFailure(message: "cannot write to \(name): \(error)")
    }
}
