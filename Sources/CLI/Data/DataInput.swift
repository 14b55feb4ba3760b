import Glibc

/// A file that inputs come from.
struct DataInput: Sendable {
    let descriptor: Descriptor
    /// The name that messages have for it.
    let name: String
    /// Its bytes from where it is read; nil for what has no size, such as a pipe.
    let size: Int?

    static var standardInput: DataInput {
        DataInput(descriptor: .standardInput, name: "standard input", size: bytesLeft(STDIN_FILENO))
    }

    init(descriptor: Descriptor, name: String, size: Int?) {
        (self.descriptor, self.name, self.size) = (descriptor, name, size)
    }

    /// All of it, in pieces.
    func forEachPiece(_ body: ([UInt8]) throws(CommandFailure) -> Void) throws(CommandFailure) {
        while true {
            let piece = try piece()
            if piece.isEmpty { return }
            try body(piece)
        }
    }

    /// Returns what there is, once there is something; empty at the end.
    func piece() throws(CommandFailure) -> [UInt8] {
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            do throws(SystemError) {
                count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw CommandFailure(message: "cannot read \(name): \(failure)") }
        return bytes
    }

    /// Opens a file, which is read until the process ends.
    init(path: String) throws(CommandFailure) {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw CommandFailure(message: "cannot read \(path): \(SystemError.last)") }
        self.init(descriptor: Descriptor(number: number), name: path, size: Self.bytesLeft(number))
    }

    private static func bytesLeft(_ descriptor: Int32) -> Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return max(0, Int(status.st_size) - max(0, Int(lseek(descriptor, 0, SEEK_CUR))))
    }
}
