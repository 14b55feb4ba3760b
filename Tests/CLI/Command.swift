import Foundation
import PenstockTestSupport

/// A run of the binary that was built beside the tests.
struct Command {
    let status: Int32
    let output: [UInt8]
    let errors: String

    var lines: [String] { String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init) }

    static let executable = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(
        path: "penstock")

    /// - Parameters:
    ///   - input: the text on standard input
    ///   - redirection: what a shell is told behind the command, such as `> /dev/full`
    ///   - standardInput: standard input instead of a text
    ///   - environment: variables beside those of this process; no test may use the network
    static func run(
        _ arguments: [String], input: String = "", redirected redirection: String? = nil, standardInput: Pipe? = nil,
        environment: [String: String] = [:]
    ) throws -> Command {
        let process = Process()
        process.environment = ProcessInfo.processInfo.environment.merging(["HF_HUB_OFFLINE": "1"]) { _, new in new }
            .merging(environment) { _, new in new }
        if let redirection {
            process.executableURL = URL(filePath: "/bin/bash")
            process.arguments = ["-c", "\"$0\" \"$@\" \(redirection)", executable.path] + arguments
        } else {
            process.executableURL = executable
            process.arguments = arguments
        }
        // A file, so that nobody has to write while the command answers.
        let directory = try TemporaryDirectory()
        try directory.write("input", input.utf8)
        let file = try FileHandle(forReadingFrom: URL(filePath: "\(directory.path)/input"))
        let (stdout, stderr) = (Pipe(), Pipe())
        process.standardInput = standardInput ?? file as Any
        process.standardOutput = stdout
        process.standardError = stderr
        try process.run()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        let errors = try stderr.fileHandleForReading.readToEnd() ?? Data()
        process.waitForEnd()
        return Command(
            status: process.terminationStatus, output: Array(output), errors: String(decoding: errors, as: UTF8.self))
    }
}
