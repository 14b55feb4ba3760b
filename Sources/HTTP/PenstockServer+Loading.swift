import Logging
import PenstockServing
import ServiceLifecycle

/// The loading of models, and how it ends.
extension PenstockServer {
    /// Loads models as they are needed, until the task is cancelled. If none can be loaded of those that the server starts with,
    /// it goes down.
    func loadModels(_ services: ServiceGroup) async {
        await store.loadAsNeeded { event in
            report(event)
            tellIfReady()
            if store.readiness == .failed, !store.hasEverServed { await services.triggerGracefulShutdown() }
        }
    }

    /// Tells the service manager, now and then, that models are still being loaded, which may be downloads.
    func tellOfLoading() async {
        guard let manager = configuration.serviceManager else { return }
        while store.readiness == .loading, !Task.isCancelled {
            manager.tellLoading()
            try? await Task.sleep(for: ServiceManager.beat)
        }
        tellIfReady()
    }

    private func tellIfReady() {
        if store.readiness == .ready { configuration.serviceManager?.tellReady() }
    }

    private func report(_ event: ModelStore.Event) {
        switch event {
        case .loaded(let model, again: true): logger.debug("loaded again: \(model.name)")
        case .loaded(let model, again: false):
            for line in model.startReport { logger.info("\(line)", metadata: ["model": "\(model.name)"]) }
            for line in model.loaded.warnings + model.pipelines.flatMap(\.warnings) {
                logger.warning("\(line)", metadata: ["model": "\(model.name)"])
            }
            let task = model.pipelines.first?.task ?? ""
            logger.info("ready: \(task) with \(model.name) in \(model.loaded.dtype.rawValue)")
        case .postponed(let name):
            logger.info("\(name) finds no room in the memory, and is loaded when it is asked for")
        case .failed(_, is CancellationError): break
        case .failed(let name, let error):
            // The only one is the end of the server, which says why.
            guard store.all.count > 1 || store.hasEverServed else { return }
            logger.error("the model \(name) could not be loaded: \(error)")
        }
    }

    /// Follows the configuration file as it is now. If it cannot be read, all stays as it is.
    func readModelsAgain() {
        guard let readModels = configuration.readModels else { return }
        do {
            let changes = store.follow(try readModels())
            let words = [
                ("to be loaded", changes.ordered), ("with another weight or pin", changes.adjusted),
                ("served no longer", changes.removed),
            ].compactMap { $1.isEmpty ? nil : "\($0): \($1.joined(separator: ", "))" }
            let summary = words.isEmpty ? "no model has changed" : words.joined(separator: "; ")
            logger.info("SIGHUP: the configuration was read again; \(summary)")
        } catch {
            logger.error("SIGHUP: the models stay as they were: \(error)")
        }
    }
}
