import ArgumentParser

struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print what lets a shell complete commands.",
        discussion: """
            Commands, options, their values, and the models of the cache are completed.

            Examples:

              penstock completions bash > penstock.bash
              penstock completions zsh > _penstock
              penstock completions fish > penstock.fish

            In bash, `source <(penstock completions bash)` in ~/.bashrc will do. zsh looks for _penstock in the folders of \
            $fpath, fish for penstock.fish in ~/.config/fish/completions.
            """)

    @Argument(help: "The shell: bash, zsh or fish.", completion: Choice.completion(Shell.self), transform: Choice.named)
    var shell: Shell

    /// A shell that can complete.
    enum Shell: String, CaseIterable {
        case bash
        case zsh
        case fish

        fileprivate var completionShell: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    func run() throws { try StandardOutput.write(line: Penstock.completionScript(for: shell.completionShell)) }
}
