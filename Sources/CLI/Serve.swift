import ArgumentParser
import Foundation
import Logging
import NIOCore
import PenstockHTTP

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve a model over HTTP.")

    @OptionGroup var options: ModelOptions

    @Option(help: "The address to listen on; 0.0.0.0 for all.")
    var host = ServerConfiguration().host

    @Option(help: "The port to listen on; 0 for any that is free.")
    var port = ServerConfiguration().port

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port has to be from 0 to 65535.") }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let logger = Logger(label: "penstock")
        let start = ContinuousClock.now
        let worker = try options.worker()
        logger.info("loaded \(options.model) in \(ContinuousClock.now - start)")
        do {
            try await PenstockServer(worker, ServerConfiguration(host: host, port: port), logger: logger).run()
        } catch let error as IOError {
            throw CommandFailure(message: "cannot listen on \(host):\(port): \(FailureMessage.line(for: error))")
        }
    }
}
