/// Standard input by lines.
///
/// Reading blocks, which the threads of tasks must not; the main actor's does nothing else.
@MainActor final class StandardInput {
    private var lines = LineReader(.standardInput)

    /// The next lines, as many as there are, once there is one; none behind the last.
    func next() throws(CommandFailure) -> [[UInt8]] {
        do throws(SystemError) {
            return try lines.next()
        } catch {
            throw CommandFailure(message: "cannot read standard input: \(error)")
        }
    }
}
