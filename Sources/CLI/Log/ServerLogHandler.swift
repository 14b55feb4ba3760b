import Logging

/// The log of a server: what Penstock says, and of the libraries under it what should worry somebody.
struct ServerLogHandler: LogHandler {
    let label: String
    let queue: LogQueue
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, queue: LogQueue) {
        self.label = label
        self.queue = queue
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.level >= .warning || event.source.hasPrefix("Penstock") else { return }
        var all = metadata
        for more in [metadataProvider?.get(), event.metadata] {
            all.merge(more ?? [:]) { _, newer in newer }
        }
        if let error = event.error { all["error"] = "\(error)" }
        queue.add(LogLine(label: label, level: event.level).bytes(event.message.description, metadata: all))
    }
}
