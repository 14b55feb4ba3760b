import CKernels

/// Memory of 32-bit units for the kernels: zero at first, on huge pages where the system has them.
package final class UnitStorage: @unchecked Sendable {
    // Safe to share: whoever writes to it does so before anybody else has it, or divides it up.
    package let base: UnsafeMutablePointer<Float>

    private enum Owner {
        case itself(MappedMemory)
        case pages(SharedPages, bytes: Int)
        case nobody
    }

    private let owner: Owner

    /// Memory that is left to everybody else, who cannot do without.
    package static let reserve = 32 << 20

    /// Takes memory from the system.
    ///
    /// - Parameter reserve: bytes that have to be left
    /// - Throws: ``ResourceError`` if that would leave the rest of the program without any.
    package init(count: Int, leaving reserve: Int = UnitStorage.reserve) throws(ResourceError) {
        let memory = try MappedMemory(bytes: count * MemoryLayout<Float>.stride, leaving: reserve)
        base = memory.start.bindMemory(to: Float.self, capacity: memory.bytes / MemoryLayout<Float>.stride)
        owner = .itself(memory)
    }

    /// Takes memory for what a model has as long as it is there, beside what else is so.
    ///
    /// - Throws: ``ResourceError`` if that would leave the rest of the program without any.
    package init(ofModel count: Int) throws(ResourceError) {
        let bytes = MappedMemory.wholePages(count * MemoryLayout<Float>.stride)
        if let (pages, start) = SharedPages.share(of: bytes, leaving: Self.reserve) {
            base = start.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
            owner = .pages(pages, bytes: bytes)
        } else {
            let memory = try MappedMemory(bytes: bytes, leaving: Self.reserve)
            base = memory.start.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
            owner = .itself(memory)
        }
    }

    private init() {
        base = Self.nowhere
        owner = .nobody
    }

    /// Stands for memory whose size alone is of interest; nobody touches it.
    static let planned = UnitStorage()
    /// The address that stands for memory that is only planned.
    nonisolated(unsafe) static let nowhere = UnsafeMutablePointer<Float>.allocate(capacity: 1)

    deinit { if case .pages(let pages, let bytes) = owner { pages.release(base, bytes: bytes) } }
}
