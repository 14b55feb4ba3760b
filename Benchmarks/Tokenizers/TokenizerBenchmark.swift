import Foundation
import PenstockTokenizers

/// `tokenizer-benchmark MODEL TEXTS`: encodes every line of TEXTS once for each line of standard input, on one thread, and
/// answers with the nanoseconds that it took and the number of tokens; at first with those of loading and the number of texts.
/// Started by tokenizer_speed.py.
@main
struct TokenizerBenchmark {
    static func main() {
        do {
            try run(CommandLine.arguments)
        } catch {
            FileHandle.standardError.write(Data("tokenizer-benchmark: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws {
        guard arguments.count == 3 else { throw CocoaError(.fileNoSuchFile) }
        let clock = ContinuousClock()
        let start = clock.now
        let tokenizer = try Tokenizer(directory: arguments[1])
        let loading = start.duration(to: clock.now)
        let texts = try String(contentsOfFile: arguments[2], encoding: .utf8).split(separator: "\n").map(String.init)
        answer(loading, texts.count)
        while readLine() != nil {
            var tokens = 0
            let start = clock.now
            for text in texts { tokens += try tokenizer.encode(text).count }
            answer(start.duration(to: clock.now), tokens)
        }
    }

    private static func answer(_ duration: Duration, _ count: Int) {
        FileHandle.standardOutput.write(Data("\(Int(duration / .nanoseconds(1))) \(count)\n".utf8))
    }
}
