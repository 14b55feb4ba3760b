import ArgumentParser
import Glibc
import PenstockCompute
import PenstockJSON
import PenstockServing

@main
struct Penstock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "penstock",
        abstract: "Hugging Face transformers pipelines as a web service, without Python.",
        version: PenstockVersion.current,
        subcommands: [
            Serve.self, Run.self, Chat.self, Pull.self, List.self, Remove.self, Inspect.self, Tokenize.self, Bench.self,
            Doctor.self,
            Completions.self, Manual.self,
        ])

    /// Runs the command of the arguments. A failure is one line on standard error and status 1; 2 when the arguments
    /// themselves are at fault.
    static func main() async {
        var serveArguments: ServeArguments?
        EndSignals.heed()
        DispatchLog.silence()
        AddressSpace.spare()
        Heap.returnLargeBlocks()
        Descriptor.prepareStandardStreams()
        LogQueue.flushStandardErrorAtExit()
        do {
            var arguments = Array(CommandLine.arguments.dropFirst())
            try refuseUnknownCommand(arguments.first)
            if arguments.first == Serve._commandName {
                let completed = try ServeArguments.ofProcess(Array(arguments.dropFirst()))
                arguments = [Serve._commandName] + completed.arguments
                serveArguments = completed
                for warning in completed.warnings {
                    LogQueue.standardError.add(LogLine(label: "penstock", level: .warning).bytes(warning))
                }
            }
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error, after: serveArguments)
        }
    }

    /// Asks whether another command was meant, where the first argument is none.
    private static func refuseUnknownCommand(_ name: String?) throws {
        guard let name, !name.hasPrefix("-") else { return }
        let known = configuration.subcommands.map { $0._commandName } + ["help"]
        guard !known.contains(name) else { return }
        throw ValidationError("There is no command \(name.shown)\(NearNames.question(name, among: known))")
    }

    /// Ends the process and says why.
    ///
    /// - Parameter arguments: may tell where an option comes from that the error is about
    static func end(with error: any Error, after arguments: ServeArguments? = nil) -> Never {
        let (line, status): (String?, Int32) =
            switch error {
            case let error as CommandFailure: (error.message.map { "penstock: \($0)" }, error.status)
            case let error as ExitCode: (nil, error.rawValue)
            case _ where exitCode(for: error) == .success: (nil, show(fullMessage(for: error)))
            case _ where exitCode(for: error) == .validationFailure:
                (
                    ([fullMessage(for: error)] + (arguments?.notes(on: message(for: error)) ?? [])).joined(
                        separator: "\n"), 2
                )
            default: ("penstock: \(FailureMessage.line(for: error))", FailureMessage.status(for: error))
            }
        if let line { LogQueue.standardError.add(Array("\(line)\n".utf8)) }
        Glibc.exit(status)
    }

    /// Shows what was asked for instead of a command: help, or the version.
    private static func show(_ text: String) -> Int32 {
        do throws(CommandFailure) {
            try StandardOutput.write(line: text)
            return 0
        } catch {
            end(with: error)
        }
    }
}
