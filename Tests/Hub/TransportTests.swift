import NIOHTTP1
import PenstockHub
import Testing

/// What header fields mean, and when requests are made again.
@Suite struct TransportTests {
    private static func head(_ status: Int, _ fields: [(String, String)]) -> AnswerHead {
        AnswerHead(status: status, headers: HTTPHeaders(fields))
    }

    private static func etag(_ text: String) -> String? { head(200, [("ETag", text)]).etag }

    @Test func etags() {
        #expect(Self.etag("\"abc\"") == "abc")
        #expect(Self.etag("W/\"abc\"") == "abc")
        #expect(Self.etag("abc-5") == "abc-5")
        #expect(Self.head(200, [("ETag", "\"a\""), ("X-Linked-Etag", "\"b\"")]).etag == "b")
        for text in ["", "\"\"", "../x", "a/b", ".", "..", ".a", "a b", "a\u{0}", String(repeating: "a", count: 129)] {
            #expect(Self.etag(text) == nil)
        }
    }

    @Test func sizes() {
        #expect(Self.head(200, [("Content-Length", "5")]).size == 5)
        #expect(Self.head(302, [("Content-Length", "5"), ("Location", "/x")]).size == nil)
        #expect(Self.head(302, [("X-Linked-Size", "7"), ("Location", "/x")]).size == 7)
        for text in ["-1", "+1", "1e3", "99999999999999999999", "0x5"] {
            #expect(Self.head(200, [("Content-Length", text)]).size == nil)
        }
    }

    @Test func ranges() throws {
        let range = try #require(Self.head(206, [("Content-Range", "bytes 5-9/20")]).contentRange)
        #expect(range.range == 5..<10)
        #expect(range.size == 20)
        #expect(Self.head(206, [("Content-Range", "bytes 5-9/*")]).contentRange?.size == nil)
        for text in [
            "", "bytes", "bytes 9-5/20", "bytes */20", "bytes -5/20", "bytes 5-/20", "5-9/20", "bytes 5-9",
            "bytes 0-9223372036854775807/*",
        ] {
            #expect(Self.head(206, [("Content-Range", text)]).contentRange == nil)
        }
        #expect(Self.head(200, [("Content-Range", "bytes 5-9/20")]).contentRange == nil)
    }

    @Test func waitsThatServersAskFor() {
        #expect(Self.head(503, [("Retry-After", " 7 ")]).retryAfter == .seconds(7))
        #expect(Self.head(429, [("ratelimit", "\"api\";r=0;t=55")]).retryAfter == .seconds(55))
        #expect(Self.head(429, [("ratelimit", "\"api\";r=3;t=55")]).retryAfter == nil)
        for text in ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "", "soon"] {
            #expect(Self.head(429, [("Retry-After", text)]).retryAfter == nil)
        }
    }

    /// What no repetition mends is said at once, with what does.
    @Test(
        arguments: [
            ("error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED", "certificate"),
            ("NIOSSLExtraError.failedToValidateHostname: Couldn't find <none> in certificate from peer", "certificate"),
            ("error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER", "http://"),
        ])
    func encryption(words: String, mention: String) throws {
        let failure = try #require(TLSFailure.of("handshakeFailed(NIOSSL.BoringSSLError.sslError([Error: \(words)]))"))
        var policy = RetryPolicy(HubLimits())
        #expect(policy.pause(after: failure, chance: 1) == nil)
        let error = failure.error(at: "https://hub")
        #expect(error.code == .unreachable)
        #expect(error.message.hasPrefix("https://hub "))
        #expect(error.message.contains(mention))
        #expect(TLSFailure.of("uncleanShutdown") == nil)
    }

    @Test func pausesDouble() {
        var policy = RetryPolicy(HubLimits())
        let pauses = (0..<6).map { _ in policy.pause(after: .stalled, chance: 1) }
        #expect(pauses == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16), nil])
        var hurried = RetryPolicy(HubLimits())
        #expect(hurried.pause(after: .stalled, chance: 0) == .seconds(0.5))
    }

    /// However long it takes, a download that gets on is not given up; one that gets on by a byte at a time is.
    @Test func progressCounts() {
        let limits = HubLimits()
        var policy = RetryPolicy(limits)
        for _ in 0..<100 {
            #expect(policy.pause(after: .timedOut, bringing: limits.progressBytes, chance: 1) == limits.firstPause)
        }
        var crawling = RetryPolicy(limits)
        #expect((0..<100).compactMap { _ in crawling.pause(after: .timedOut, bringing: 1, chance: 1) }.count == 5)
    }

    @Test func serversAreHeard() {
        let limits = HubLimits()
        var policy = RetryPolicy(limits)
        #expect(policy.pause(after: .busy(status: 429, retryAfter: .seconds(20)), chance: 0) == .seconds(21))
        #expect(policy.pause(after: .busy(status: 429, retryAfter: .seconds(1_000_000)), chance: 0) == nil)
        #expect(policy.pause(after: .final(HubError(.gated, "")), chance: 0) == nil)
        var single = RetryPolicy(limits, maxAttempts: 1)
        #expect(single.pause(after: .timedOut, chance: 0) == nil)
        var unconnected = RetryPolicy(limits, maxUnconnected: 3)
        #expect((0..<6).compactMap { _ in unconnected.pause(after: .connection("x"), chance: 1) }.count == 2)
    }

    @Test func messagesAreOneLineAndSayWhatToDo() {
        for failure: TransferFailure in [
            .connection("x"), .timedOut, .stalled, .busy(status: 503, retryAfter: nil),
            .busy(status: 429, retryAfter: .seconds(9)), .cut(bytes: 1, of: 2), .expired(status: 403),
        ] {
            let error = failure.error(at: "https://hub")
            #expect(error.message.hasPrefix("https://hub "))
            #expect(!error.message.contains("\n"))
        }
        #expect(TransferFailure.busy(status: 429, retryAfter: .seconds(9)).error(at: "x").code == .rateLimited)
    }

    /// Parts come in order, never more than so many ahead of what is written, and cover each byte once.
    @Test func parts() {
        for (start, size, part, parallel) in [
            (0, 100, 10, 3), (7, 100, 10, 1), (0, 5, 10, 4), (95, 100, 1, 2), (0, 0, 1, 1),
        ] {
            var plan = PartPlan(start: start, size: size, partBytes: part, parallel: parallel)
            var (written, open): (Int, [Range<Int>]) = (start, [])
            var covered: [Int] = []
            while true {
                while let next = plan.take(written: written) {
                    open.append(next)
                    #expect(next.upperBound - written <= part * parallel + part)
                }
                #expect(open.count <= parallel + 1)
                guard let first = open.first else { break }
                open.removeFirst()
                covered += first
                written = first.upperBound
            }
            #expect(covered == Array(start..<size))
        }
    }
}
