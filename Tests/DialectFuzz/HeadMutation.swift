import HTTPTypes
import PenstockHTTP
import PenstockTestSupport

/// Changes what requests say of themselves: fields, paths, methods, and how bodies are compressed.
enum HeadMutation {
    static func change(_ request: inout FuzzRequest, _ random: inout SeededGenerator) {
        switch random.below(8) {
        case 0, 1:
            let type = random.element(of: contentTypes)
            request.headers.put("Content-Type", type)
            guard type.hasPrefix("multipart") else { return }
            let parts = [
                "--x\r\nContent-Disposition: form-data; name=\"inputs\"\r\n\r\n", "--x\r\n", "--x--\r\n", "\r\n",
            ]
            request.body = Array(random.element(of: parts).utf8) + request.body + Array("\r\n--x--\r\n".utf8)
        case 2:
            let types = ["text/event-stream", "application/json", "*/*;q=0", "image/png", "a/b;q=x, */*", ""]
            request.headers.put("Accept", random.element(of: types))
        case 3: request.headers.put("X-Request-Timeout", random.element(of: times))
        case 4: request.headers.put("User-Agent", random.element(of: agents))
        case 5: request.headers.put("Inference-Header-Content-Length", random.element(of: numbers))
        case 6:
            if random.below(2) == 0 {
                request.path += (request.path.contains("?") ? "&" : "?") + random.element(of: queries)
            } else {
                let old = random.element(of: ["/", "m", "s", "words"])
                request.path = request.path.replacing(old, with: random.element(of: pathParts), maxReplacements: 1)
                if !request.path.hasPrefix("/") { request.path = "/" + request.path }
            }
        default:
            let methods: [HTTPRequest.Method] = [.get, .put, .delete, .patch, .head, .options, .post]
            request.method = random.element(of: methods)
        }
    }

    static func changeCall(_ request: inout FuzzRequest, _ random: inout SeededGenerator) {
        switch random.below(20) {
        case 0, 1: request.headers.put("grpc-encoding", random.element(of: ["gzip", "deflate", "identity", "br", ""]))
        case 2:
            let times = ["1n", "0S", "99999999H", "999999999H", "-1S", "1", "S", "1x", "", "1e3S", "30S", "\u{662}S"]
            request.headers.put("grpc-timeout", random.element(of: times))
        case 3: request.headers.put("Content-Type", random.element(of: contentTypes + ["application/grpc+json"]))
        case 4:
            let paths = ["/", "/inference.GRPCInferenceService/", "//ModelInfer", "/inference.GRPCInferenceService/x"]
            request.path = random.element(of: paths)
        case 5: request.headers.put("X-Request-Timeout", random.element(of: times))
        case 6: request.method = random.element(of: [.get, .put, .options, .head])
        case 7: request.headers.put("traceparent", random.element(of: numbers))
        default: break
        }
    }

    /// Compresses the body, as it should be or not.
    static func compress(_ request: inout FuzzRequest, _ random: inout SeededGenerator) {
        var body = Array(request.body.prefix(1 << 15))
        var coding = random.element(of: ["gzip", "x-gzip", "GZIP"])
        switch random.below(7) {
        case 0: body = gzip(body)
        case 1:
            body = gzip(body)
            for _ in 0...random.below(3) { random.damage(&body) }
        case 2: body = bomb
        case 3: (body, coding) = (stored(body), "deflate")
        case 4:
            (body, coding) = (stored(body), "deflate")
            for _ in 0...random.below(3) { random.damage(&body) }
        case 5: body = gzip(Array(body.prefix(body.count / 2))) + gzip(Array(body.dropFirst(body.count / 2)))
        default: coding = random.element(of: ["deflate", "gzip", "br", "gzip, gzip", ""])
        }
        request.body = body
        request.headers.put("Content-Encoding", coding)
    }

    /// Compresses a message of a call, which need not say how.
    static func deflate(_ message: inout [UInt8], _ flag: inout UInt8, _ count: inout UInt32) {
        if message.count < 1 << 15 { message = gzip(message) }
        (flag, count) = (1, UInt32(truncatingIfNeeded: message.count))
    }

    // MARK: - DEFLATE

    /// One block that is not compressed, of less than 64 KiB.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let count = UInt16(truncatingIfNeeded: bytes.count)
        var block: [UInt8] = [1]
        withUnsafeBytes(of: count.littleEndian) { block += Array($0) }
        withUnsafeBytes(of: (~count).littleEndian) { block += Array($0) }
        return block + bytes
    }

    private static let gzipHeader: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]

    private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var checksum = ~UInt32(0)
        for byte in bytes {
            checksum ^= UInt32(byte)
            for _ in 0..<8 { checksum = checksum & 1 == 1 ? 0xEDB8_8320 ^ checksum >> 1 : checksum >> 1 }
        }
        var result = gzipHeader + stored(bytes)
        withUnsafeBytes(of: (~checksum).littleEndian) { result += Array($0) }
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: bytes.count).littleEndian) { result += Array($0) }
        return result
    }

    /// 10 MB of spaces: one, and then copies of the 258 before, by the fixed codes.
    private static let bomb: [UInt8] = {
        var bits: [UInt8] = [1, 1, 0] + [0, 1, 0, 1, 0, 0, 0, 0]
        for _ in 0..<40_000 { bits += [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0] }
        var bytes = HeadMutation.gzipHeader
        for start in stride(from: 0, to: bits.count, by: 8) {
            bytes.append(bits[start..<min(bits.count, start + 8)].reversed().reduce(0) { $0 << 1 | $1 })
        }
        return bytes
    }()

    // MARK: - Values

    private static let contentTypes = [
        "", "text/plain", "application/json; charset=utf-8", "application/json; charset=latin-1", "multipart/form-data",
        "multipart/form-data; boundary=x", "multipart/form-data; boundary=", "multipart/mixed; boundary=\"x", "a",
        "application/x-www-form-urlencoded", "application/octet-stream", "image/png", "application/json;;;=", "/",
        "application/grpc",
    ]
    private static let times = ["0", "-1", "1e400", "nan", "0.000001", "10", "999999999999999999999", "", "1e18"]
    private static let numbers = ["0", "5", "-1", "99999999999999999999", "1e3", "", "00-0-0-0"]
    private static let agents = [
        "huggingface/2.1.0; hf_hub/0.20.0", "@huggingface/inference/2.8.0", "huggingface/1; hf_hub/x.y",
        "unknown/None; hf_hub/99999999999999999999.1; python/3.11", "hf_hub/",
    ]
    private static let queries = [
        "top_k=99999999999999999999", "normalize=true", "%ff=%", "a=b&a=c", "&&&=", "top_k=0", "inputs=a",
        "stream=true", "=", "++++", "top_k=%31", "candidate_labels=a,b",
    ]
    private static let pathParts = ["//", "%2F", "%00", "%", "%zz", "..", "/versions/2", "%ff", "/versions/1/", "?"]
}
