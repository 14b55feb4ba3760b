import Foundation
import PenstockFiles
import Testing

@Suite struct FilePathTests {
    @Test(arguments: [
        ("/models/bert", "bert"), ("/models/bert/", "bert"), ("models//bert", "bert"), ("bert", "bert"),
        ("/models/bert/.", "bert"), ("/models/bert/onnx/..", "bert"), ("./a/../b", "b"), ("/a/../..", "/a/../.."),
        ("/", "/"), ("/..a/...", "..."), ("/a/\u{301}b", "\u{301}b"),
    ])
    func namesAreTheLastComponent(path: String, name: String) {
        #expect(FilePath.name(of: path).utf8.elementsEqual(name.utf8))
    }

    @Test func theWorkingDirectoryHasAName() {
        let components = FileManager.default.currentDirectoryPath.split(separator: "/").map(String.init)
        for path in [".", "./", "x/.."] { #expect(FilePath.name(of: path) == components.last ?? path) }
        #expect(FilePath.name(of: "..") == components.dropLast().last ?? "..")
    }
}
