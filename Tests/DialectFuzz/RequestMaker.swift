import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockTestSupport

/// A request as it is sent.
struct FuzzRequest: Sendable, CustomStringConvertible {
    /// Whether it goes to the address of gRPC.
    let isCall: Bool
    var method: HTTPRequest.Method
    var path: String
    var headers: HTTPFields
    var body: [UInt8]
    /// Bytes of each piece in which the body comes; nil for one that comes as a whole.
    var pieceBytes: Int?

    var description: String {
        let fields = headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
        return "\(method.rawValue) \(path) (\(fields)), a body of \(body.count) bytes that begins with "
            + String(decoding: body.prefix(1500), as: UTF8.self).debugDescription
    }
}

/// Makes requests of good ones.
struct RequestMaker: Sendable {
    private let samples: [DialectCorpus.Sample]
    private let mutation: DocumentMutation

    init(_ corpus: DialectCorpus) {
        samples = corpus.samples
        mutation = DocumentMutation(corpus.samples.flatMap(\.documents))
    }

    func request(of sample: DialectCorpus.Sample, _ random: inout SeededGenerator) -> FuzzRequest {
        var isCall = false
        if case .messages = sample.body { isCall = true }
        var request = FuzzRequest(
            isCall: isCall, method: sample.method, path: sample.path, headers: sample.headers, body: [])
        switch sample.body {
        case .none: break
        case .text(let text): request.body = Array(text.utf8)
        case .json(let document):
            request.headers[.contentType] = "application/json"
            request.body = LooseJSON.bytes(changed(document, &random))
        case .tensors(let document, let tail): addTensors(changed(document, &random), tail, to: &request, &random)
        case .messages(let messages): request.body = frames(messages, &random)
        }
        if !request.body.isEmpty, random.below(4) == 0 {
            let documents = random.element(of: samples).documents
            let other = documents.first.map { isCall ? WireForm.bytes($0) : LooseJSON.bytes($0) } ?? []
            damage(&request.body, other, &random)
        }
        if isCall {
            HeadMutation.changeCall(&request, &random)
        } else {
            if random.below(8) == 0 { HeadMutation.change(&request, &random) }
            if !request.body.isEmpty, random.below(7) == 0 { HeadMutation.compress(&request, &random) }
        }
        if random.below(4) == 0 { request.pieceBytes = random.element(of: [1, 3, 6, 100, 5000]) }
        if let pieceBytes = request.pieceBytes, request.body.count / pieceBytes > 2000 { request.pieceBytes = nil }
        return request
    }

    /// The document with some changes, or none.
    private func changed(_ document: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
        var document = document
        for _ in 0..<random.element(of: [0, 1, 1, 1, 2, 3]) { document = mutation.changed(document, &random) }
        return document
    }

    private func addTensors(
        _ document: JSONValue, _ tail: [JSONValue], to request: inout FuzzRequest, _ random: inout SeededGenerator
    ) {
        let json = LooseJSON.bytes(document)
        var bytes = WireForm.elements(tail)
        if random.below(2) == 0 { random.damage(&bytes) }
        let count = json.count
        let lies = [
            "0", "-1", "1", "\(count + 1)", "\(count - 1)", "\(count + bytes.count)", "\(count + bytes.count + 1)",
            "99999999999999999999", "1e3", " 5", "", "0x5",
        ]
        request.headers[.inferenceHeader] = random.below(3) > 0 ? "\(count)" : random.element(of: lies)
        request.headers[.contentType] = "application/octet-stream"
        request.body = json + bytes
    }

    private static let flags: [UInt8] = [1, 2, 255]
    private static let offsets: [UInt32] = [0, 1, .max, 1 << 24, 1 << 31]

    /// Messages of a call with their prefixes, some of which are wrong.
    private func frames(_ messages: [JSONValue], _ random: inout SeededGenerator) -> [UInt8] {
        var body: [UInt8] = []
        for message in messages {
            var bytes = WireForm.bytes(changed(message, &random))
            if random.below(3) == 0 { random.damage(&bytes) }
            var (flag, count) = (UInt8(0), UInt32(truncatingIfNeeded: bytes.count))
            switch random.below(24) {
            case 0: flag = random.element(of: Self.flags)
            case 1: count &+= random.element(of: Self.offsets)
            case 2: count = random.element(of: Self.offsets)
            case 3: HeadMutation.deflate(&bytes, &flag, &count)
            default: break
            }
            var frame = [flag]
            withUnsafeBytes(of: count.bigEndian) { frame += Array($0) }
            frame += bytes
            let repeats = random.below(20) == 0 ? random.element(of: [0, 2, 30]) : 1
            for _ in 0..<repeats { body += frame }
        }
        return body
    }

    private func damage(_ body: inout [UInt8], _ other: [UInt8], _ random: inout SeededGenerator) {
        if random.below(5) == 0 {
            body = Array(body.prefix(random.below(body.count + 1))) + other.dropFirst(random.below(other.count + 1))
            return
        }
        for _ in 0..<random.element(of: [1, 1, 2, 4]) { random.damage(&body) }
    }
}
