import Foundation
import PenstockFiles
import PenstockTestSupport
import Testing

/// Files are opened where they may be, and nowhere that links lead to.
@Suite struct FileConfinementTests {
    private static func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    @Test func linksThatLeadOutAreNotFollowed() throws {
        let (inside, outside) = (try TemporaryDirectory(), try TemporaryDirectory())
        try inside.write("blob", [1])
        try outside.write("secret", [2])
        try Self.link("\(inside.path)/good", to: "blob")
        try Self.link("\(inside.path)/bad", to: "\(outside.path)/secret")
        try Self.link("\(inside.path)/folder", to: outside.path)
        try Self.link("\(inside.path)/dangling", to: "\(outside.path)/nothing")
        let neighbour = outside.path.split(separator: "/").last ?? ""
        let names = ["blob", "good", "bad", "folder/secret", "../\(neighbour)/secret"]
        for name in names { _ = try InputFile(path: "\(inside.path)/\(name)") }
        FileConfinement.$current.withValue(FileConfinement(to: inside.path)) {
            for (name, isInside) in zip(names, [true, true, false, false, false]) {
                let path = "\(inside.path)/\(name)"
                #expect(((try? InputFile(path: path)) != nil) == isInside, "\(name)")
                #expect(((try? FileStatus.ifPresent(path)) != nil) == isInside, "\(name)")
            }
            let error = #expect(throws: FileError.self) { try InputFile(path: "\(inside.path)/bad") }
            #expect(error?.message.contains("leads out of") == true)
            #expect(error?.message.contains(outside.path) == false)
            #expect(throws: FileError.self) { try FileStatus.ifPresent("\(inside.path)/dangling") }
            #expect(throws: Never.self) { _ = try FileStatus.ifPresent("\(inside.path)/none") }
        }
        // A directory that is not there has no files.
        FileConfinement.$current.withValue(FileConfinement(to: "\(inside.path)/none")) {
            #expect(throws: FileError.self) { try InputFile(path: "\(inside.path)/blob") }
        }
    }

    /// The name of another directory may begin as that of the one.
    @Test func neighboursAreOutside() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: "\(directory.path)/a", withIntermediateDirectories: true)
        let real = try #require(FileConfinement.realPath(directory.path))
        let confinement = FileConfinement(to: "\(directory.path)/a")
        #expect(confinement.contains("\(real)/a") && confinement.contains("\(real)/a/b"))
        #expect(!confinement.contains("\(real)/ab") && !confinement.contains(real))
        #expect(FileConfinement(to: "/").contains("/etc"))
    }
}
