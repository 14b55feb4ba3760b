import PenstockPipelines

extension ServedModel {
    /// Refuses a request of which nothing is known yet, if even the smallest would be refused now: then nobody need read
    /// it.
    package func refuseAny(of client: Client) throws(ServingError) {
        client.notes?.note { $0.model = name }
        try counted { () throws(ServingError) in try refuse(TextSize(count: 1, bytes: 0), of: client) }
    }

    /// Counts a refusal.
    func counted<Value>(_ body: () throws(ServingError) -> Value) throws(ServingError) -> Value {
        do {
            return try body()
        } catch {
            metrics.countRejection(error)
            throw error
        }
    }

    /// Refuses a request whose texts cost too much at the very least, so that nobody tokenizes what nobody will
    /// compute.
    func refuse(_ texts: TextSize, of client: Client) throws(ServingError) {
        /// Hardly any text has longer tokens on average.
        let mostBytesPerToken = 64
        guard texts.count > 0 else { return }
        let length = min(loaded.maxInputTokens, max(1, texts.bytes / texts.count / mostBytesPerToken))
        let work = WorkSize(length: length) * Double(texts.count)
        try client.caller.check(tokens: Int(work.tokens))
        let refusal = scheduler.refusal(
            forAtLeast: work, sequences: texts.count, by: number, for: client)
        if let refusal { throw refusal }
    }
}
