import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Synchronization
import Testing

/// Bodies in gzip and deflate, made by Python's `zlib` and `gzip`.
@Suite struct CompressionTests {
    /// `{"inputs": "a [MASK]", "parameters": {"top_k": 2}}`
    private static let json = #"{"inputs": "a [MASK]", "parameters": {"top_k": 2}}"#
    private static let gzip =
        bytes(ofBase64: "H4sIAAAAAAACA6tWyswrKC0pVrJSUEpUiPZ1DPaOVdJRUCpILErMTS1JLQLJVCuV5BfEZwNZRrW1AMKWPnUyAAAA")
        ?? []
    private static let twoMembers =
        bytes(
            ofBase64:
                "H4sIAAAAAAACA6tWyswrKC0pVrJSUEpUiPZ1DPaOBQBuuVoQFAAAAB+LCAAAAAAAAgNT0lFQKkgsSsxNLUktKlayUqhWKskviM8G"
                + "soxqawHPkxJrHgAAAA==") ?? []
    private static let zlib =
        bytes(ofBase64: "eNqrVsrMKygtKVayUlBKVIj2dQz2jlXSUVAqSCxKzE0tSS0CyVQrleQXxGcDWUa1tQCS5A/m") ?? []
    private static let raw = bytes(ofBase64: "q1bKzCsoLSlWslJQSlSI9nUM9o5V0lFQKkgsSsxNLUktAslUK5XkF8RnA1lGtbUA") ?? []
    /// 400 lines.
    private static let dynamic =
        bytes(
            ofBase64:
                "XZhLrig3CETnWcVbQgP+LiiRIj0l+59F11QhKrNGtttlG44xv//+589f369///r1/fH759t+vi2/x8+35/f9+Q70WT/GSMPnjzHT"
                + "iNeyMPyN2Wms97OTxnmzXIx5M2J6f92MAvazIGH7syAiDYiIlA0VK9sg4z6BBh2R00HIfks3KLE3ziFlvp4OKfetzCFl5NZAyn2z"
                + "O7SMHActN3tCy3zzObScZ0DKejIdUvytPCDlvJ4BKfP9MiDFn+iAlJPnBCnrCQsezpshIMWyjVLe8oJa0oKW8WYf0BJvvgEtlm3Q"
                + "kn7BXXn7MCDlvMkHpOwnc0DKzjZI2TnuiHV7z/n1v0zrM0zvs89owubomufs65mrr3Xuvg/z9D2at+/f+vreLuv7vryfyYp+Xmv0"
                + "s1yzn/Na3QfW7v6xTnOddbtX7a973Lbujdu7p+7oXrxH9/A9u/fv1SNj7x41+/SI2rdH2/l6JB7rUXq8BfCJHttn9Lg/szPhrIaL"
                + "sztIzhHG3I6f+3UyXevQut55dqOR7o6GwDsbGy90vD24u7ecPua2v9n39ZnsExn2eddoX/QF2Df66uybfen2LaHoFox+Rzj6XQFp"
                + "MTctOSQjdMFSUhcwLe7mtAQvcGriNUb0TnQ+3d+M8E1nNNI3PdVc3NjI34vO0QPASOCT1uyBYy5RZcVgdD49Hq0wjCvn65FsIWFu"
                + "JHEywIhiQ+vo9DDCeMEU7hhxHJj3dGIZgZxDCeQknQ3BoBHJyUgjlDdaR6erFZZhLu289VdHJ7oig2xOjVOuCSOcsTzSGYsnn7E1"
                + "BDQ2bsq9ZUQ0Np2MxpEQ0jgwUhrHueQiteJ0yihQp6OQ1HCjQnVacq8bWQ33JKzhvMQ1XJu8huNvSTSMxEbQENkIKTIbAUdoIxz3"
                + "/zKfLaFc3IaM2ylAcAMRRxOxQndKJryRUg0BE+kNbB1JCo0AB/JIcACRCAcuyfAcent2asXwtKLB2QhxtE0Zt+SfWydUOWR5inXC"
                + "PJfihHku1Anz3Ab/+h45We7oO/v2Olm+kYfudjL+ybE5WZ6H6mR5HrkXzJHDencXN3EmJ8yZ8E7JeAlzpLyEOXJeExd3whxZb6XS"
                + "OS9hnnkvWY7E1yXsvFiOzrOHrBfMcwUF8zwRFxg4YZ6ocMI8QeKEeWLGCfMFUxDlhHkCzAlzQ+tq7HOyPMHoIdh0sjyh6oR5ItcJ"
                + "8wSyF8xhhnYe+qspExHmkEGYp8YhF4yT5VgeWY7FE+bYGsIcGzfl2nPCHJtOmONICHMcGGGO45xyGXvBPGUUzNNRKufOiQrmaUmC"
                + "4GQ5H2VTnJcwh2sT5nD8JWmLV+6dYwlzhBRhjoAjzBGOW5IpJ8wRygXzlEGYo3ELIrYkeF4sT8mEec5KlgNMZDmwdSTpdMIcyKtU"
                + "PBUT5obW3Vjqp6fBXijP1+3X+OwkOdq8j5Ns3IvkOeFVOWQ5xBLmWMqV14ET5rkN8fU9ikrM84lNlg+8xuWxEgXztOTYgixfaN39"
                + "yOOTt1NUYv7lO1+cKQjzdLUgzNMRw+QxF4R5OnGYuHhUTQSddw+PsP64DLI8Aytcwi6K5dmZMGdtQh67UTDP6oQLDIIwR32CMEeB"
                + "wuX1HYQ5ShQhiArCPFAU8Y63iF4NCLI8wRgh2AyyPKEahPlGq1QnomCepsI8CuaozbhMpOWSIMxT45ALJshyLI8sx+KHVm8Ic2zc"
                + "lGsvCHNsOmHOipGWkwhzHOeUyzgK5imjYJ6OMqW+FQXzrEVJghBkOdyTLIfzLim3BWEOx1+StkRl5hi7JaSW1P+CMEc4bkmmgjBH"
                + "KBfMUUDr9cioxBymJHhRLE/JhDlmleJokOWJrTiSdEaVVFC38w7EOFKoDcIcQ3seHIXytHbjc5DkaLt9nOTkUSRH4VDlkOUQW7UV"
                + "jJWHQhDm2IYre1SJOfreP/4D") ?? []

    /// 10 MB of zeros: one, and then copies of the 258 before, by the fixed codes.
    private static let bomb: [UInt8] = {
        var bits: [UInt8] = [1, 1, 0] + [0, 0, 1, 1, 0, 0, 0, 0]
        for _ in 0..<40_000 { bits += [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0] }
        var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
        for start in stride(from: 0, to: bits.count, by: 8) {
            bytes.append(bits[start..<min(bits.count, start + 8)].reversed().reduce(0) { $0 << 1 | $1 })
        }
        return bytes
    }()

    @Test(arguments: [("gzip", gzip), ("x-gzip", gzip), ("GZIP", twoMembers), ("deflate", zlib), ("deflate", raw)])
    func areRead(coding: String, body: [UInt8]) async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let plain = try await server.post(Self.json, as: "application/json")
        let reply = try await server.send(
            .post, "/", [.contentType: "application/json", .contentEncoding: coding], body: body)
        #expect(reply.status == 200)
        #expect(reply.bytes == plain.bytes)
    }

    /// 10 MB in 65 KB, and one byte more than may be.
    @Test func bombsAreRefused() async throws {
        let server = try TestServer(checkpoint: "bert-tiny", maxBodyBytes: 1 << 17)
        let reply = try await server.send(.post, "/", [.contentEncoding: "gzip"], body: Self.bomb)
        #expect(reply.status == 413)
        #expect(try reply.errorCode == "body_too_large")
        let zeros = [UInt8](repeating: 0, count: 1000)
        for (limit, isRead) in [(1000, true), (999, false)] {
            var room = 0
            var inflate = Inflate(limit: limit) { room += $0 }
            // A stored block of 1,000 bytes.
            let stored: [UInt8] = [1, 0xE8, 0x03, 0x17, 0xFC] + zeros
            let end = try? await inflate.expand(stored[...], in: .unbounded)
            #expect((end == stored.count) == isRead)
            #expect(room <= 1000)
        }
    }

    /// Whatever is cut off or changed is an error, and never ends the process.
    @Test func damagedDataIsRefused() async throws {
        let bodies = [Self.gzip, Self.zlib, Self.raw, Self.dynamic]
        for body in bodies {
            for length in 0..<body.count {
                var inflate = Inflate(limit: 1 << 16) { _ in }
                _ = try? await inflate.expand(body[..<length], in: .unbounded)
            }
            for index in body.indices {
                for bit in 0..<8 {
                    var changed = body
                    changed[index] ^= 1 << bit
                    var inflate = Inflate(limit: 1 << 16) { _ in }
                    _ = try? await inflate.expand(changed[...], in: .unbounded)
                }
            }
        }
        let server = try TestServer(checkpoint: "bert-tiny")
        for index in [3, 12, Self.gzip.count - 6, Self.gzip.count - 1] {
            var changed = Self.gzip
            changed[index] ^= 0xFF
            let reply = try await server.send(.post, "/", [.contentEncoding: "gzip"], body: changed)
            #expect(reply.status == 400, "byte \(index)")
            #expect(try reply.errorCode == "malformed_request")
        }
        let cut = try await server.send(.post, "/", [.contentEncoding: "deflate"], body: Array(Self.zlib.dropLast()))
        #expect(cut.status == 400)
    }

    /// Blocks with codes of their own, whose text has repetitions.
    @Test func longTextsAreExpanded() async throws {
        var inflate = Inflate(limit: 1 << 20) { _ in }
        _ = try await inflate.expand(Self.dynamic[...], in: .unbounded)
        let expected = (0..<400).map { "line \($0 * $0 % 97) of \($0)\n" }.joined()
        #expect(String(decoding: inflate.output, as: UTF8.self) == expected)
    }

    /// Eight blocks with codes of their own and no output, which take much longer to read than to send.
    private static let idleBlocks =
        bytes(
            ofBase64:
                "BMCBCAAAAAAgf+tDAByIAAAAAADytz4EwIEIAAAAACB/60MAHIgAAAAAAPK3PgTAgQgAAAAAIH/rQwAciAAAAAAA8rc+BMCBCAAAAAAgf+tD"
                + "AByIAAAAAADytz4=") ?? []

    @Test func workEndsWhenNobodyWaits() async throws {
        let blocks = (0..<1000).flatMap { _ in Self.idleBlocks }
        for (body, asked) in [(blocks, 8000), (Array(Self.bomb.dropFirst(10)), 80)] {
            let count = Mutex(0)
            let scope = RequestScope(answerLimit: 0) {
                count.withLock { count in
                    count += 1
                    return count < asked
                }
            }
            var inflate = Inflate(limit: 1 << 24) { _ in }
            let error = await #expect(throws: PipelineError.self) { _ = try await inflate.expand(body[...], in: scope) }
            #expect(error?.code == .abandoned)
        }
    }

    @Test(arguments: ["br", "zstd", "gzip, gzip", "identity, gzip"])
    func otherCodingsAreRefused(coding: String) async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await server.send(.post, "/", [.contentEncoding: coding], body: [1, 2, 3])
        #expect(reply.status == 415)
        #expect(reply.headers[.acceptEncoding] == "gzip, deflate, identity")
    }
}
