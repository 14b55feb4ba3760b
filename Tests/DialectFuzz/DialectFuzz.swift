import PenstockTestSupport

/// Sends requests of all dialects that are damaged, changed, or said to be what they are not. An answer tells what is
/// asked for or what is wrong with it, in its own form, and is no failure of the server.
///
/// A word among the arguments is the dialect, by its name in `Tests/Fixtures/dialects.json`; without one it is any.
@main
struct DialectFuzz {
    static func main() throws {
        let fuzzer = try DialectFuzzer(dialect: FuzzLoop.words.first)
        try FuzzLoop.mainOfWaiting("dialect-fuzz", growth: 1024) { try await fuzzer.run($0) }
    }
}

/// Makes requests, sends them to a server without a socket, and looks at the answers.
private struct DialectFuzzer: Sendable {
    private let corpus: DialectCorpus
    private let requests: RequestMaker
    private let server: FuzzedServer

    init(dialect: String?) throws {
        corpus = try DialectCorpus(dialect: dialect)
        requests = RequestMaker(corpus)
        server = try FuzzedServer(corpus)
    }

    /// Runs one iteration. Returns a word for what came of it.
    func run(_ generator: SeededGenerator) async throws -> String {
        var random = generator
        let sample = random.element(of: corpus.samples)
        let request = requests.request(of: sample, &random)
        let reply = try await server.send(request)
        do {
            return "\(sample.dialect): \(try AnswerCheck.outcome(reply, of: request))"
        } catch {
            throw AnswerFault("\(error), as the answer to \(request)")
        }
    }
}

extension SeededGenerator {
    /// A number from 0 on.
    mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

    /// An element of a list that has some.
    mutating func element<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
