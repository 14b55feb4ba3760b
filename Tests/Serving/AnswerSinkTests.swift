import PenstockServing
import Testing

/// The way of elements from those who compute to the task that waits.
@Suite struct AnswerSinkTests {
    /// A nudge ends one wait, in front of what is there; several before it are one.
    @Test func nudgesEndAWait() async throws {
        let sink = AnswerSink<Int>(capacity: 2)
        sink.offer(1)
        sink.nudge()
        sink.nudge()
        guard case .nudged = try await sink.wait() else { Issue.record("the nudge is lost"); return }
        guard case .element(1) = try await sink.wait() else { Issue.record("the element is lost"); return }
        sink.nudge()
        sink.finish()
        guard case .nudged = try await sink.wait() else { Issue.record("the nudge is lost"); return }
        guard case .ended = try await sink.wait() else { Issue.record("there is no end"); return }
    }

    /// Whoever waits already is woken, and whoever wants elements alone does not see it.
    @Test func nudgesWakeWhoeverWaits() async throws {
        let sink = AnswerSink<Int>(capacity: 2)
        let waiting = Task { try await sink.wait() }
        sink.nudge()
        guard case .nudged = try await waiting.value else { Issue.record("the nudge is lost"); return }
        let elements = Task { (try await sink.next(), try await sink.next()) }
        sink.nudge()
        sink.offer(7)
        sink.finish()
        let (element, end) = try await elements.value
        #expect(element == 7 && end == nil)
    }
}
