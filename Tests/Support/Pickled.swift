/// Pickles and the files of `torch.save`, made in memory: correct ones, and wrong ones.
package enum Pickled {
    /// A pickle of protocol 2 with one value.
    package static func document(_ value: [UInt8]) -> [UInt8] { [0x80, 2] + value + ops(".") }

    /// Opcodes and arguments that are characters.
    package static func ops(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A text of fewer than 2³² bytes.
    package static func text(_ text: String) -> [UInt8] { ops("X") + little(text.utf8.count, 4) + Array(text.utf8) }

    /// An integer of eight bytes.
    package static func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + little(value, 8) }

    /// Something of Python by its name.
    package static func global(_ module: String, _ name: String) -> [UInt8] { ops("c\(module)\n\(name)\n") }

    /// A tuple of values.
    package static func tuple(_ values: [[UInt8]]) -> [UInt8] { ops("(") + values.joined() + ops("t") }

    /// A tuple of integers.
    package static func integers(_ values: [Int]) -> [UInt8] { tuple(values.map(integer)) }

    /// A dictionary with texts for keys.
    package static func dictionary(_ entries: [(String, [UInt8])]) -> [UInt8] {
        ops("}(") + entries.flatMap { text($0.0) + $0.1 } + ops("u")
    }

    /// A call of a function.
    package static func call(_ function: [UInt8], _ arguments: [[UInt8]]) -> [UInt8] {
        function + tuple(arguments) + ops("R")
    }

    /// A storage of elements of a class of `torch`.
    package static func storage(_ name: String, key: String = "0", count: Int) -> [UInt8] {
        tuple([text("storage"), global("torch", name), text(key), text("cpu"), integer(count)]) + ops("Q")
    }

    /// A tensor of a storage.
    package static func tensor(
        _ storage: [UInt8], offset: Int = 0, shape: [Int], strides: [Int]
    ) -> [UInt8] {
        let hooks = call(global("collections", "OrderedDict"), [])
        return call(
            global("torch._utils", "_rebuild_tensor_v2"),
            [storage, integer(offset), integers(shape), integers(strides), [0x89], hooks])
    }

    /// The zip file of a pickle and its storages, by their keys.
    package static func file(_ pickle: [UInt8], storages: [(String, [UInt8])] = []) -> [UInt8] {
        Zip.file(
            [Zip.Entry("model/data.pkl", pickle), Zip.Entry("model/byteorder", ops("little"))]
                + storages.map { Zip.Entry("model/data/\($0.0)", $0.1) })
    }

    /// The number in so many bytes, little-endian.
    package static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
