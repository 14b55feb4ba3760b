/// An input of a data set as its file has it.
struct DataRecord: Sendable, Equatable {
    /// The line, or the fields of the columns that are read.
    let fields: [[UInt8]]
    /// Bytes of the file that it takes, with what ends it.
    let bytes: Int
}

/// An error that says why a data set cannot be read any further, in one line.
package struct DataError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Cuts the bytes of a file into records as they come.
protocol RecordSplitter: Sendable {
    /// Takes bytes. Returns the records that are complete by now.
    mutating func take(_ bytes: [UInt8]) throws(DataError) -> [DataRecord]

    /// Takes note that no more bytes come. Returns the record that was not complete before, if there is one.
    mutating func finish() throws(DataError) -> [DataRecord]
}

extension RecordSplitter {
    /// Bytes of the longest record. One without an end would fill the memory.
    static var longestRecord: Int { 256 << 20 }
}
