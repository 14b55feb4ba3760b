import Glibc
import Testing
import penstock

/// The signals that end a process, also the first one of a container.
@Suite(.serialized) struct EndSignalTests {
    private static func isHandled(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        return action.__sigaction_handler.sa_handler != nil
    }

    @Test func theFirstProcessHandlesThem() {
        let numbers = [SIGTERM, SIGINT]
        let former = numbers.map { signal($0, SIG_DFL) }
        defer { for (number, handler) in zip(numbers, former) { signal(number, handler) } }
        EndSignals.heed(asProcess: 2)
        #expect(!Self.isHandled(SIGTERM) && !Self.isHandled(SIGINT))
        EndSignals.heed(asProcess: 1)
        #expect(Self.isHandled(SIGTERM) && Self.isHandled(SIGINT))
    }
}
