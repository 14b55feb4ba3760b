/// A value on the way through a pickle, small and without a heap object of its own: texts are places in the pickle's
/// bytes, all else is a number into the tables of the ``PickleMachine``. So nothing nests, and nothing is freed
/// recursively.
enum PickleValue: Sendable {
    case none
    case boolean
    case integer(Int)
    case text(PickleSlice)
    case global(PickleGlobal)
    /// A range of the machine's elements.
    case tuple(PickleSlice)
    /// The number of a dictionary.
    case dictionary(Int)
    /// The tuple that names a storage.
    case storage(PickleSlice)
    /// The number of a tensor.
    case tensor(Int)
    /// What has no part in a tensor and is not kept: floats, lists, sets.
    case other
}

/// A range of numbers below 2³².
struct PickleSlice: Sendable, Hashable {
    private let start: UInt32
    private let end: UInt32

    /// - Precondition: the bounds are from 0 to 2³² − 1.
    init(_ range: Range<Int>) { (start, end) = (UInt32(range.lowerBound), UInt32(range.upperBound)) }

    /// The range.
    var range: Range<Int> { Int(start)..<Int(end) }
}

/// A dictionary of a pickle: the entries whose keys are texts, in their order. One key may be there several times.
struct PickleDictionary {
    var entries: [(key: PickleSlice, value: PickleValue)] = []
    /// Whether anything was put into it, also under other keys.
    var isEmpty = true
}

/// A tensor as a pickle describes it, with nothing checked that the file knows better.
struct PickledTensor {
    let storage: PickledStorage
    let elementType: Tensor.ElementType
    /// The element of the storage with which the tensor begins.
    let offset: Int
    let shape: PickleSlice
    let strides: PickleSlice
}

/// A run of elements in a file of its own within the archive.
struct PickledStorage {
    /// The name of that file.
    let key: PickleSlice
    /// Bytes of all elements.
    let byteCount: Int
    /// What an element is; nil where only its bytes are told.
    let elementType: Tensor.ElementType?
}
