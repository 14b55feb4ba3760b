/// The blocks of a matrix, read from its file some at a time.
package struct WeightBlocks: Sendable {
    /// Fills a buffer with blocks from one on, counted row by row: of each 32 bytes of codes and, as floats, the scales and
    /// the offsets of its halves. It is called by several threads at a time.
    package typealias Reader = @Sendable (_ first: Int, _ buffer: UnsafeMutableRawBufferPointer) throws -> Void

    /// The form of the blocks.
    let form: BlockForm
    let read: Reader

    package init(_ form: BlockForm, read: @escaping Reader) { (self.form, self.read) = (form, read) }

    /// The blocks from one on.
    func from(_ start: Int) -> WeightBlocks {
        let read = read
        return WeightBlocks(form) { try read(start + $0, $1) }
    }
}
