/// Counts the scalars of a text whose bytes come in parts.
package struct ScalarCounter: Sendable {
    /// The whole scalars of the parts; one that was begun is the next.
    package private(set) var count = 0
    /// The beginning of a scalar whose other bytes have not come yet.
    private var begun: [UInt8] = []

    package init() {}

    package mutating func append(_ part: some Sequence<UInt8>) {
        let bytes = begun + part
        let whole = bytes.count - UTF8Reading.lengthOfBegunScalar(atEndOf: bytes)
        count += String(decoding: bytes[..<whole], as: UTF8.self).unicodeScalars.count
        begun = Array(bytes[whole...])
    }
}
