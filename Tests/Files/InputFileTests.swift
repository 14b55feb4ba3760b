import Foundation
import PenstockFiles
import PenstockTestSupport
import Testing

@Suite struct InputFileTests {
    private static func error(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        try InputFile(path: path).contents().withBytes { Array($0) }
    }

    @Test func contents() throws {
        let directory = try TemporaryDirectory()
        for count in [0, 1, 5000] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            try directory.write("a", bytes)
            #expect(try Self.bytes("\(directory.path)/a") == bytes)
        }
        let path = "\(directory.path)/a"
        #expect(
            Self.error { _ = try InputFile(path: path).contents(atMost: 4999) }
                == "\(path): has 5000 bytes; more than 4999 are not read")
    }

    @Test func absence() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/none"
        #expect(try InputFile.ifPresent(path) == nil)
        #expect(try FileStatus.ifPresent(path) == nil)
        #expect(Self.error { _ = try InputFile(path: path) } == "\(path): cannot be opened: No such file or directory")
    }

    /// Whatever lies there is not absent, and is said in the words of the system.
    @Test(arguments: [
        ("link", "is a symbolic link to what is not there: No such file or directory"),
        ("loop", "cannot be opened: Too many levels of symbolic links"),
        ("pipe", "is not a regular file but a pipe"),
        ("directory", "is not a regular file but a directory"),
        ("device", "is not a regular file but a device"),
        ("socket", "cannot be opened: No such device or address"),
        ("file/below", "cannot be opened: Not a directory"),
        ("file\u{0}", "is no path: it holds a byte of zero"),
    ])
    func whatIsNoFile(name: String, message: String) throws {
        let directory = try TemporaryDirectory()
        let path = { (name: String) in "\(directory.path)/\(name)" }
        try directory.write("file", [1])
        try FileManager.default.createDirectory(atPath: path("directory"), withIntermediateDirectories: false)
        for (name, target) in [("link", path("none")), ("loop", "loop"), ("device", "/dev/zero")] {
            try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
        }
        // Nobody ever writes into the pipe, so whoever waits for its first byte never returns.
        try #require(mkfifo(path("pipe"), 0o600) == 0)
        try #require(mknod(path("socket"), S_IFSOCK | 0o600, 0) == 0)
        let expected = "\(path(name)): \(message)"
        #expect(Self.error { _ = try InputFile(path: path(name)) } == expected)
        #expect(Self.error { _ = try InputFile.ifPresent(path(name)) } == expected)
    }

    @Test func pointersOfLFS() throws {
        let directory = try TemporaryDirectory()
        let hash = String(repeating: "a", count: 64)
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(hash)\nsize 9\n"
        try directory.write("a", pointer.utf8)
        let path = "\(directory.path)/a"
        #expect(Self.error { _ = try InputFile(path: path) }?.contains("is a Git LFS pointer: fetch the file") == true)
        // A text about pointers is none.
        try directory.write("a", (pointer + String(repeating: " ", count: 1024)).utf8)
        #expect(try Self.bytes(path).count == pointer.utf8.count + 1024)
    }

    /// A file that is cut or overwritten while it is open is an error of whoever reads on.
    @Test func changes() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a"
        try directory.write("a", Array(repeating: 7, count: 100_000))
        let file = try InputFile(path: path)
        try #require(truncate(path, 50_000) == 0)
        var buffer = [UInt8](repeating: 0, count: 1000)
        for offset in [0, 49_500, 99_000] {
            #expect(
                Self.error { try buffer.withUnsafeMutableBytes { try file.read(at: offset, into: $0) } }
                    == "\(path): was changed while it was being read, from 100000 to 50000 bytes; load it again")
        }

        try directory.write("a", Array(repeating: 7, count: 100_000))
        let other = try InputFile(path: path)
        var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
        #expect(
            Self.error { try buffer.withUnsafeMutableBytes { try other.read(at: 0, into: $0) } }
                == "\(path): was changed while it was being read, from 100000 to 100000 bytes; load it again")
    }
}
