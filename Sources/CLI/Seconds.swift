import ArgumentParser

/// A number of seconds on the command line, of at least 0.
struct Seconds: ExpressibleByArgument, CustomStringConvertible {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let seconds = Double(argument), seconds >= 0, seconds <= 1e6 else { return nil }
        duration = .seconds(seconds)
    }

    var description: String { "\(duration / .seconds(1))" }
    var defaultValueDescription: String { description }
}
