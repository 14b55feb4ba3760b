import PenstockFiles
import PenstockJSON

/// A file of `torch.save` since PyTorch 1.6: a zip with a pickle of the tensors' names and shapes, and an entry for the
/// bytes of each storage.
///
/// Nothing of it is believed, and none of it is run: the pickle may name tensors and what belongs to them, and each
/// tensor lies within its storage, which has exactly the bytes that the pickle says.
package struct PyTorchFile {
    /// The tensors in the order of the pickle.
    package let tensors: [Tensor]

    /// Bytes of the longest pickle: that of some 100,000 tensors.
    private static let largestPickle = 16 << 20
    private static let mostTensors = 1 << 17
    /// Bytes of the longest name of a tensor: many entries may name one text, and messages have the names.
    private static let longestName = 1 << 12

    /// Opens the file and reads its pickle.
    package init(path: String) throws(CheckpointError) {
        let archive = try PyTorchArchive(path: path)
        guard try archive.range(of: "constants.pkl".utf8) == nil else {
            throw archive.malformed("is a TorchScript program; save the `state_dict()` of the model")
        }
        try Self.requireLittleEndian(archive)
        guard let pickle = try archive.range(of: "data.pkl".utf8) else {
            throw archive.malformed("has no data.pkl; it is no file of `torch.save`")
        }
        guard pickle.count <= Self.largestPickle else {
            throw archive.malformed(
                "has a data.pkl of \(pickle.count) bytes; more than \(Self.largestPickle) are not read")
        }
        tensors = try CheckpointFile.withBytes(of: archive.file, pickle) { (bytes) throws(CheckpointError) in
            var machine = PickleMachine(ByteCursor(bytes, of: path, part: "data.pkl"))
            let dictionary = try machine.run()
            return try Self.tensors(of: machine.dictionaries[dictionary], machine, in: archive)
        }
    }

    private static func requireLittleEndian(_ archive: PyTorchArchive) throws(CheckpointError) {
        guard let range = try archive.range(of: "byteorder".utf8) else { return }
        let order = try CheckpointFile.withBytes(of: archive.file, range.prefix(10)) { Array($0) }
        guard order.elementsEqual("little".utf8) else {
            throw archive.malformed(
                "has the byteorder \(JSONValue.string(String(decoding: order, as: UTF8.self)).excerpt), "
                    + "but has to be little; save it again on a machine of today")
        }
    }

    /// The tensors of the dictionary that the pickle is. Its other entries are no weights.
    private static func tensors(
        of dictionary: PickleDictionary, _ machine: PickleMachine, in archive: PyTorchArchive
    ) throws(CheckpointError) -> [Tensor] {
        var tensors: [Tensor] = []
        var names = Set<[UInt8]>()
        var storages: [PickleSlice: Range<Int>] = [:]
        for (key, value) in dictionary.entries {
            guard case .tensor(let number) = value else { continue }
            guard key.range.count <= longestName else {
                throw archive.malformed("has a tensor whose name has more than \(longestName) bytes")
            }
            let name = try machine.text(key)
            guard names.insert(Array(name.utf8)).inserted else {
                throw archive.malformed("tensor \(name) is there twice")
            }
            guard tensors.count < mostTensors else { throw archive.malformed("has more than \(mostTensors) tensors") }
            let pickled = machine.tensors[number]
            let storage = pickled.storage.key
            if storages[storage] == nil { storages[storage] = try range(of: storage, machine, in: archive) }
            tensors.append(try tensor(name, pickled, machine, at: storages[storage], in: archive))
        }
        guard !tensors.isEmpty || dictionary.isEmpty else { throw noTensors(dictionary, machine, in: archive) }
        return tensors
    }

    /// The bytes of the file that a storage is; nil if it is not there.
    private static func range(
        of storage: PickleSlice, _ machine: PickleMachine, in archive: PyTorchArchive
    ) throws(CheckpointError) -> Range<Int>? {
        guard storage.range.count <= longestName else {
            throw archive.malformed("has a storage whose name has more than \(longestName) bytes")
        }
        return try archive.range(of: Array("data/".utf8) + machine.cursor.bytes[storage.range])
    }

    private static func tensor(
        _ name: String, _ pickled: PickledTensor, _ machine: PickleMachine, at range: Range<Int>?,
        in archive: PyTorchArchive
    ) throws(CheckpointError) -> Tensor {
        let size = pickled.elementType.size
        guard let shape = machine.integers(pickled.shape), let strides = machine.integers(pickled.strides),
            let layout = StridedLayout(offset: pickled.offset, shape: shape, strides: strides, elementSize: size)
        else { throw archive.malformed("tensor \(name) has a shape, strides or an offset that are none") }
        guard let range else {
            let key = try machine.text(pickled.storage.key)
            throw archive.malformed("tensor \(name) lies in data/\(key), which is not there")
        }
        guard range.count == pickled.storage.byteCount else {
            let key = try machine.text(pickled.storage.key)
            throw archive.malformed(
                "data/\(key) has \(range.count) bytes, but tensor \(name) needs \(pickled.storage.byteCount) there")
        }
        guard layout.extent <= range.count / size else {
            let key = try machine.text(pickled.storage.key)
            throw archive.malformed(
                "tensor \(name) ends at element \(layout.extent) of data/\(key), which has \(range.count / size)")
        }
        let source: any TensorSource
        if layout.isContiguous {
            let start = range.lowerBound + (layout.count == 0 ? 0 : layout.offset * size)
            source = FileRange(input: archive.file, range: start..<start + layout.count * size)
        } else {
            source = StridedElements(input: archive.file, storage: range, layout: layout, elementSize: size)
        }
        return Tensor(name: name, elementType: pickled.elementType, shape: shape, source: source)
    }

    /// The error of a dictionary of other things, as trainers save them.
    private static func noTensors(
        _ dictionary: PickleDictionary, _ machine: PickleMachine, in archive: PyTorchArchive
    ) -> CheckpointError {
        for (key, value) in dictionary.entries {
            if case .dictionary = value, let name = try? machine.text(key) {
                return archive.malformed(
                    "has no tensors at its top, where `transformers` looks for them; save what is under "
                        + "\(JSONValue.string(name).excerpt) alone")
            }
        }
        return archive.malformed("has no tensors")
    }
}

extension PickleMachine {
    /// The integers of a tuple; nil if it holds something else, or more than a tensor has axes.
    fileprivate func integers(_ slice: PickleSlice) -> [Int]? {
        guard slice.range.count <= StridedLayout.mostAxes else { return nil }
        var integers: [Int] = []
        for value in elements[slice.range] {
            guard case .integer(let integer) = value else { return nil }
            integers.append(integer)
        }
        return integers
    }
}
