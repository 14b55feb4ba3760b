/// A way to read the numbers of a JSON document: as the program does that the document is meant for.
public enum JSONDialect: Sendable {
    /// Each number as the nearest of double precision (RFC 8259).
    case standard
    /// As Python's `json`: `NaN`, `Infinity` and `-Infinity` are numbers, and so is infinity what is too large.
    case python
    /// As Rust's `serde_json` without its feature `float_roundtrip`, which is off by an ulp now and then.
    case serde

    /// The number that a text of the form of RFC 8259 stands for; nil if there is none in double precision.
    func double(of text: UnsafeBufferPointer<UInt8>) -> Double? {
        if self == .serde { return SerdeNumber(text).value }
        guard let number = Double(String(decoding: text, as: UTF8.self)) else { return nil }
        return number.isFinite || self == .python ? number : nil
    }
}
