import NIOHTTP1

extension HTTPRequestHead {
    /// - Throws: ``ClientError`` for a head that RFC 9110 and 9112 forbid, or that asks for what is not there.
    func check() throws(ClientError) {
        try checkHost()
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
        let punctuation = Set("-._~!$&'()*+,;=:%[]".utf8)
        let isValid = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: punctuation.contains(byte)
            }
        }
        guard isValid else { throw ClientError(.malformedRequest, "the Host header is no host") }
    }

    private func checkCodings() throws(ClientError) {
        let codings = headers[canonicalForm: "transfer-encoding"]
        guard !codings.isEmpty else { return }
        guard version == .http1_1 else {
            throw ClientError(.malformedRequest, "HTTP/1.0 has no Transfer-Encoding; send a Content-Length")
        }
        guard codings.count == 1, codings[0].lowercased() == "chunked" else {
            throw ClientError(.notImplemented, "no Transfer-Encoding but chunked is supported")
        }
    }

    /// Bytes of the body that follows; nil if it comes in chunks. A number beyond an integer counts as the largest one.
    var announcedBodyBytes: Int? {
        guard headers[canonicalForm: "transfer-encoding"].isEmpty else { return nil }
        guard let length = headers[canonicalForm: "content-length"].first else { return 0 }
        return Int(length) ?? .max
    }

    /// Whether the client waits to be told that its body may come, and the body has no more bytes than it may have.
    func awaitsContinue(atMost maxBodyBytes: Int) -> Bool {
        guard version == .http1_1, headers.contains(name: "expect") else { return false }
        return announcedBodyBytes.map { $0 > 0 && $0 <= maxBodyBytes } ?? true
    }

    /// Whether the connection can be used again, if it is up to the client.
    var wantsKeepAlive: Bool {
        let options = headers[canonicalForm: "connection"].map { $0.lowercased() }
        // NIO's decoder reads nothing behind a request for another protocol.
        if options.contains("close") || headers.contains(name: "upgrade") { return false }
        return version == .http1_1 || options.contains("keep-alive")
    }
}
