import ArgumentParser
import Foundation
import PenstockServing

@main
struct Penstock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "penstock",
        abstract: "Hugging Face transformers pipelines as a web service, without Python.",
        version: PenstockVersion.current,
        subcommands: [Serve.self, Run.self, Tokenize.self, Bench.self])

    /// Runs the command of the arguments. A failure is one line on standard error and status 1; 2 when the arguments
    /// themselves are at fault.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error where exitCode(for: error) == .validationFailure {
            StandardError.write(fullMessage(for: error))
            Foundation.exit(2)
        } catch let error as CommandFailure {
            error.message.map { StandardError.write("penstock: \($0)") }
            Foundation.exit(1)
        } catch  where exitCode(for: error) == .success || error is ExitCode {
            exit(withError: error)
        } catch {
            StandardError.write("penstock: \(FailureMessage.line(for: error))")
            Foundation.exit(1)
        }
    }
}

/// A command's own failure, said in one line; without a message when everything was said already.
struct CommandFailure: Error {
    let message: String?
}

enum StandardError {
    static func write(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
}
