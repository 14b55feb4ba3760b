import Glibc

/// A file descriptor, read and written by system calls whose errors are seen.
struct Descriptor: Sendable {
    let number: Int32

    static let standardInput = Descriptor(number: STDIN_FILENO)
    static let standardOutput = Descriptor(number: STDOUT_FILENO)
    static let standardError = Descriptor(number: STDERR_FILENO)

    /// Reads what there is, once there is something. Returns the number of bytes, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        while true {
            let count = Glibc.read(number, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            try recover(waitingFor: POLLIN)
        }
    }

    /// Writes all bytes, and waits as long as that takes.
    func write(_ bytes: [UInt8]) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(number, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count >= 0 {
                written += count
            } else {
                try recover(waitingFor: POLLOUT)
            }
        }
    }

    /// Returns when the call that failed may be made again: it was interrupted, or the other side was not ready.
    private func recover(waitingFor event: Int32) throws(SystemError) {
        let error = SystemError.last
        switch error.code {
        case EINTR: return
        case EAGAIN, EWOULDBLOCK:
            var request = pollfd(fd: number, events: Int16(event), revents: 0)
            _ = poll(&request, 1, -1)
        default: throw error
        }
    }
}

extension Descriptor {
    /// Makes the standard streams fit for use: a write to a closed pipe becomes an error, and a stream that is closed
    /// stays so instead of becoming the next file that is opened.
    static func prepareStandardStreams() {
        signal(SIGPIPE, SIG_IGN)
        for stream in [standardInput, .standardOutput, .standardError] where fcntl(stream.number, F_GETFD) < 0 {
            // Opened for the other direction, so that its use fails. The lowest free number is the stream's.
            _ = open("/dev/null", stream.number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
