import Foundation
import PenstockTestSupport

/// A `penstock serve` of its own, on a port of its own.
final class ServerProcess {
    let port: Int
    /// The port of the address for gRPC; nil if there is none.
    let callPort: Int?
    private let model: String
    private let process = Process()
    private let errors = Pipe()

    enum Failure: Error {
        case didNotStart(String)
    }

    /// Starts a server and waits until it listens, and if so wished until it is ready.
    ///
    /// - Parameters:
    ///   - checkpoint: nil if something else names the models
    ///   - limit: what `ulimit` is told before, such as `-n 256`; nil for the limits of this process
    ///   - environment: variables beside those of this process
    init(
        _ checkpoint: String?, _ arguments: [String] = [], untilReady: Bool = true, limit: String? = nil,
        environment: [String: String] = [:]
    ) throws {
        model = checkpoint.map { URL(filePath: $0).lastPathComponent } ?? ""
        let binary = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "penstock")
        // Unless a test says otherwise, no answer depends on how busy the machine is.
        let defaults = ["--port": "0", "--request-timeout": "3600", "--drain-timeout": "3600"].filter {
            !arguments.contains($0.key)
        }
        let command = ["serve"] + (checkpoint.map { [$0] } ?? []) + defaults.flatMap { [$0.key, $0.value] } + arguments
        if let limit {
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", "ulimit \(limit) && exec \"$0\" \"$@\"", binary.path] + command
        } else {
            process.executableURL = binary
            process.arguments = command
        }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardError = errors
        try process.run()
        var log = ""
        var port: Int?
        var callPort: Int?
        let takesCalls = arguments.contains("--grpc-address")
        let end = untilReady ? "ready:" : "listening on"
        while port == nil || !log.contains(end) || takesCalls && callPort == nil {
            let data = errors.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure.didNotStart(log) }
            log += String(decoding: data, as: UTF8.self)
            port = log.firstMatch(of: /listening on http:\/\/[^:]+:(\d+)/).flatMap { Int($0.1) }
            callPort = log.firstMatch(of: /gRPC on http:\/\/[^:]+:(\d+)/).flatMap { Int($0.1) }
        }
        self.port = port ?? 0
        self.callPort = callPort
        // Nobody reads the rest, but the pipe must not fill up. A thread that ends with the process, and no handler of the
        // file: libdispatch does not bear that a file is closed while it waits for it.
        let rest = errors.fileHandleForReading
        Thread.detachNewThread { while !rest.availableData.isEmpty {} }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end of the process and returns its status.
    func status() -> Int32 {
        process.waitForEnd()
        return process.terminationStatus
    }

    /// Sends one request on a connection of its own.
    func ask(
        _ method: String = "POST", _ path: String = "/", headers: [String: String] = [:], body: String = ""
    ) throws -> Connection.Reply {
        let connection = try Connection(port: port)
        try connection.send(method, path, headers: headers, body: body)
        return try connection.reply()
    }

    /// The value of a metric of the model.
    ///
    /// - Parameter labels: beside that of the model
    func metric(_ name: String, _ labels: String...) throws -> Double? {
        let name = "\(name){\((["model=\"\(model)\""] + labels).joined(separator: ","))}"
        let text = String(decoding: try ask("GET", "/metrics").body, as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line?.split(separator: " ").last.flatMap { Double($0) }
    }
}
