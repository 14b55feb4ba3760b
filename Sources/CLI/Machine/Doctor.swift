import ArgumentParser
import Glibc
import PenstockCompute
import PenstockHub
import PenstockJSON
import PenstockServing

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tell what this machine has for Penstock, and what is in the way.",
        discussion: """
            The processor and which --dtype suits it, memory and cores as control groups allow them, the port, the cache of \
            models and its disk, and whether there is a token for the Hub. Nothing is sent. The status is 1 if something has \
            to be put right before models can be served from here.

            Examples:

              penstock doctor
              penstock doctor --port 9000
              penstock doctor --json
            """)

    @Option(help: "The address that a server is to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port that a server is to listen on.")
    var port = 8000

    @Flag(help: "Print a line of JSON.")
    var json = false

    func validate() throws {
        guard (1...65535).contains(port) else { throw ValidationError("--port has to be from 1 to 65535.") }
    }

    func run() throws {
        let findings =
            [
                Self.version, MachineFindings.processor, MachineFindings.precision, MachineFindings.memory,
                MachineFindings.files, MachineFindings.port(port, at: host),
            ] + HubFindings.all
        if json {
            let object = JSONObject(
                findings.map { finding in
                    (
                        finding.name,
                        .object(
                            JSONObject(
                                [("status", .string(finding.status.rawValue)), ("text", .string(finding.text))]
                                    + finding.values))
                    )
                })
            var writer = JSONWriter()
            writer.value(.object(object))
            try StandardOutput.write(writer.finish() + [0x0A])
        } else {
            var sheet = FactSheet()
            for finding in findings { sheet.add(finding.name, finding.shown) }
            try StandardOutput.write(sheet.lines)
        }
        if findings.contains(where: { $0.status == .problem }) { throw CommandFailure(message: nil) }
    }

    private static var version: Finding { Finding("penstock", .fine, PenstockVersion.current) }
}

/// Something that `doctor` has found out.
struct Finding {
    /// A status that says how good it is.
    enum Status: String {
        case fine
        /// It works, but something could be better.
        case note
        /// It has to be put right.
        case problem
    }

    let name: String
    let status: Status
    let text: String
    /// Numbers for programs, by name.
    let values: [(String, JSONValue)]

    init(_ name: String, _ status: Status, _ text: String, _ values: [(String, JSONValue)] = []) {
        (self.name, self.status, self.text, self.values) = (name, status, text, values)
    }

    /// The text for people.
    var shown: String {
        switch status {
        case .fine: text
        case .note: "\(Ink.yellow("note:")) \(text)"
        case .problem: "\(Ink.red("problem:")) \(text)"
        }
    }
}
