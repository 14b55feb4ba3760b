/// The methods of texts.
enum TextMethod: String, Sendable {
    case capitalize, center, count, endswith, expandtabs, find, format, index, isalnum, isalpha, isascii, isdecimal
    case isdigit, isidentifier, islower, isnumeric, isprintable, isspace, istitle, isupper, join, ljust, lower, lstrip
    case partition, removeprefix, removesuffix, replace, rfind, rindex, rjust, rpartition, rsplit, rstrip, split
    case splitlines, startswith, strip, swapcase, title, upper, zfill
    case formatMap = "format_map"

    /// The names of the parameters that may be given by name.
    var namedParameters: [String] {
        switch self {
        case .split, .rsplit: ["sep", "maxsplit"]
        case .splitlines: ["keepends"]
        case .expandtabs: ["tabsize"]
        default: []
        }
    }

    /// The most and the fewest arguments.
    var parameters: (most: Int, least: Int) {
        switch self {
        case .count, .find, .index, .rfind, .rindex, .startswith, .endswith: (3, 1)
        case .replace: (3, 2)
        case .center, .ljust, .rjust: (2, 1)
        case .split, .rsplit: (2, 0)
        case .expandtabs, .strip, .lstrip, .rstrip, .splitlines: (1, 0)
        case .join, .partition, .rpartition, .removeprefix, .removesuffix, .zfill, .formatMap: (1, 1)
        default: (0, 0)
        }
    }
}
