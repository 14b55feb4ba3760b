import Glibc
import PenstockCompute
import Synchronization

/// The keys of the terminal, byte by byte, from when they are pressed.
///
/// The terminal neither shows them nor makes signals of them, until the process ends.
final class TerminalKeys: Sendable {
    /// The bytes of keys, in pieces.
    let bytes: AsyncStream<[UInt8]>
    private let interrupt = Mutex<(@Sendable () -> Void)?>(nil)

    private static let controlC: UInt8 = 0x03
    /// The settings of the terminal as they were.
    private static let settings = Mutex<termios?>(nil)
    /// Pieces that wait; more keys are lost.
    private static let mostPieces = 1 << 16

    /// Takes the terminal.
    ///
    /// - Throws: `ResourceError` if there is no thread for it.
    init() throws {
        let (bytes, continuation) = AsyncStream.makeStream(
            of: [UInt8].self, bufferingPolicy: .bufferingOldest(Self.mostPieces))
        self.bytes = bytes
        Self.takeTerminal()
        try ComputeThread.start(name: "keys") { [self] in
            while let piece = try? DataInput.standardInput.piece(), !piece.isEmpty {
                var piece = piece
                if let interrupt = interrupt.withLock({ $0 }), piece.contains(Self.controlC) {
                    interrupt()
                    piece.removeAll { $0 == Self.controlC }
                }
                if !piece.isEmpty { continuation.yield(piece) }
            }
            continuation.finish()
        }
    }

    /// Has Ctrl-C call this instead of being a key like others; nil for no more.
    func onInterrupt(_ body: (@Sendable () -> Void)?) { interrupt.withLock { $0 = body } }

    private static func takeTerminal() {
        var current = termios()
        guard tcgetattr(STDIN_FILENO, &current) == 0 else { return }
        settings.withLock { $0 = current }
        atexit { TerminalKeys.giveBack() }
        current.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        current.c_iflag &= ~tcflag_t(ICRNL | IXON)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &current)
        // Pasted text is marked as such.
        try? StandardOutput.write(Array("\u{1B}[?2004h".utf8))
    }

    private static func giveBack() {
        settings.withLock { settings in
            guard var old = settings else { return }
            tcsetattr(STDIN_FILENO, TCSADRAIN, &old)
            settings = nil
            try? StandardOutput.write(Array("\u{1B}[?2004l".utf8))
        }
    }
}
