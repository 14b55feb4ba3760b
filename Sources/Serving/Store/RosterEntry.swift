extension ModelRoster {
    /// A model in a roster.
    struct Entry: Sendable {
        /// True if it never makes room for others.
        var isPinned: Bool
        /// Its time in the memory; nil if it is not there.
        var stay: Stay?
        /// That it is to be loaded; nil if nobody asked for it.
        var order: Order?
        /// The failure because of which requests are turned away; nil if nothing has failed.
        var failure: Failure?
        /// The time that its last load took.
        var loadTime: Duration?
    }

    /// The time of a model in the memory.
    struct Stay: Sendable {
        /// The number of the order that it came by.
        let number: Int
        /// The bytes that are free when it has gone.
        let bytes: Int
        /// The instant at which it came.
        let since: Instant
        /// The instant at which the last request came or went.
        var lastUse: Instant
        /// Requests that have it.
        var users: Int
        /// True if it takes no more requests and goes with the last that it has.
        var isLeaving = false

        var isIdle: Bool { users == 0 && !isLeaving }
    }

    /// That a model is to be loaded.
    struct Order: Sendable {
        enum Stage: Sendable, Equatable {
            /// Its files have to be found or downloaded.
            case needsFiles
            case fetching
            /// Its turn will come.
            case waiting
            case loading(since: Instant)
            /// It is known what it needs of the memory, which is not there. Others are loaded meanwhile.
            case needsRoom(Claim)
        }

        /// Counts all orders: the least is the oldest.
        let number: Int
        var stage: Stage
        /// True if other models make room for it. Those that a server starts with do not.
        var makesRoom: Bool
    }

    /// The memory that is kept for a model that waits for room.
    struct Claim: Sendable, Equatable {
        /// The bytes that it needs.
        var bytes: Int
        /// The bytes that those may still take who come behind it. They were free when it began to wait: what is freed
        /// later is not for them until it has what it needs.
        var spare: Int
    }

    /// That a model could not be loaded.
    struct Failure: Sendable {
        let instant: Instant
        /// True if another try would fail as well.
        let isFinal: Bool
    }
}
