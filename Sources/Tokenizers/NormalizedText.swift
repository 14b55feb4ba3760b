/// A text on its way through the normalizers: UTF-8 that remembers which original scalar each byte comes from.
///
/// One scalar of the original may become several, and several may vanish, but what is there always stems from exactly
/// one: that is how upstream aligns, also where it composes two into one (the first counts).
struct NormalizedText {
    /// Valid UTF-8.
    private(set) var bytes: [UInt8]
    /// For each byte the index of its scalar in the original text, or the complement (`~`) of the index of the scalar
    /// before which it was put from nothing; nil as long as byte `i` comes from scalar
    /// `firstOrigin + i`, which is so for ASCII that nothing was removed from or put into.
    private(set) var origins: [Int32]?
    /// The origin of the first byte, as long as ``origins`` is nil.
    private(set) var firstOrigin: Int32
    /// The scalar with which the part of the original begins that this text was, whatever has been removed since.
    let start: Int32

    /// No text yet.
    init() { (bytes, origins, firstOrigin, start) = ([], nil, 0, 0) }

    /// Original text that begins at scalar `firstOrigin`.
    ///
    /// - Parameter utf8: valid UTF-8 of at most `Int32.max` scalars.
    init(_ utf8: [UInt8], firstOrigin: Int32) {
        (bytes, self.firstOrigin, start) = (utf8, firstOrigin, firstOrigin)
        guard !Self.isASCII(utf8) else { return }
        var origins = [Int32](repeating: 0, count: utf8.count)
        var origin = firstOrigin &- 1
        for (index, byte) in utf8.enumerated() {
            if byte & 0xC0 != 0x80 { origin &+= 1 }
            origins[index] = origin
        }
        self.origins = origins
    }

    /// ASCII of which byte `i` comes from scalar `firstOrigin + i`.
    init(plain ascii: [UInt8], firstOrigin: Int32, start: Int32? = nil) {
        (bytes, origins, self.firstOrigin, self.start) = (ascii, nil, firstOrigin, start ?? firstOrigin)
    }

    /// A text with origins as they are.
    ///
    /// - Parameter start: see ``start``; nil for that of the first byte.
    init(bytes: [UInt8], origins: [Int32], start: Int32? = nil) {
        (self.bytes, self.origins, firstOrigin) = (bytes, origins, 0)
        self.start = start ?? origins.first ?? 0
    }

    private static func isASCII(_ bytes: [UInt8]) -> Bool {
        var all: UInt8 = 0
        for byte in bytes { all |= byte }
        return all < 0x80
    }

    /// Returns the place in the original that the byte at `index` comes from.
    func origin(of index: Int) -> Int32 { origins.map { $0[index] } ?? firstOrigin + Int32(index) }

    /// Returns the place in the original for a byte that is put in at `index`: that of the byte before, or nothing.
    func origin(before index: Int) -> Int32 { index > 0 ? origin(of: index - 1) : ~start }

    /// The original scalars of the bytes in `range`, which is not empty.
    @inline(__always)
    func originalRange(of range: Range<Int>) -> Range<Int> {
        guard let origins else {
            return Int(firstOrigin) + range.lowerBound..<Int(firstOrigin) + range.upperBound
        }
        let (first, last) = (origins[range.lowerBound], origins[range.upperBound - 1])
        // Origins never fall, so the upper bound is never below the lower one.
        return Int(first >= 0 ? first : ~first)..<Int(last >= 0 ? last + 1 : ~last)
    }

    /// The original scalars of tokens.
    func originalRanges(of tokens: [Token]) -> [Range<Int>] { tokens.map { originalRange(of: $0.range) } }

    /// True if every byte stands for a scalar of its own. (False for ASCII that was once something else.)
    var isPlainASCII: Bool { origins == nil }

    /// Replaces each byte of plain ASCII by another ASCII byte.
    mutating func mapASCII(_ table: [UInt8]) {
        table.withUnsafeBufferPointer { table in
            for index in bytes.indices { bytes[index] = table[Int(bytes[index])] }
        }
    }

    /// Puts `other` behind this text.
    mutating func append(_ other: NormalizedText) {
        if bytes.isEmpty {
            self = other
            return
        }
        let follows = origins == nil && other.origins == nil && firstOrigin + Int32(bytes.count) == other.firstOrigin
        if !follows {
            // In place: there may be as many parts as bytes.
            if origins == nil { origins = allOrigins }
            origins?.append(contentsOf: other.allOrigins)
        }
        bytes += other.bytes
    }

    /// For each byte the index of its scalar in the original text.
    var allOrigins: [Int32] { origins ?? bytes.indices.map { firstOrigin + Int32($0) } }

    /// Gives `body` quick access to the bytes and, by their index, to their origins.
    @inline(__always)
    func withBytesAndOrigins<R>(_ body: (UnsafeBufferPointer<UInt8>, (Int) -> Int32) -> R) -> R {
        bytes.withUnsafeBufferPointer { bytes in
            guard let origins else { return body(bytes) { firstOrigin + Int32(truncatingIfNeeded: $0) } }
            return origins.withUnsafeBufferPointer { origins in body(bytes) { origins[$0] } }
        }
    }

    /// Calls `body` with each scalar and its origin.
    @inline(__always)
    func forEachScalar(_ body: (Unicode.Scalar, Int32) -> Void) {
        withBytesAndOrigins { bytes, origin in
            var index = 0
            while index < bytes.count {
                let (scalar, length) = UTF8Reading.scalar(in: bytes, at: index)
                body(scalar, origin(index))
                index += length
            }
        }
    }

    /// A text built anew from this one's scalars by `body`, which appends what each becomes.
    func rebuilt(_ body: (Unicode.Scalar, Int32, inout NormalizedTextBuilder) -> Void) -> NormalizedText {
        var builder = NormalizedTextBuilder(from: self)
        forEachScalar { body($0, $1, &builder) }
        return builder.text
    }
}

/// Collects scalars with their origins.
struct NormalizedTextBuilder {
    private(set) var bytes: [UInt8] = []
    private(set) var origins: [Int32] = []
    private let start: Int32?

    /// Collects what becomes of `text`.
    init(from text: NormalizedText) { self.init(capacity: text.bytes.count + text.bytes.count / 4, start: text.start) }

    init(capacity: Int, start: Int32? = nil) {
        self.start = start
        bytes.reserveCapacity(capacity)
        origins.reserveCapacity(capacity)
    }

    /// The text that was collected.
    var text: NormalizedText { NormalizedText(bytes: bytes, origins: origins, start: start) }

    /// Appends UTF-8 that comes from one place.
    mutating func append(_ utf8: some Collection<UInt8>, from origin: Int32) {
        bytes += utf8
        origins += repeatElement(origin, count: utf8.count)
    }

    /// Appends a part of another text.
    mutating func append(_ range: Range<Int>, of text: NormalizedText) {
        bytes += text.bytes[range]
        if let all = text.origins {
            origins += all[range]
        } else {
            let start = text.firstOrigin + Int32(range.lowerBound)
            origins += start..<start + Int32(range.count)
        }
    }

    @inline(__always)
    private mutating func append(byte: UInt32, from origin: Int32) {
        bytes.append(UInt8(truncatingIfNeeded: byte))
        origins.append(origin)
    }

    /// Appends one scalar.
    @inline(__always)
    mutating func append(_ scalar: Unicode.Scalar, from origin: Int32) {
        let value = scalar.value
        switch value {
        case 0..<0x80: append(byte: value, from: origin)
        case 0x80..<0x800:
            append(byte: 0xC0 | value >> 6, from: origin)
            append(byte: 0x80 | value & 0x3F, from: origin)
        default:
            if value < 0x10000 {
                append(byte: 0xE0 | value >> 12, from: origin)
            } else {
                append(byte: 0xF0 | value >> 18, from: origin)
                append(byte: 0x80 | value >> 12 & 0x3F, from: origin)
            }
            append(byte: 0x80 | value >> 6 & 0x3F, from: origin)
            append(byte: 0x80 | value & 0x3F, from: origin)
        }
    }
}
