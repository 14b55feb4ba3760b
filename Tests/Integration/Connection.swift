import Foundation

/// A TCP connection to a server on this machine, as raw as HTTP gets: for half requests and sudden ends.
final class Connection {
    private let socket: Int32
    private var received: [UInt8] = []

    struct Reply: Equatable {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]
    }

    enum Failure: Error {
        case cannotConnect(Int32)
        case closed
        case malformed
    }

    /// Waits for an answer at most this long; a server that hangs fails the test.
    private static let patience = timeval(tv_sec: 3600, tv_usec: 0)

    init(port: Int) throws {
        #if canImport(Glibc)
            let type = Int32(SOCK_STREAM.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        socket = Foundation.socket(AF_INET, type, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) }
        }
        guard result == 0 else { throw Failure.cannotConnect(errno) }
        var patience = Self.patience
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(socket) }

    /// Sends a text as it is.
    func send(_ text: String) throws { try send(bytes: Array(text.utf8)) }

    /// Sends bytes as they are.
    func send(bytes: [UInt8]) throws {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure.closed }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Sends a whole request.
    func send(_ method: String, _ path: String, headers: [String: String] = [:], body: String = "") throws {
        let fields = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
        try send(
            "\(method) \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")
    }

    /// Sends a request up to a place in its body, and returns when the server has begun with it.
    func begin(bodyBytes: Int, _ part: String) throws {
        try send("POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: \(bodyBytes)\r\n\r\n")
        guard try line().hasPrefix("HTTP/1.1 100 "), try line().isEmpty else { throw Failure.malformed }
        try send(part)
    }

    /// Receives the next answer.
    func reply() throws -> Reply {
        let (head, length) = try head()
        return Reply(status: head.status, headers: head.headers, body: try body(length))
    }

    /// Receives the head of the next answer, and returns how many bytes its body has.
    func head() throws -> (Reply, bodyBytes: Int) {
        let (head, length) = try headOfAnyBody()
        guard let length else { throw Failure.malformed }
        return (head, length)
    }

    /// The same for bodies of all kinds; there is no number of bytes for one in chunks.
    private func headOfAnyBody() throws -> (Reply, bodyBytes: Int?) {
        let separator = Array("\r\n\r\n".utf8)
        while received.firstRange(of: separator) == nil { try receive() }
        guard let end = received.firstRange(of: separator) else { throw Failure.malformed }
        let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        guard let status else { throw Failure.malformed }
        let length = status == 204 ? 0 : headers["content-length"].flatMap { Int($0) }
        guard length != nil || headers["transfer-encoding"] == "chunked" else { throw Failure.malformed }
        received.removeFirst(end.upperBound)
        return (Reply(status: status, headers: headers, body: []), length)
    }

    /// Receives the next answer, whose body may come in chunks.
    func replyInPieces() throws -> (Reply, body: [UInt8]) {
        let (head, length) = try headOfAnyBody()
        guard let length else {
            var body: [UInt8] = []
            while true {
                let size = try Int(line(), radix: 16)
                guard let size else { throw Failure.malformed }
                body += try self.body(size)
                guard try line().isEmpty else { throw Failure.malformed }
                if size == 0 { return (head, body) }
            }
        }
        return (head, try body(length))
    }

    private func line() throws -> String {
        while received.firstRange(of: Array("\r\n".utf8)) == nil { try receive() }
        guard let end = received.firstRange(of: Array("\r\n".utf8)) else { throw Failure.malformed }
        defer { received.removeFirst(end.upperBound) }
        return String(decoding: received[..<end.lowerBound], as: UTF8.self)
    }

    /// Receives a body of so many bytes.
    func body(_ length: Int) throws -> [UInt8] {
        while received.count < length { try receive() }
        defer { received.removeFirst(length) }
        return Array(received[..<length])
    }

    /// Takes what has been received, and waits for something if that is nothing.
    func receiveSome() throws -> [UInt8] {
        if received.isEmpty { try receive() }
        defer { received.removeAll() }
        return received
    }

    private func receive() throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { throw Failure.closed }
        received += buffer[..<count]
    }
}
