/// The header of an array in NumPy's format, version 1.0, of rows of numbers in C order
/// (numpy/lib/format.py): always as long, so that it can be written again when there are more rows.
struct NPYHeader: Equatable {
    /// A type in which a number is stored.
    enum Element: String, CaseIterable {
        case float32 = "<f4"
        case float16 = "<f2"
        case int8 = "|i1"
        case uint8 = "|u1"

        /// Bytes of a number.
        var bytes: Int {
            switch self {
            case .float32: 4
            case .float16: 2
            case .int8, .uint8: 1
            }
        }

        /// The bytes of "no number"; nil where there is none.
        var notANumber: [UInt8]? {
            switch self {
            case .float32: [0, 0, 0xC0, 0x7F]
            case .float16: [0, 0x7E]
            case .int8, .uint8: nil
            }
        }
    }

    let element: Element
    var rows: Int
    let columns: Int

    /// Bytes of the header.
    static let size = 128
    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]

    init(_ element: Element, rows: Int, columns: Int) {
        (self.element, self.rows, self.columns) = (element, rows, columns)
    }

    /// Reads a header as ``bytes`` are; nil for anything else.
    init?(_ bytes: [UInt8]) {
        let numbers = String(decoding: bytes, as: UTF8.self).split { !$0.isNumber || !$0.isASCII }.suffix(2)
        guard bytes.count == Self.size, numbers.count == 2, let rows = numbers.first.flatMap({ Int($0) }),
            let columns = numbers.last.flatMap({ Int($0) }),
            let element = Element.allCases.first(where: {
                NPYHeader($0, rows: rows, columns: columns).bytes == bytes
            })
        else { return nil }
        self.init(element, rows: rows, columns: columns)
    }

    /// Bytes of a row.
    var rowBytes: Int { element.bytes * columns }

    /// The bytes of the header.
    var bytes: [UInt8] {
        let text = "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
        let length = Self.size - Self.magic.count - 2
        let space = String(repeating: " ", count: max(0, length - 1 - text.utf8.count))
        return Self.magic + [UInt8(length), 0] + Array((text + space + "\n").utf8)
    }
}
