import CKernels
import PenstockCompute
import PenstockTestSupport

/// A matrix product with strides, addresses and surroundings that are as odd as they may be.
struct Product {
    let precision: Precision
    let m: Int
    let n: Int
    /// Numbers, not units.
    let k: Int
    let aStride: Int
    let cStride: Int
    /// The stored numbers: `[m][k]` and `[k][n]`.
    let left: [Float]
    let right: [Float]
    let a: Buffer
    let b: Buffer
    let c: Buffer
    let rowScale: Buffer
    let rowZero: [Int32]
    let columnScale: Buffer
    let columnSum: [Int32]
    /// Whether rows have scales; those of bytes always do.
    var isScaled: Bool

    static let panel = Int(PENSTOCK_PANEL)

    /// A product of random numbers; of bytes, `extremes` takes only the smallest and the largest.
    init(
        _ precision: Precision, m: Int, n: Int, k: Int, scale: Float = 1, extremes: Bool = false,
        isScaled: Bool = false, _ random: inout SeededGenerator
    ) {
        func numbers(_ count: Int, _ bytes: ClosedRange<Int>) -> [Float] {
            switch precision {
            case .float32: return random.floats(count, scale: scale)
            case .bfloat16: return random.floats(count, scale: scale).map { Float(bFloat16: $0.nearestBFloat16) }
            case .int8:
                let ends = [bytes.lowerBound, bytes.upperBound]
                return (0..<count).map { _ in
                    Float(extremes ? random.pick(ends) : Int.random(in: bytes, using: &random))
                }
            }
        }
        let left = numbers(m * k, 0...255)
        let right = numbers(k * n, -127...127)
        (self.precision, self.m, self.n, self.k, self.left, self.right) = (precision, m, n, k, left, right)
        let units = precision.unitCount(k)
        aStride = units + Int.random(in: 0...3, using: &random)
        cStride = n + Int.random(in: 0...19, using: &random)
        a = Buffer(unwritten: m * aStride, offset: Int.random(in: 0...3, using: &random))
        b = Buffer(repeatElement(0, count: units * Self.panel), offset: Int.random(in: 0...3, using: &random))
        c = Buffer(unwritten: m * cStride, offset: Int.random(in: 0...3, using: &random))
        for unit in 0..<units {
            let range = unit * precision.numbers..<min(k, (unit + 1) * precision.numbers)
            // The numbers that are missing in a row's last unit are of no effect.
            let rest = numbers(precision.numbers - range.count, 0...255)
            for row in 0..<m {
                a.base[row * aStride + unit] = precision.unit(range.map { left[row * k + $0] } + rest)
            }
            for column in 0..<n {
                b.base[unit * Self.panel + column] = precision.unit(range.map { right[$0 * n + column] })
            }
        }
        self.isScaled = isScaled || precision == .int8
        rowScale = Buffer((0..<m).map { _ in Float.random(in: 0.001...0.1, using: &random) }, offset: 1)
        let ends: [Int32] = [0, 255]
        rowZero = (0..<m).map { _ in extremes ? random.pick(ends) : Int32.random(in: 0...255, using: &random) }
        columnScale = Buffer(
            (0..<Self.panel).map { $0 < n ? Float.random(in: 0.001...0.1, using: &random) : 0 }, offset: 2)
        columnSum = (0..<Self.panel).map { column in
            precision == .int8 && column < n ? (0..<k).reduce(0) { $0 + Int32(right[$1 * n + column]) } : 0
        }
    }

    /// Runs the product. `next` is what the panel says of the one behind it.
    func run(
        _ kernels: Kernels, _ epilogue: penstock_epilogue = penstock_epilogue(), next: UnsafeRawPointer? = nil,
        isFetched: Bool = false
    ) {
        let isBytes = precision == .int8
        var epilogue = epilogue
        rowZero.withUnsafeBufferPointer { zero in
            columnSum.withUnsafeBufferPointer { sum in
                var rows = penstock_rows(
                    units: a.base, stride: aStride, scale: isScaled ? UnsafePointer(rowScale.base) : nil,
                    zero: isBytes ? zero.baseAddress : nil)
                var panel = penstock_panel(
                    units: b.base, scale: isBytes ? UnsafePointer(columnScale.base) : nil,
                    sum: isBytes ? sum.baseAddress : nil, next: next, is_fetched: isFetched ? 1 : 0)
                kernels.table.pointee.matrix_product(
                    precision.code, m, n, precision.unitCount(k), &rows, &panel, c.base, cStride, &epilogue)
            }
        }
    }

    /// The result, of floats.
    var result: [Float] { (0..<m * n).map { c.base[$0 / n * cStride + $0 % n] } }

    /// The result, of bfloat16.
    var roundedResult: [UInt16] {
        let halves = UnsafeRawPointer(c.base).assumingMemoryBound(to: UInt16.self)
        return (0..<m * n).map { halves[2 * ($0 / n * cStride) + $0 % n] }
    }

    /// Whether only the first n columns of c were written.
    var isIntact: Bool {
        a.isIntact && b.isIntact && c.isIntact
            && (0..<c.count).allSatisfy { $0 % cStride < n || c.base[$0].bitPattern == Buffer.guardBits }
    }

    /// What the header promises of an element before the epilogue: fused multiply-adds over k in ascending order, or an
    /// exact sum, times the scales. Of bfloat16, the odd number of a unit comes first where instructions are put together.
    func definition(_ row: Int, _ column: Int) -> Float {
        let x = left[row * k..<(row + 1) * k]
        var sum: Float = 0
        switch precision {
        case .float32: for index in 0..<k { sum.addProduct(x[row * k + index], right[index * n + column]) }
        case .bfloat16:
            for index in stride(from: 0, to: k, by: 2) {
                if index + 1 < k { sum.addProduct(x[row * k + index + 1], right[(index + 1) * n + column]) }
                sum.addProduct(x[row * k + index], right[index * n + column])
            }
        case .int8:
            let zero = Int(rowZero[row])
            sum = Float((0..<k).reduce(0) { $0 + (Int(x[row * k + $1]) - zero) * Int(right[$1 * n + column]) })
        }
        return scaled(sum, row, column)
    }

    /// A sum times the scales of its row and column.
    func scaled(_ sum: Float, _ row: Int, _ column: Int) -> Float {
        guard isScaled else { return sum }
        return sum * ((precision == .int8 ? columnScale.base[column] : 1) * rowScale.base[row])
    }

    var definition: [Float] { (0..<m * n).map { definition($0 / n, $0 % n) } }

    /// The exact sum of the numbers as they are stored, but for double precision's own error, and that of the magnitudes.
    func exactSum(_ row: Int, _ column: Int) -> (sum: Double, magnitude: Double) {
        var (sum, magnitude) = (0.0, 0.0)
        for index in 0..<k {
            let term = Double(left[row * k + index]) * Double(right[index * n + column])
            sum += term
            magnitude += abs(term)
        }
        return (sum, magnitude)
    }
}

extension Product {
    /// What a table gives for the product without an epilogue.
    func sums(_ kernels: Kernels) -> [Float] {
        run(kernels)
        return result
    }
}

extension Precision {
    /// Whether a table's sums have the bits of the definition: instructions for bfloat16 round in a way of their own.
    func isDefined(by kernels: Kernels) -> Bool {
        self != .bfloat16 || kernels.table.pointee.has_bfloat16_dot == 0
    }

    /// A depth of a product, in numbers: any, or at an end of what kernels take at one time.
    func depth(_ random: inout SeededGenerator) -> Int {
        let units = random.pick([
            Int.random(in: 1...20, using: &random), Int.random(in: 1...900, using: &random), 95, 96, 97, 383, 384, 385,
            768, 769,
        ])
        return max(1, units * numbers - Int.random(in: 0..<numbers, using: &random))
    }
}
