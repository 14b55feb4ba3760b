import Foundation
import PenstockHub
import PenstockTestSupport
import Testing

/// The files of a cache, one at a time.
@Suite struct CacheTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String) -> String { "\(directory.path)/\(name)" }

    private static let hello = Array("hello\n".utf8)
    /// `sha256sum`, and `git hash-object`.
    private static let helloNames = [
        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03", "ce013625030ba8dba906f756967f9e9ca394464a",
        "no-hash",
    ]

    /// What was there is gone on with, and the hash is of the whole.
    @Test(arguments: helloNames, [0, 1, 5, 6])
    func partialFilesAreGoneOnWith(etag: String, present: Int) throws {
        try directory.write("x.incomplete", Self.hello.prefix(present))
        var file = try PartialFile.opened(path: path("x.incomplete"), etag: etag, size: 6)
        let before = file.count
        #expect(before == present)
        try file.append(copyOf: Self.hello[present...])
        let (isComplete, isRight) = (file.isComplete, file.isRight)
        #expect(isComplete && isRight)
        try file.finish(as: path("x"))
        #expect(try directory.read("x") == Self.hello)
    }

    @Test func wrongBytesAreSeen() throws {
        for etag in Self.helloNames.dropLast() {
            try directory.write("y.incomplete", Array("jello".utf8))
            var file = try PartialFile.opened(path: path("y.incomplete"), etag: etag, size: 6)
            try file.append(copyOf: "\n".utf8)
            let isRightBefore = file.isRight
            try file.restart()
            try file.append(copyOf: Self.hello)
            let isRight = file.isRight
            #expect(!isRightBefore && isRight)
        }
    }

    @Test func partialFilesThatAreTooLargeAreBegunAnew() throws {
        try directory.write("z", Array("hello and more".utf8))
        let file = try PartialFile.opened(path: path("z"), etag: Self.helloNames[0], size: 6)
        let count = file.count
        #expect(count == 0)
    }

    /// A file of another user that may only be read is enough.
    @Test(.enabled(if: geteuid() != 0)) func locksOfOthers() throws {
        try directory.write("k.lock", [])
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path("k.lock"))
        guard case .taken = try FileLock.tryLock(path("k.lock")) else {
            Issue.record("the lock is not to be had")
            return
        }
    }

    /// Nobody can have us write elsewhere by a link.
    @Test func linksAreNotWrittenThrough() throws {
        try FileManager.default.createSymbolicLink(atPath: path("l"), withDestinationPath: path("target"))
        let error = #expect(throws: HubError.self) {
            _ = try PartialFile.opened(path: path("l"), etag: "a", size: 1).count
        }
        #expect(error?.code == .unusableCache)
        #expect(!FileManager.default.fileExists(atPath: path("target")))
    }

    @Test func locksExclude() throws {
        guard case .taken(let lock) = try FileLock.tryLock(path("lock")) else {
            Issue.record("the lock is not given")
            return
        }
        guard case .busy = try FileLock.tryLock(path("lock")) else {
            Issue.record("the lock is given twice")
            return
        }
        // Whoever removes the file has the next lock another one.
        try FileManager.default.removeItem(atPath: path("lock"))
        guard case .taken = try FileLock.tryLock(path("lock")) else {
            Issue.record("the lock of a new file is not given")
            return
        }
        withExtendedLifetime(lock) {}
    }

    @Test func locksAreGivenBack() throws {
        for _ in 0..<3 {
            guard case .taken = try FileLock.tryLock(path("lock")) else {
                Issue.record("the lock is not given")
                return
            }
        }
    }

    @Test func failuresOfTheSystemSayWhatToDo() {
        for (number, code, mention) in [
            (ENOSPC, HubError.Code.diskFull, "penstock remove"), (EDQUOT, .diskFull, "HF_HUB_CACHE"),
            (EROFS, .readOnlyCache, "HF_HUB_CACHE"), (EACCES, .readOnlyCache, "HF_HUB_CACHE"),
            (EIO, .unusableCache, "/x"),
        ] {
            let error = HubError.system(number, "/x", "write")
            #expect(error.code == code)
            #expect(error.message.contains(mention))
            #expect(!error.message.contains("\n"))
        }
    }
}

extension PartialFile {
    /// Adds bytes at the end.
    fileprivate mutating func append(copyOf bytes: some Collection<UInt8>) throws(HubError) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: bytes)
        try append(UnsafeRawBufferPointer(copy))
    }
}
