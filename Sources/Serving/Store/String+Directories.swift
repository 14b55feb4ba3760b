extension String {
    /// The text with the last components of the absolute paths in it alone.
    ///
    /// - Parameter known: directories that may be in it, whatever characters they have; of others, a space, a quote or
    ///   the like ends a path
    package func withoutDirectories(known: [String] = []) -> String {
        var text = self
        for directory in known.sorted(by: { $0.utf8.count > $1.utf8.count }) where directory.utf8.contains(slash) {
            let path = directory.utf8.last == slash ? String(directory.dropLast()) : directory
            guard let name = path.split(separator: "/").last else { continue }
            text.replace("\(path)/", with: "")
            text.replace(path, with: name)
        }
        return text.withoutPaths
    }

    private var withoutPaths: String {
        let bytes = Array(utf8)
        var (kept, index) = ([UInt8](), 0)
        while index < bytes.count {
            let isStart = bytes[index] == slash && (kept.last.map { !$0.isInPath && $0 != slash } ?? true)
            // An address goes on so behind its scheme.
            let isAddress = kept.last == UInt8(ascii: ":") && bytes[(index + 1)...].first == slash
            guard isStart, !isAddress else {
                kept.append(bytes[index])
                index += 1
                continue
            }
            let path = bytes[index...].prefix { $0.isInPath || $0 == slash }
            kept += path.split(separator: slash).last ?? path
            index = path.endIndex
        }
        return String(decoding: kept, as: UTF8.self)
    }
}

private let slash = UInt8(ascii: "/")

extension UInt8 {
    /// True if a path goes on with it where it is not known.
    fileprivate var isInPath: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80...:
            true
        default: "._-~+@=%".utf8.contains(self)
        }
    }
}
