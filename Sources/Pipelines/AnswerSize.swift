/// The sizes of answers, in bytes, known before the work for them is done.
package enum AnswerSize {
    /// The bytes of the largest answer of one request over the network.
    package static let limit = 112 << 20

    /// A number of single precision in JSON, with its comma.
    static let number = 24

    /// The product, or the largest number if there is none.
    package static func product(_ a: Int, _ b: Int) -> Int {
        let (product, overflows) = a.multipliedReportingOverflow(by: b)
        return overflows ? .max : product
    }

    /// The sum, or the largest number if there is none.
    package static func sum(_ a: Int, _ b: Int) -> Int {
        let (sum, overflows) = a.addingReportingOverflow(b)
        return overflows ? .max : sum
    }
}
