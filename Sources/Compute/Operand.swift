import CKernels

/// Rows as the left operand of a product.
struct Operand {
    /// `[rows][units]`
    let units: UnsafeMutablePointer<Float>
    /// The distance of two rows in units.
    let stride: Int
    /// A scale and a zero point for each row, if the numbers are bytes.
    let scales: UnsafeMutablePointer<Float>?
    let zeros: UnsafeMutablePointer<Int32>?

    init(
        units: UnsafeMutablePointer<Float>, stride: Int, scales: UnsafeMutablePointer<Float>? = nil,
        zeros: UnsafeMutablePointer<Int32>? = nil
    ) {
        (self.units, self.stride, self.scales, self.zeros) = (units, stride, scales, zeros)
    }

    /// Rows as they are.
    init(_ matrix: Matrix) { self.init(units: matrix.base, stride: matrix.stride) }

    /// The operand from a row on.
    func from(_ row: Int) -> penstock_rows {
        penstock_rows(
            units: units + row * stride, stride: stride, scale: scales.map { UnsafePointer($0 + row) },
            zero: zeros.map { UnsafePointer($0 + row) })
    }

    /// Rounds floats into a row.
    func round(_ row: Int, _ count: Int, _ x: UnsafePointer<Float>, to form: Linear.InputForm, _ kernels: Kernels) {
        let target = units + row * stride
        switch form {
        case .blocks: kernels.table.pointee.to_blocks(count, x, target)
        case .numbers(.float32): target.update(from: x, count: count)
        case .numbers(.bfloat16): kernels.table.pointee.to_bfloat16(count, x, target)
        case .numbers(.int8):
            guard let scales, let zeros else { preconditionFailure("bytes without a scale") }
            kernels.table.pointee.to_int8(count, x, target, scales + row, zeros + row)
        }
    }
}

/// Memory for the operand of one operation at a time. It grows to the largest that it was asked for.
final class OperandScratch {
    private var storage: UnitStorage?
    private(set) var capacity = 0

    /// Grows to so many units, if it has fewer.
    func reserve(_ units: Int) {
        _ = memory(units)
    }

    /// Memory for so many units. It is little, and part of what whoever loaded a model left to spare.
    private func memory(_ units: Int) -> UnsafeMutablePointer<Float> {
        if let storage, units <= capacity { return storage.base }
        do {
            let grown = try UnitStorage(count: units, leaving: 0)
            (storage, capacity) = (grown, units)
            return grown.base
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Room for so many rows in a form and, if they are of bytes, a scale and a zero point for each.
    func operand(rows: Int, columns: Int, _ form: Linear.InputForm) -> Operand {
        let units =
            switch form {
            case .numbers(let precision): precision.units(columns)
            case .blocks: BlockForm.count(columns) * Int(PENSTOCK_ROW_UNITS)
            }
        // A stride that is a multiple of the page size would put all rows into the same few lines of a cache.
        let stride = (units + 15) / 16 * 16 + 16
        let base = memory(rows * (stride + 2))
        guard form == .numbers(.int8) else { return Operand(units: base, stride: stride) }
        let scales = base + rows * stride
        return Operand(
            units: base, stride: stride, scales: scales,
            zeros: UnsafeMutableRawPointer(scales + rows).bindMemory(to: Int32.self, capacity: rows))
    }
}
