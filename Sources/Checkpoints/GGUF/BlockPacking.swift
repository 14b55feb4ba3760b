/// A way in which GGML packs numbers, as blocks of 32: their form, and how one is found in the bytes of a block of the file,
/// which may hold several.
struct BlockPacking: Sendable {
    /// Returns one of the blocks of 32 that the bytes of a block hold.
    typealias Unpack = @Sendable (_ bytes: UnsafeRawPointer, _ index: Int) -> NumberBlock

    let form: NumberBlock.Form
    let unpack: Unpack

    init(_ form: NumberBlock.Form, _ unpack: @escaping Unpack) { (self.form, self.unpack) = (form, unpack) }
}

extension UnsafeRawPointer {
    /// The byte at an offset.
    func uint8(at offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
    /// The signed byte at an offset.
    func int8(at offset: Int) -> Int8 { load(fromByteOffset: offset, as: Int8.self) }
    /// The little-endian number at an offset.
    func uint16(at offset: Int) -> UInt16 {
        UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
    /// The number of half precision at an offset.
    func half(at offset: Int) -> Float { Float(half: uint16(at: offset)) }
    /// The 16 bytes at an offset.
    func bytes(at offset: Int) -> SIMD16<UInt8> { loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self) }
}
