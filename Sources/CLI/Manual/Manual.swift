import ArgumentParser
import PenstockJSON

struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Print a page of the manual, for man.",
        discussion: """
            Examples:

              penstock manual > penstock.1
              penstock manual serve > penstock-serve.1
              penstock manual --list
            """)

    @Argument(help: "The command that the page is of; without one, the page of penstock itself.")
    var command: String?

    @Flag(help: "Print the names of all commands instead.")
    var list = false

    func run() throws {
        let root = try JSONValue(parsing: Penstock._dumpHelp().utf8)["command"] ?? .null
        let commands = (root["subcommands"]?.array ?? []).filter { command in
            command["shouldDisplay"]?.bool != false && command["commandName"]?.string != "help"
        }
        let names = commands.compactMap { $0["commandName"]?.string }
        if list { return try StandardOutput.write(line: names.joined(separator: "\n")) }
        guard let command else { return try StandardOutput.write(ManualPage(of: root, subcommands: commands).text) }
        guard let found = commands.first(where: { $0["commandName"]?.string == command }) else {
            throw ValidationError("There is no command \(command.shown)\(NearNames.question(command, among: names))")
        }
        try StandardOutput.write(ManualPage(of: found, parent: "penstock").text)
    }
}
