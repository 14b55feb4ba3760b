import PenstockPipelines

/// Models for requests.
extension ModelStore {
    /// A model that is there, if requests may go to it. Has none loaded.
    ///
    /// - Parameter name: nil for the first
    /// - Throws: ``ServingError`` when there is none of this name, it is not there yet, or no longer, or not for the caller.
    package func model(_ name: String?, for caller: Caller) throws(ServingError) -> ServedModel {
        let (found, isDraining, state) = contents.withLock { contents in
            let name = name ?? contents.roster.names.first
            return (name, contents.isDraining, name.flatMap(contents.status)?.state)
        }
        guard !isDraining else { throw .shuttingDown }
        guard let found else { throw .modelNotFound }
        try caller.check(found)
        switch state {
        case .ready(let model): return model
        case .loading, .waiting, .unloaded: throw .modelLoading(expectedWait(for: found))
        case .failed: throw .loadFailed
        case nil: throw .modelNotFound
        }
    }

    /// The status of a model that is there, or is loaded when somebody asks for it. Has none loaded.
    ///
    /// - Parameter name: nil for the first
    /// - Throws: as ``model(_:for:)``, but not for one that is only not loaded
    package func presence(of name: String?, for caller: Caller) throws(ServingError) -> ModelStatus {
        let status = status(of: name)
        if let status, case .unloaded = status.state, !isDraining {
            try caller.check(status.name)
            return status
        }
        let model = try model(name, for: caller)
        guard let now = self.status(of: model.name) else { throw .modelNotFound }
        return now
    }

    /// A model for a request, which has it as long as it holds it. One that is not there is loaded.
    ///
    /// - Parameters:
    ///   - name: nil for the first
    ///   - deadline: how long to wait for it at most, beside the store's own limit
    /// - Throws: ``ServingError`` when there is none of this name, it is not there in time, or not for the caller.
    package func model(
        _ name: String?, for caller: Caller, until deadline: ContinuousClock.Instant
    ) async throws -> ServedModel {
        guard let name = name ?? firstName else { throw ServingError.modelNotFound }
        guard !isDraining else { throw ServingError.shuttingDown }
        try caller.check(name)
        let now = ContinuousClock.now
        // Who waits holds nothing of a model that leaves: the one that comes may need its memory.
        let (found, number) = try contents.withLock { contents throws(ServingError) -> (ServedModel?, Int?) in
            let needsFiles = contents.entries[name]?.next?.fetch != nil
            switch contents.roster.admit(name, needsFiles: needsFiles, at: now) {
            case .use(let stay):
                guard let model = contents.entries[name]?.loaded?.model else {
                    preconditionFailure("a model is there that the store does not have")
                }
                return (used(model, stay), nil)
            case .failed: throw ServingError.loadFailed
            case .unknown: throw ServingError.modelNotFound
            case .wait:
                let waits = loadTimeout > .zero && !contents.isDraining
                return (nil, waits ? contents.waiters.expect(for: name) : nil)
            }
        }
        if let found { return found }
        work.ring()
        guard let number else { throw ServingError.modelLoading(expectedWait(for: name)) }
        return try await arrival(of: name, awaitedBy: number, until: min(deadline, now + loadTimeout))
    }

    /// Waits for a model that is being loaded.
    private func arrival(
        of name: String, awaitedBy number: Int, until instant: ContinuousClock.Instant
    ) async throws -> ServedModel {
        do {
            return try await withDeadline(instant) { [self] in try await wait(number) }
        } catch let error as ServingError where error.code == .deadlineExceeded {
            throw ServingError.modelLoading(expectedWait(for: name))
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as ServingError {
            throw error
        } catch {
            throw ServingError.loadFailed
        }
    }

    /// Waits for the answer to one who has announced itself.
    ///
    /// - Throws: why the model cannot be loaded; `CancellationError` when the task is cancelled meanwhile.
    func wait(_ number: Int) async throws -> ServedModel {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer = contents.withLock { $0.waiters.wait(number, continuation) }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let place = contents.withLock { $0.waiters.remove(number) }
            if case .waiting(_, let continuation) = place { continuation.resume(throwing: CancellationError()) }
        }
    }

    /// A model as a request has it whose use the roster knows of.
    func used(_ model: ServedModel, _ stay: Int) -> ServedModel {
        ServedModel(model, for: ModelUse { [self, name = model.name] in release(name, of: stay) })
    }

    private func release(_ name: String, of stay: Int) {
        let (model, series, isInUse) = contents.withLock { contents in
            let isGone = contents.roster.release(name, of: stay, at: .now)
            return (
                isGone ? contents.takeOut(name) : nil, contents.entries[name]?.series, contents.roster.isInUse(name)
            )
        }
        if model != nil { Self.countUnload(of: series, "evicted") }
        if !isInUse { room.ring() }
    }
}

extension ServingError {
    static let modelNotFound = ServingError(
        .modelNotFound, "there is no model of this name; GET /models lists those there are")

    fileprivate static let loadFailed = ServingError(
        .notReady, "the model could not be loaded; the server's log says why")
}
