import PenstockCompute
import PenstockPipelines

/// Loading, one after the other, but for those that wait for room.
extension ModelStore {
    /// The outcome of a load.
    package enum Event: Sendable {
        /// It is there; `again` if it was there before.
        case loaded(ServedModel, again: Bool)
        /// There was no room for it at the start.
        case postponed(String)
        case failed(String, any Error)
    }

    /// Loads models as they are announced and asked for, until the task is cancelled.
    ///
    /// - Parameter report: is told what became of each
    package func loadAsNeeded(report: @escaping @Sendable (Event) async -> Void) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let rings = work.rings
                while let step = contents.withLock({ $0.isDraining ? nil : $0.roster.next(at: .now) }) {
                    group.addTask { [self] in
                        if let event = await perform(step) { await report(event) }
                        work.ring()
                    }
                }
                await work.wait(beyond: rings)
            }
        }
    }

    private func perform(_ step: ModelRoster.Step) async -> Event? {
        switch step {
        case .fetch(let name, let order):
            do {
                try await fetch(name, order)
                return nil
            } catch {
                return fail(name, order, error, isFinal: false) ? .failed(name, error) : nil
            }
        case .load(let name, let order):
            let again = contents.withLock { $0.entries[name]?.hasServed ?? false }
            do {
                return try await load(name, order).map { .loaded($0, again: again) } ?? .postponed(name)
            } catch {
                return fail(name, order, error) ? .failed(name, error) : nil
            }
        }
    }

    /// Loads a model, once those asked for before are loaded. One of the same name serves until then; requests that
    /// have it are still answered.
    ///
    /// - Throws: why it cannot be loaded, which the state tells, too, unless another one of this name serves on;
    ///   `CancellationError` when the task is cancelled meanwhile.
    package func load(_ source: ModelSource) async throws -> ServedModel {
        let order = contents.withLock { contents in
            let order = contents.accept(source, makesRoom: true, in: metrics)
            contents.roster.begin(source.name, order: order, at: .now)
            return order
        }
        room.ring()
        do {
            if source.fetch != nil { try await fetch(source.name, order) }
            guard let model = try await load(source.name, order) else { throw CancellationError() }
            return model
        } catch {
            _ = fail(source.name, order, error)
            throw error
        }
    }

    /// As ``load(_:)``, by any means. `load` is called on a thread of its own.
    package func load(
        named name: String, _ load: @Sendable @escaping () throws -> ServedModel
    ) async throws -> ServedModel {
        try await self.load(
            ModelSource(name: name) { _, _, _ in
                PlannedLoad(tasks: [], residentBytes: 0, wantedBytes: 0, leastBytes: 0) { _ in try load() }
            })
    }

    // MARK: Steps

    /// Finds the files of a model.
    private func fetch(_ name: String, _ order: Int) async throws {
        guard let fetch = contents.withLock({ $0.entries[name]?.next?.fetch }) else { return }
        let folders = try await fetch()
        contents.withLock { contents in
            contents.found(folders, of: name, order: order)
            contents.roster.fetched(name, order: order)
        }
    }

    /// Loads a model whose files are there. Returns nil if there is no room for it for now.
    private func load(_ name: String, _ order: Int) async throws -> ServedModel? {
        var pass: Turnstile.Pass? = try await turnstile.enter()
        // The next one comes in when the threads are over, too, if this task is cancelled before.
        defer { withExtendedLifetime(pass) {} }
        guard let source = contents.withLock({ $0.entries[name]?.next }) else { throw CancellationError() }
        let start = ContinuousClock.now
        let plan = try await Loading.run { [scheduler, metrics, pass] in
            defer { withExtendedLifetime(pass) {} }
            return try source.planned(on: scheduler, metrics: metrics)
        }
        contents.withLock { $0.entries[name]?.tasks = plan.tasks }
        guard try await makeRoom(for: name, order, plan, holding: &pass) else {
            contents.withLock { contents in
                if contents.roster.postpone(name, order: order) { contents.starting.remove(name) }
            }
            room.ring()
            return nil
        }
        let model = try await Loading.run { [self, pass] in
            defer { withExtendedLifetime(pass) {} }
            return try plan.finish { [weak self] in self?.departed(order) }
        }
        guard install(model, order, bytes: plan.residentBytes, loadTime: start.duration(to: .now)) else {
            throw CancellationError()
        }
        return model
    }

    /// Waits until there is room for a model, and lets others be loaded meanwhile. Returns false if it is to be loaded only
    /// when somebody asks for it.
    ///
    /// - Throws: ``WorkspaceError`` if there will never be; `CancellationError` when it is not wanted any more, or the task is
    ///   cancelled.
    private func makeRoom(
        for name: String, _ order: Int, _ plan: PlannedLoad, holding pass: inout Turnstile.Pass?
    ) async throws -> Bool {
        guard let budget = scheduler.ledger.budget else { return true }
        while true {
            let rings = room.rings
            let (decision, gone) = contents.withLock { contents in
                // Read under the lock: what has come back and was not told yet counts twice rather than not at all.
                let needed = RoomNeeded(
                    bytes: plan.wantedBytes, leastBytes: plan.leastBytes,
                    free: budget - scheduler.ledger.bytesReserved, shared: scheduler.reservedArenaBytes)
                let decision = contents.roster.room(for: name, order: order, needed, at: .now)
                guard case .letGo(let names) = decision else { return (decision, [StoreContents.Gone]()) }
                return (decision, names.map { ($0, contents.takeOut($0), contents.entries[$0]?.series) })
            }
            for (_, _, series) in gone { Self.countUnload(of: series, "evicted") }
            switch decision {
            case .granted: return true
            case .later: return false
            case .letGo: continue
            case .withdrawn: throw CancellationError()
            case .wait(let instant):
                pass = nil
                work.ring()
                try await room.wait(beyond: rings, until: instant)
                pass = try await turnstile.enter()
            case .never: throw WorkspaceError(tooLargeFor: budget, name, leastBytes: plan.leastBytes)
            }
        }
    }

    /// Takes note that the memory of a model is free.
    private func departed(_ stay: Int) {
        contents.withLock { $0.roster.departed(stay) }
        room.ring()
    }

    /// Gives a model to requests, those first that wait for it. Returns whether it is still wanted.
    private func install(_ model: ServedModel, _ order: Int, bytes: Int, loadTime: Duration) -> Bool {
        let (installed, series, resumptions) = contents.withLock { contents in
            let installed = contents.install(model, order: order, bytes: bytes, at: .now)
            let resumptions =
                installed.isWanted ? contents.waiters.answer(model.name) { .success(used(model, order)) } : []
            return (installed, contents.entries[model.name]?.series, resumptions)
        }
        for resumption in resumptions { resumption.perform() }
        // Those that wait for room waited for it, or may have it leave again.
        room.ring()
        guard installed.isWanted else { return false }
        if installed.former != nil { Self.countUnload(of: series, "replaced") }
        count("ok", of: series)
        series?.timer("penstock_model_load_seconds").record(duration: loadTime)
        return true
    }

    /// Takes note that a model could not be loaded, and tells those who wait for it. Returns whether it was still
    /// wanted.
    private func fail(_ name: String, _ order: Int, _ error: any Error, isFinal: Bool? = nil) -> Bool {
        let isFinal = isFinal ?? !(error is WorkspaceError || error is ResourceError || error is CancellationError)
        let (isWanted, series, resumptions) = contents.withLock { contents in
            let isWanted = contents.fail(name, order: order, error, isFinal: isFinal, at: .now)
            return (
                isWanted, contents.entries[name]?.series,
                isWanted ? contents.waiters.answer(name) { .failure(error) } : []
            )
        }
        for resumption in resumptions { resumption.perform() }
        // The memory that it claimed is for others.
        room.ring()
        if isWanted { count("failed", of: series) }
        return isWanted
    }

    private func count(_ outcome: String, of series: ModelSeries?) {
        series?.counter("penstock_model_loads_total", [("outcome", outcome)]).increment()
    }
}

extension StoreContents {
    /// A model that was let go, which is to be freed outside of the lock.
    typealias Gone = (name: String, model: ServedModel?, series: ModelSeries?)

    /// Takes note where the files of the model are that is loaded next.
    mutating func found(_ folders: ModelFolders, of name: String, order: Int) {
        guard roster.isOrdered(name, order) else { return }
        if entries[name]?.successor != nil {
            entries[name]?.successor?.found(folders)
        } else {
            entries[name]?.source?.found(folders)
        }
    }
}

extension WorkspaceError {
    /// A model that has no place even if all others leave that may.
    fileprivate init(tooLargeFor budget: Int, _ name: String, leastBytes: Int) {
        self.init(
            message: "the model \(name) needs \(Size.mebibytes(leastBytes, .up)), which the memory budget of "
                + "\(Size.mebibytes(budget, .down)) does not have beside the models that stay; raise the budget, "
                + "or pin fewer models")
    }
}
