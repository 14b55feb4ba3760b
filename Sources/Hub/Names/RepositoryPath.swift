/// The path of a file in a repository, which leads nowhere outside of a folder that it is appended to.
package struct RepositoryPath: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Parts with slashes between them.
    package let description: String

    private static let longest = 1024
    private static let longestPart = 255

    /// Nil for what is absolute, has empty parts, `.` or `..`, a backslash or a control character, or is too long for a
    /// file system. Bytes decide: a slash under a combining mark is a slash.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.longest else { return nil }
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard !part.isEmpty, part.count <= Self.longestPart, !part.elementsEqual(".".utf8),
                !part.elementsEqual("..".utf8),
                part.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
            else { return nil }
        }
        description = text
    }

    /// The parts.
    package var parts: [String] {
        description.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The last part.
    package var name: String { parts.last ?? description }

    /// The path of the folder, without a slash at its end; empty at the top.
    package var folder: String { parts.dropLast().joined(separator: "/") }

    package static func < (left: RepositoryPath, right: RepositoryPath) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}
