import Foundation
import Logging
import Testing
import penstock

@Suite struct LogTests {
    /// A pipe that nobody reads until the test does.
    private struct UnreadPipe {
        private let pipe = Pipe()

        /// A queue before the pipe that calls what it dropped `dropped N`.
        func queue(maxLines: Int, maxBytes: Int) -> LogQueue {
            LogQueue(
                descriptor: pipe.fileHandleForWriting.fileDescriptor, maxLines: maxLines, maxBytes: maxBytes
            ) { Array("dropped \($0)\n".utf8) }
        }

        /// Reads until all of so many lines have come or were dropped. Returns the numbers of those that have come.
        func numbers(of count: Int) -> [Int] {
            var (numbers, dropped): ([Int], Int) = ([], 0)
            var rest: [UInt8] = []
            while numbers.count + dropped < count {
                let more = pipe.fileHandleForReading.availableData
                guard !more.isEmpty else { break }
                let lines = (rest + more).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                for line in lines.dropLast() {
                    let words = String(decoding: line, as: UTF8.self).split(separator: " ")
                    if words.first == "dropped" {
                        dropped += words.last.flatMap { Int($0) } ?? 0
                    } else {
                        numbers.append(words.first.flatMap { Int($0) } ?? -1)
                    }
                }
                rest = Array(lines.last ?? [])
            }
            return numbers
        }
    }

    /// Lines of 100 bytes that start with their numbers.
    private func add(_ count: Int, to queue: LogQueue) {
        for number in 0..<count {
            let head = "\(number) "
            queue.add(Array("\(head)\(String(repeating: "x", count: 99 - head.count))\n".utf8))
        }
    }

    @Test(arguments: [(500, 1 << 30), (1 << 30, 50_000)])
    func aLogThatNobodyReadsDropsAndCounts(maxLines: Int, maxBytes: Int) {
        let pipe = UnreadPipe()
        let queue = pipe.queue(maxLines: maxLines, maxBytes: maxBytes)
        // Returns, whatever the pipe does.
        add(10_000, to: queue)
        let numbers = pipe.numbers(of: 10_000)
        #expect(numbers.count >= 500)
        // What the pipe holds, and what the queue holds before and while it waits.
        #expect(numbers.count <= (1 << 16) / 100 + 2 * 500)
        let isInOrder = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
        #expect(isInOrder)
        add(1, to: queue)
        #expect(pipe.numbers(of: 1) == [0])
    }

    /// What could not be written counts as dropped, and who logs hears nothing of it.
    @Test func aDescriptorThatFailsStopsNobody() throws {
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let queue = LogQueue(descriptor: full.fileDescriptor) { _ in [] }
        for _ in 0..<100 { queue.add(Array("lost\n".utf8)) }
        queue.flush(within: .seconds(3600))
    }

    @Test func aLineShowsWhatItIs() {
        let line = String(
            decoding: LogLine(label: "penstock", level: .info).bytes("a b", metadata: ["z": "1", "id": "x"]),
            as: UTF8.self)
        #expect(line.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info penstock: a b id=x z=1\n/) != nil)
    }

    @Test(arguments: ["a\nb", "a\r\nb", "a\u{2028}b", "a\u{85}b", "\u{1B}[2J", "\u{202E}", "\u{0}"])
    func noTextForgesALine(text: String) {
        for bytes in [
            LogLine(label: "l", level: .info).bytes(text),
            LogLine(label: "l", level: .info).bytes("m", metadata: ["id": "\(text)"]),
        ] {
            let line = String(decoding: bytes, as: UTF8.self)
            #expect(line.hasSuffix("\n"))
            #expect(line.dropLast().unicodeScalars.allSatisfy { !["Cc", "Cf", "Zl", "Zp"].contains($0.category) })
        }
    }

    @Test(arguments: ["x", "\n", "ä", "😀"]) func aLongLineIsCut(scalar: String) {
        let bytes = LogLine(label: "l", level: .info).bytes(String(repeating: scalar, count: 100_000))
        #expect((4080...4096).contains(bytes.count))
        #expect(String(validating: bytes, as: UTF8.self)?.hasSuffix("…\n") == true)
    }
}

extension Unicode.Scalar {
    fileprivate var category: String {
        switch properties.generalCategory {
        case .control: "Cc"
        case .format: "Cf"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        default: ""
        }
    }
}
