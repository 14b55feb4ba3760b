/// Limits the lines that are on their way at a time: as many as make good batches, and no more than fit into memory.
///
/// A line takes room from its start until its answer is written. An answer may be thousands of times as long as its
/// line, so until it is there, the line takes as much as an answer of the largest ratio seen. One line may always come.
package struct LineWindow {
    /// The room of one line, which is given back when its answer is written.
    package struct Room: Sendable {
        fileprivate let line: Int
        fileprivate var bytes: Int
    }

    private let maxLines: Int
    private let maxBytes: Int
    private var lines = 0
    private var bytes = 0
    /// Bytes of answer per byte of line: a guess on the safe side until the first answer is there.
    private var ratio = 1024.0
    private var hasAnswers = false

    /// The bytes that a line takes beside its own.
    private static let overhead = 64

    package init(maxLines: Int = 64, maxBytes: Int = 64 << 20) { (self.maxLines, self.maxBytes) = (maxLines, maxBytes) }

    /// Takes room for a line of so many bytes, if there is any.
    package mutating func enter(_ line: Int) -> Room? {
        let size = line + Self.overhead
        let expected = Int(min(Double(size) * max(1, ratio), Double(maxBytes)))
        guard lines == 0 || lines < maxLines && bytes + expected <= maxBytes else { return nil }
        lines += 1
        bytes += expected
        return Room(line: size, bytes: expected)
    }

    /// Takes note that the answer to a line is there, and how long it is.
    package mutating func answer(_ room: inout Room, bytes answer: Int) {
        let found = Double(answer) / Double(room.line)
        ratio = hasAnswers ? max(ratio, found) : found
        hasAnswers = true
        bytes += answer - room.bytes
        room.bytes = answer
    }

    /// Gives the room of a line back.
    package mutating func leave(_ room: Room) {
        lines -= 1
        bytes -= room.bytes
    }
}
