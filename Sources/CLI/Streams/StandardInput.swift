/// Standard input by lines.
///
/// Reading blocks, which the threads of tasks must not; the main actor's does nothing else.
struct StandardInput: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    func makeAsyncIterator() -> Iterator { Iterator() }

    struct Iterator: AsyncIteratorProtocol {
        /// Lines that were read together with the last, the next at the end.
        private var lines: [[UInt8]] = []

        mutating func next() async throws -> [UInt8]? {
            if lines.isEmpty { lines = try await Self.read().reversed() }
            return lines.popLast()
        }

        @MainActor private static var reader = LineReader(.standardInput)

        @MainActor private static func read() throws(CommandFailure) -> [[UInt8]] {
            do throws(SystemError) {
                return try reader.next()
            } catch {
                throw CommandFailure(message: "cannot read standard input: \(error)")
            }
        }
    }
}
