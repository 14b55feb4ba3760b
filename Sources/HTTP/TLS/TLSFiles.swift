import NIOCertificateReloading
import PenstockFiles

/// The files with which a server shows who it is, in PEM: its certificate with those that lead to a known one, and the
/// private key.
public struct TLSFiles: Sendable {
    /// Paths.
    public var certificate, key: String

    /// Files by their paths.
    public init(certificate: String, key: String) { (self.certificate, self.key) = (certificate, key) }

    private static let mostBytes = 1 << 20

    /// The bytes of one of them.
    static func bytes(at path: String) throws -> [UInt8] {
        try InputFile(path: path).contents(atMost: mostBytes).withBytes { Array($0) }
    }
}

/// An error that says why a server cannot speak TLS.
package struct TLSError: Error, CustomStringConvertible {
    package let description: String

    init(_ files: TLSFiles, _ cause: any Error) {
        description = "TLS by \(files.certificate) and \(files.key) is not possible: \(Self.reason(cause))"
    }

    /// The reason of a failure, as logs may tell it: parsers quote what they read, which may be a private key.
    static func reason(_ cause: any Error) -> String {
        switch cause {
        case let cause as FileError: "\(cause)"
        case let cause as TimedCertificateReloader.Error: "\(cause)"
        default: "one of the files is no PEM of its kind, or is not complete"
        }
    }
}
