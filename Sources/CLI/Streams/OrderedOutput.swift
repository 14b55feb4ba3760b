import PenstockServing
import Synchronization

/// Standard output in the order of the lines of input, whenever their answers come.
///
/// The first answer is written at once. Who writes later ones lets others come before, so that all that is ready is
/// written at one time.
final class OrderedOutput: Sendable {
    /// A line's place in the order.
    struct Place: Sendable {
        fileprivate let number: Int
        fileprivate let room: LineWindow.Room
    }

    private let state = Mutex(State())

    var isFreeOfErrors: Bool { state.withLock(\.isFreeOfErrors) }

    /// Waits until there is room for a line of so many bytes. To be asked for one line at a time.
    func place(forLine bytes: Int) async -> Place {
        await withCheckedContinuation { continuation in
            let place = state.withLock { state in
                let place = state.place(forLine: bytes)
                if place == nil { state.waiting = (bytes, continuation) }
                return place
            }
            if let place { continuation.resume(returning: place) }
        }
    }

    /// Writes the answer to a line as soon as those to all earlier ones are written.
    func write(_ answer: Result<[UInt8], ErrorBody>, at place: Place) async throws(CommandFailure) {
        guard state.withLock({ $0.accept(answer, at: place) }) else { return }
        while true {
            if place.number > 0 { await Task.yield() }
            let (text, next) = state.withLock { $0.takeReady() }
            if let next { next.continuation.resume(returning: next.place) }
            guard let text else { return }
            try StandardOutput.write(text)
        }
    }
}

extension OrderedOutput {
    fileprivate struct State {
        typealias Waiting = CheckedContinuation<Place, Never>

        /// The one task that waits for room for a line of so many bytes.
        var waiting: (bytes: Int, continuation: Waiting)?
        private(set) var isFreeOfErrors = true
        private var window = LineWindow()
        private var places = 0
        /// Answers that came before those to earlier lines.
        private var early: [Int: (text: [UInt8], room: LineWindow.Room)] = [:]
        /// The line whose answer is the next.
        private var next = 0
        private var ready: [UInt8] = []
        private var readyRooms: [LineWindow.Room] = []
        /// The room of what is being written.
        private var writtenRooms: [LineWindow.Room] = []
        private var isWriting = false

        mutating func place(forLine bytes: Int) -> Place? {
            guard let room = window.enter(bytes) else { return nil }
            defer { places += 1 }
            return Place(number: places, room: room)
        }

        /// Takes an answer in. Returns whether something is ready and nobody else is writing.
        mutating func accept(_ answer: Result<[UInt8], ErrorBody>, at place: Place) -> Bool {
            let text: [UInt8]
            switch answer {
            case .success(let json): text = json
            case .failure(let error):
                text = error.json
                isFreeOfErrors = false
            }
            var room = place.room
            window.answer(&room, bytes: text.count)
            early[place.number] = (text, room)
            while let (text, room) = early.removeValue(forKey: next) {
                ready += text
                ready.append(UInt8(ascii: "\n"))
                readyRooms.append(room)
                next += 1
            }
            guard !ready.isEmpty, !isWriting else { return false }
            isWriting = true
            return true
        }

        /// Gives back the room of what is written and hands out what is ready now, if there is any, and the place that
        /// somebody waits for, if there is one.
        mutating func takeReady() -> (text: [UInt8]?, next: (place: Place, continuation: Waiting)?) {
            for room in writtenRooms { window.leave(room) }
            (writtenRooms, readyRooms) = (readyRooms, [])
            let text = ready
            ready = []
            isWriting = !text.isEmpty
            var next: (Place, Waiting)?
            if let (bytes, continuation) = waiting, let place = place(forLine: bytes) {
                waiting = nil
                next = (place, continuation)
            }
            return (isWriting ? text : nil, next)
        }
    }
}
