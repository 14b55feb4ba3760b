import Logging
import NIOCertificateReloading
import NIOSSL
import ServiceLifecycle
import Synchronization

/// The configuration that a server needs for TLS. Its files are read again and again, so that a new certificate counts
/// from the next connection on; one that cannot be used is told in the log, and the one before it stays.
package struct ServerTLS: Service {
    package let context: NIOSSLContext
    private let reloader: TimedCertificateReloader

    /// The time between two readings.
    private static let interval = Duration.seconds(30)

    /// - Throws: ``TLSError`` if the files cannot be read, are no PEM, or do not belong together.
    package init(_ files: TLSFiles, logger: Logger) throws(TLSError) {
        do {
            let history = ReadingHistory()
            reloader = try TimedCertificateReloader.makeReloaderValidatingSources(
                configuration: .init(
                    refreshInterval: Self.interval,
                    certificateSource: .init(
                        location: .memory { try TLSFiles.bytes(at: files.certificate) }, format: .pem),
                    privateKeySource: .init(location: .memory { try TLSFiles.bytes(at: files.key) }, format: .pem)
                ) { configuration in
                    configuration.onCertificateLoaded = { difference in
                        history.noteSuccess()
                        guard let previous = difference.previousCertificateChain,
                            previous != difference.currentCertificateChain
                        else { return }
                        logger.info("the TLS certificate was read again, and is another one")
                    }
                    configuration.onCertificateLoadFailed = { failure in
                        let reason = TLSError.reason(failure.error)
                        guard history.isNewFailure(reason) else { return }
                        logger.error("the TLS certificate stays as it was: \(reason)")
                    }
                })
            var configuration = try TLSConfiguration.makeServerConfiguration(certificateReloader: reloader)
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = HTTPConnection.applicationProtocols
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSError(files, error)
        }
    }

    /// Reads the files again and again, until the server goes down.
    package func run() async throws { try await reloader.run() }

    /// Reads the files again. What goes wrong is told in the log.
    package func reload() { try? reloader.reload() }
}

/// Tells failures that are new from those that were told, and from that of the first reading, which is the server's end.
private final class ReadingHistory: Sendable {
    private let last = Mutex<(hasSucceeded: Bool, failure: String?)>((false, nil))

    func isNewFailure(_ failure: String) -> Bool {
        last.withLock { last in
            defer { last.failure = failure }
            return last.hasSucceeded && last.failure != failure
        }
    }

    func noteSuccess() { last.withLock { $0 = (true, nil) } }
}
