import PenstockFiles

/// The elements of a tensor that do not lie in their order, as of a transposed matrix or a view of one column. They are
/// gathered when they are read, some at a time.
struct StridedElements: TensorSource {
    let input: InputFile
    /// The bytes of the storage.
    let storage: Range<Int>
    let layout: StridedLayout
    let elementSize: Int

    /// Elements that are gathered at one time, and bytes that are read at one time.
    private static let (blockElements, windowBytes) = (1 << 16, 1 << 16)

    var file: String { input.path }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        let elements = offset / elementSize..<(offset + buffer.count) / elementSize
        for start in stride(from: elements.lowerBound, to: elements.upperBound, by: Self.blockElements) {
            let block = start..<min(start + Self.blockElements, elements.upperBound)
            let first = (start - elements.lowerBound) * elementSize
            try gather(block, into: UnsafeMutableRawBufferPointer(rebasing: buffer[first...]))
        }
    }

    private func gather(_ elements: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        let places = layout.places(of: elements)
        // In the order of the file, so that each piece of it is read once.
        let order = places.indices.sorted { places[$0] < places[$1] }
        var window = [UInt8](repeating: 0, count: min(Self.windowBytes, storage.count))
        var inWindow = 0..<0
        for element in order {
            let place = places[element] * elementSize
            if !inWindow.contains(place) {
                let end = min(place + window.count, storage.count)
                inWindow = place..<end - (end - place) % elementSize
                try fill(&window, from: inWindow)
            }
            window.withUnsafeBytes { bytes in
                let piece = bytes[place - inWindow.lowerBound..<place - inWindow.lowerBound + elementSize]
                UnsafeMutableRawBufferPointer(rebasing: buffer[(element * elementSize)...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: piece))
            }
        }
    }

    private func fill(_ window: inout [UInt8], from range: Range<Int>) throws(CheckpointError) {
        let result: Result<Void, FileError> = window.withUnsafeMutableBytes { bytes in
            Result { () throws(FileError) in
                try input.read(
                    at: storage.lowerBound + range.lowerBound,
                    into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<range.count]))
            }
        }
        do { try result.get() } catch { throw CheckpointError(error) }
    }
}
