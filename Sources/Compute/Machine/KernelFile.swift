#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A text file in which the kernel says something, read whole.
package struct KernelFile {
    private let text: String

    /// Nil if it cannot be read.
    package init?(_ path: String) {
        // Such files have no size, so they are read to their end; one without an end in sight is none of them.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, bytes.count < 1 << 20 else { return nil }
            if count == 0 { break }
            bytes += chunk.prefix(count)
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// Its lines, without empty ones.
    package var lines: [Substring] { text.split(separator: "\n") }

    /// The number that is all there is in it.
    package var value: Int? { Self.number(text[...].trimmingSuffix(while: \.isWhitespace)) }

    /// The number that stands behind a key in a line.
    package func value(of key: Substring) -> Int? {
        for line in lines {
            let words = line.split(maxSplits: 2, whereSeparator: \.isWhitespace)
            if words.count > 1, words[0] == key { return Self.number(words[1]) }
        }
        return nil
    }

    /// A number; nil for anything else, such as `max`, or one so near 2^63 that it stands for no limit.
    ///
    /// Two of them can be added without overflow.
    private static func number(_ digits: Substring) -> Int? {
        guard let number = Int(digits), (0..<(1 << 62)).contains(number) else { return nil }
        return number
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, isDropped(last) { rest.removeLast() }
        return rest
    }
}
