/// Where the elements of a tensor are in a storage: element `(i, j, …)` is number `offset + i·strides[0] + j·strides[1]
/// + …`.
struct StridedLayout: Sendable {
    let offset: Int
    let shape: [Int]
    let strides: [Int]

    /// The number of elements.
    let count: Int
    /// Elements that a storage has to have.
    let extent: Int

    /// PyTorch has no tensors of more axes.
    static let mostAxes = 64

    /// - Returns: nil if these are no numbers of a tensor, or numbers beyond all memory
    init?(offset: Int, shape: [Int], strides: [Int], elementSize: Int) {
        guard shape.count == strides.count, shape.count <= Self.mostAxes, offset >= 0,
            shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 })
        else { return nil }
        var (count, last) = (1, offset)
        for (extent, stride) in zip(shape, strides) {
            let (product, tooMany) = count.multipliedReportingOverflow(by: extent)
            let (distance, tooFar) = max(0, extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, beyond) = last.addingReportingOverflow(distance)
            guard !tooMany, !tooFar, !beyond, product <= Self.largestTensor / elementSize else { return nil }
            (count, last) = (product, sum)
        }
        guard last < Int.max else { return nil }
        (self.offset, self.shape, self.strides, self.count) = (offset, shape, strides, count)
        extent = count == 0 ? 0 : last + 1
    }

    /// Bytes beyond which a tensor is a lie: a view may repeat its elements.
    private static let largestTensor = 1 << 44

    /// Returns true if the elements lie in their order and with nothing between them.
    var isContiguous: Bool {
        guard count > 0 else { return true }
        var expected = 1
        for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
            guard stride == expected else { return false }
            expected *= extent
        }
        return true
    }

    /// The numbers that a range of elements has in the storage, in the order of the elements.
    func places(of elements: Range<Int>) -> [Int] {
        var index = [Int](repeating: 0, count: shape.count)
        var (place, rest) = (offset, elements.lowerBound)
        for axis in shape.indices.reversed() {
            (rest, index[axis]) = rest.quotientAndRemainder(dividingBy: shape[axis])
            place += index[axis] * strides[axis]
        }
        var places: [Int] = []
        places.reserveCapacity(elements.count)
        for _ in elements {
            places.append(place)
            for axis in shape.indices.reversed() {
                index[axis] += 1
                place += strides[axis]
                guard index[axis] == shape[axis] else { break }
                place -= shape[axis] * strides[axis]
                index[axis] = 0
            }
        }
        return places
    }
}
