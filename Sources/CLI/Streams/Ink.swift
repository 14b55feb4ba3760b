import Glibc

/// Emphasis of text on a terminal; none elsewhere, and none with `NO_COLOR` (no-color.org).
enum Ink {
    case bold
    case faint
    case green
    case yellow
    case red

    private static let isShown: Bool = {
        func value(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
        return isatty(STDOUT_FILENO) == 1 && value("NO_COLOR").isEmpty && value("TERM") != "dumb"
    }()

    private var code: Int {
        switch self {
        case .bold: 1
        case .faint: 2
        case .green: 32
        case .yellow: 33
        case .red: 31
        }
    }

    /// The text with what emphasises it around it.
    func callAsFunction(_ text: String) -> String {
        Self.isShown ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
