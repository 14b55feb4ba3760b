extension PickleMachine {
    /// Makes what a call would return.
    mutating func call(_ callee: PickleValue, _ arguments: PickleValue) throws(CheckpointError) -> PickleValue {
        guard case .global(let global) = callee, case .tuple(let slice) = arguments else {
            throw malformed("a call of what is no function")
        }
        return try call(global, elements[slice.range])
    }

    private mutating func call(
        _ global: PickleGlobal, _ arguments: ArraySlice<PickleValue>
    ) throws(CheckpointError) -> PickleValue {
        switch global {
        case .orderedDict:
            guard arguments.isEmpty else { throw malformed("an OrderedDict with arguments") }
            return try newDictionary()
        case .size:
            guard arguments.count == 1, case .tuple(let extents)? = arguments.first else { break }
            return .tuple(extents)
        case .rebuildParameter:
            guard case .tensor(let number)? = arguments.first else { break }
            return .tensor(number)
        case .rebuildTensor(let count, let isTyped):
            return try newTensor(tensor(Array(arguments.prefix(8)), atLeast: count, isTyped: isTyped))
        case .rebuildFromType:
            guard case .global(let function)? = arguments.first, case .tuple(let slice)? = arguments.dropFirst(2).first
            else { break }
            // Only what makes a tensor: a call cannot name itself as what it calls.
            if case .rebuildFromType = function { break }
            return try call(function, elements[slice.range])
        case .tensorClass, .storage, .type: break
        }
        throw malformed("a call with the wrong arguments")
    }

    /// The storage that a persistent id names: `("storage", class, key, location, number of elements)`.
    func storageName(_ id: PickleValue) throws(CheckpointError) -> PickleSlice {
        guard case .tuple(let slice) = id, slice.range.count == 5 else {
            throw malformed("an id of what is no storage")
        }
        return slice
    }

    private func storage(_ slice: PickleSlice) throws(CheckpointError) -> PickledStorage {
        let parts = Array(elements[slice.range])
        guard parts.count == 5, case .text(let kind) = parts[0], try text(kind) == "storage",
            case .global(.storage(let elementType)) = parts[1], case .text(let key) = parts[2],
            case .integer(let count) = parts[4], count >= 0
        else { throw malformed("a storage that is none") }
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: elementType?.size ?? 1)
        guard !overflow else { throw malformed("a storage beyond all memory") }
        return PickledStorage(key: key, byteCount: byteCount, elementType: elementType)
    }

    /// The tensor of the arguments storage, offset, shape and strides; then, of which only what would change numbers
    /// counts, a flag, hooks, the type of an element where the storage has none, and metadata.
    private func tensor(
        _ arguments: [PickleValue], atLeast count: Int, isTyped: Bool
    ) throws(CheckpointError) -> PickledTensor {
        guard arguments.count >= count, case .storage(let slice) = arguments[0],
            case .integer(let offset) = arguments[1],
            case .tuple(let shape) = arguments[2], case .tuple(let strides) = arguments[3]
        else { throw malformed("a tensor with the wrong arguments") }
        if arguments.count > count, case .dictionary(let number) = arguments[count], !dictionaries[number].isEmpty {
            throw malformed("a tensor that is the negative or the conjugate of what is stored; save a copy of it")
        }
        let storage = try storage(slice)
        var elementType = storage.elementType
        if isTyped {
            guard case .global(.type(let type)) = arguments[6] else { throw malformed("a tensor of an unknown type") }
            elementType = type
        }
        guard let elementType else { throw malformed("a tensor of no type") }
        return PickledTensor(storage: storage, elementType: elementType, offset: offset, shape: shape, strides: strides)
    }
}
