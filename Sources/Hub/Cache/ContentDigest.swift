import Crypto

/// The hash that a blob has to have by its name: the SHA-256 of its bytes for large files, and for others the hash by which
/// git names a blob, the SHA-1 of `blob SIZE`, a byte of zero, and the bytes.
enum ContentDigest: Sendable {
    case sha256(SHA256, expected: String)
    case gitBlob(Insecure.SHA1, expected: String)
    /// The name tells no hash.
    case unknown

    /// - Parameters:
    ///   - etag: the name of the blob
    ///   - size: bytes of the whole
    init(etag: String, size: Int) {
        if Hexadecimal.isLower(etag, count: 64) {
            self = .sha256(SHA256(), expected: etag)
        } else if Hexadecimal.isLower(etag, count: 40) {
            var hash = Insecure.SHA1()
            Array("blob \(size)\u{0}".utf8).withUnsafeBytes { hash.update(bufferPointer: $0) }
            self = .gitBlob(hash, expected: etag)
        } else {
            self = .unknown
        }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .sha256(var hash, let expected):
            // Lets go of the other reference, so that the hash is not copied.
            self = .unknown
            hash.update(bufferPointer: bytes)
            self = .sha256(hash, expected: expected)
        case .gitBlob(var hash, let expected):
            self = .unknown
            hash.update(bufferPointer: bytes)
            self = .gitBlob(hash, expected: expected)
        case .unknown: break
        }
    }

    /// True if the bytes so far are those of the name; true if it tells no hash.
    var isRight: Bool {
        switch self {
        case .sha256(let hash, let expected): Hexadecimal.text(hash.finalize()) == expected
        case .gitBlob(let hash, let expected): Hexadecimal.text(hash.finalize()) == expected
        case .unknown: true
        }
    }
}
