/// The records of a file.
///
/// Reading blocks, which the threads of tasks must not; the main actor's does nothing else.
struct RecordSource: AsyncSequence, Sendable {
    typealias Element = DataRecord

    private let reader: Reader

    /// - Parameter skip: records that are read and left out
    @MainActor init(_ file: DataInput, _ splitter: any RecordSplitter, skip: Int = 0) {
        reader = Reader(file, splitter, skip: skip)
    }

    func makeAsyncIterator() -> Iterator { Iterator(reader: reader) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let reader: Reader
        /// Records that were read together with the last, the next at the end.
        private var records: [DataRecord] = []

        fileprivate init(reader: Reader) { self.reader = reader }

        mutating func next() async throws -> DataRecord? {
            if records.isEmpty { records = try await reader.next().reversed() }
            return records.popLast()
        }
    }

    @MainActor fileprivate final class Reader {
        private let file: DataInput
        private var splitter: any RecordSplitter
        private var skip: Int
        /// The number of records so far.
        private var count = 0
        private var isAtEnd = false

        init(_ file: DataInput, _ splitter: any RecordSplitter, skip: Int) {
            (self.file, self.splitter, self.skip) = (file, splitter, skip)
        }

        /// The next records, as many as there are, once there is one; none behind the last.
        func next() throws(CommandFailure) -> [DataRecord] {
            while !isAtEnd {
                let piece = try file.piece()
                isAtEnd = piece.isEmpty
                var records: [DataRecord]
                do throws(DataError) {
                    records = try isAtEnd ? splitter.finish() : splitter.take(piece)
                } catch {
                    isAtEnd = true
                    throw CommandFailure(message: "cannot read \(file.name): \(error)")
                }
                count += records.count
                let skipped = Swift.min(skip, records.count)
                skip -= skipped
                records.removeFirst(skipped)
                if !records.isEmpty { return records }
                guard !isAtEnd || skip == 0 else {
                    throw CommandFailure(
                        message: "\(file.name) has \(count) inputs, fewer than --skip leaves out")
                }
            }
            return []
        }
    }
}
