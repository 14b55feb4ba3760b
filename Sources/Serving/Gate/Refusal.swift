extension Gate {
    /// An error that says why a request is turned away.
    package struct Refusal: Error, Sendable, Equatable {
        package enum Reason: Sendable, Equatable {
            /// Its deadline is over already.
            case expired
            /// It would not be done by its deadline.
            case deadline
            /// Alone, on an engine that is as fast as it ever was, it would not be done in the time that it has.
            case neverInTime
            /// Too much waits already.
            case queueFull
            /// It has more tokens than may ever wait.
            case tooLarge
            /// The model is not there any more.
            case unloaded
        }

        package let reason: Reason
        /// After this time it would have been let in, if nothing else comes.
        package let retryAfter: Duration

        static var unloaded: Refusal { Refusal(reason: .unloaded, retryAfter: .zero) }
    }
}
