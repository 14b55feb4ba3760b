/// The reasons why bytes are no message of Protocol Buffers.
package enum WireError: Error, Equatable, CustomStringConvertible {
    /// The bytes end within a field.
    case truncated
    /// A number has more than 64 bits.
    case overlongNumber
    /// A field has the number 0 or one of more than 29 bits, or is of no type that there is.
    case invalidField
    /// A group ends that has not begun, or there are too many within each other.
    case unbalancedGroup
    /// A text is not UTF-8.
    case invalidText(field: Int)
    /// A list of numbers of one size has bytes beyond the last.
    case invalidList(field: Int)

    package var description: String {
        switch self {
        case .truncated: "the message ends within a field"
        case .overlongNumber: "a number of the message has more than 64 bits"
        case .invalidField: "the message has a field that cannot be"
        case .unbalancedGroup: "a group of the message is not closed, or lies too deep"
        case .invalidText(let field): "the text of field \(field) is not UTF-8"
        case .invalidList(let field): "the list of field \(field) ends within a number"
        }
    }
}
