import PenstockJSON

/// Files in the safetensors format, made in memory: correct ones, and with a header of one's own any wrong one.
package enum Safetensors {
    /// A tensor of a file.
    package struct Entry {
        let name: String
        let dtype: String
        let shape: [Int]
        let bytes: [UInt8]

        /// A tensor of any element type.
        package init(_ name: String, dtype: String, shape: [Int], bytes: [UInt8]) {
            (self.name, self.dtype, self.shape, self.bytes) = (name, dtype, shape, bytes)
        }

        /// A tensor of type F32.
        package init(_ name: String, shape: [Int], _ values: [Float]) {
            let bytes = values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
            self.init(name, dtype: "F32", shape: shape, bytes: bytes)
        }
    }

    /// A file of these tensors, one after the other.
    package static func file(_ entries: [Entry]) -> [UInt8] {
        var writer = JSONWriter()
        var end = 0
        writer.object {
            for entry in entries {
                $0.key(entry.name)
                $0.object {
                    $0.key("dtype")
                    $0.value(entry.dtype)
                    $0.key("shape")
                    $0.array { for extent in entry.shape { $0.value(extent) } }
                    $0.key("data_offsets")
                    $0.array {
                        $0.value(end)
                        $0.value(end + entry.bytes.count)
                    }
                }
                end += entry.bytes.count
            }
        }
        return file(header: writer.finish(), data: entries.flatMap(\.bytes))
    }

    /// A file of any header and data. The header's length is written in front unless another number is to stand there.
    package static func file(
        header: some Collection<UInt8>, length: UInt64? = nil, data: some Sequence<UInt8>
    ) -> [UInt8] {
        withUnsafeBytes(of: (length ?? UInt64(header.count)).littleEndian, Array.init) + header + data
    }
}
