import NIOHTTP1

extension HTTPRequestHead {
    /// - Throws: ``ClientError`` for a head that RFC 9110 and 9112 forbid, or that asks for what is not there.
    func check() throws(ClientError) {
        try checkHost()
        try uri.checkTarget()
        try checkCodings()
        if method == .CONNECT { throw ClientError(.notImplemented, "CONNECT is not possible here") }
        for expectation in headers[canonicalForm: "expect"] where expectation.lowercased() != "100-continue" {
            throw ClientError(.expectationFailed, "no expectation but 100-continue can be met")
        }
    }

    private func checkHost() throws(ClientError) {
        let hosts = headers["host"]
        guard hosts.count <= 1, let host = hosts.first ?? (version != .http1_1 ? "" : nil) else {
            throw ClientError(.malformedRequest, "a request has to have one Host header")
        }
        guard host.isHostField else { throw ClientError(.malformedRequest, "the Host header is no host") }
    }

    private func checkCodings() throws(ClientError) {
        // A field that names nothing is one, too: whoever passed it on may have read a body behind it.
        let fields = headers["transfer-encoding"]
        guard !fields.isEmpty else { return }
        guard version == .http1_1 else {
            throw ClientError(.malformedRequest, "HTTP/1.0 has no Transfer-Encoding; send a Content-Length")
        }
        guard fields.count == 1, headers[canonicalForm: "transfer-encoding"].map({ $0.lowercased() }) == ["chunked"]
        else {
            throw ClientError(.notImplemented, "no Transfer-Encoding but chunked is supported")
        }
    }

    /// Bytes of the body that follows; nil if it comes in chunks. A number beyond an integer counts as the largest one.
    var announcedBodyBytes: Int? {
        guard headers[canonicalForm: "transfer-encoding"].isEmpty else { return nil }
        guard let length = headers[canonicalForm: "content-length"].first else { return 0 }
        return Int(length) ?? .max
    }

    /// Tells whether the client waits to be told that its body may come, and the body has no more bytes than it may
    /// have.
    func awaitsContinue(atMost maxBodyBytes: Int) -> Bool {
        guard version == .http1_1, headers.contains(name: "expect") else { return false }
        return announcedBodyBytes.map { $0 > 0 && $0 <= maxBodyBytes } ?? true
    }

    /// True if the connection can be used again, if it is up to the client.
    var wantsKeepAlive: Bool {
        let options = headers[canonicalForm: "connection"].map { $0.lowercased() }
        // NIO's decoder reads nothing behind a request for another protocol.
        if options.contains("close") || headers.contains(name: "upgrade") { return false }
        return version == .http1_1 || options.contains("keep-alive")
    }
}

extension String {
    /// Bytes of the longest path; names of models and tasks need much less.
    private static let mostPathBytes = 4 << 10

    /// - Throws: ``ClientError`` for a request's target whose path is too long.
    func checkTarget() throws(ClientError) {
        guard utf8.prefix(Self.mostPathBytes + 1).prefix(while: { $0 != UInt8(ascii: "?") }).count <= Self.mostPathBytes
        else {
            throw ClientError(.uriTooLong, "the path of the request has more than \(Self.mostPathBytes) bytes")
        }
    }

    /// It is `uri-host [ ":" port ]` of RFC 9112, or empty.
    fileprivate var isHostField: Bool {
        let bytes = utf8[...]
        let inBrackets = bytes.first == UInt8(ascii: "[")
        let name = inBrackets ? bytes.prefix { $0 != UInt8(ascii: "]") } : bytes.prefix { $0 != UInt8(ascii: ":") }
        let behind = bytes[name.endIndex...].dropFirst(inBrackets ? 1 : 0)
        if inBrackets, name.endIndex == bytes.endIndex || name.count == 1 { return false }
        return name.dropFirst(inBrackets ? 1 : 0).allSatisfy { $0.isOfHost || inBrackets && $0 == UInt8(ascii: ":") }
            && (behind.isEmpty || behind.first == UInt8(ascii: ":") && behind.dropFirst().allSatisfy(\.isDigit))
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// True for what a name or an address consists of: letters, digits, and the marks of `reg-name` in RFC 3986.
    fileprivate var isOfHost: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: isDigit || "-._~!$&'()*+,;=%".utf8.contains(self)
        }
    }
}
