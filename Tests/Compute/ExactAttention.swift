import Foundation
import PenstockCompute

/// Attention in double precision. What neither terms nor visibility change is computed once.
struct ExactAttention {
    private let shape: AttentionShape
    private let lengths: [Int]
    /// Queries, keys and values, side by side: `[tokens][3 × heads × headSize]`.
    private let numbers: [Double]
    /// q·kᵀ of each sequence and head, end to end: `[queries][keys]`.
    private let products: [Double]

    private var width: Int { shape.heads * shape.headSize }

    init(_ sample: AttentionSample) {
        (shape, lengths) = (sample.shape, sample.lengths)
        let numbers: [Double] = sample.rows.flatMap { $0.map { Double($0) } }
        self.numbers = numbers
        let (width, size) = (sample.width, sample.shape.headSize)
        var products: [Double] = []
        products.reserveCapacity(sample.lengths.reduce(0) { $0 + $1 * $1 } * sample.shape.heads)
        numbers.withUnsafeBufferPointer { numbers in
            var start = 0
            for length in sample.lengths {
                for head in 0..<sample.shape.heads {
                    for query in start..<start + length {
                        let queryPlace = query * 3 * width + head * size
                        for key in start..<start + length {
                            let keyPlace = key * 3 * width + width + head * size
                            var product = 0.0
                            for index in 0..<size {
                                product += numbers[queryPlace &+ index] * numbers[keyPlace &+ index]
                            }
                            products.append(product)
                        }
                    }
                }
                start += length
            }
        }
        self.products = products
    }

    /// softmax(scale·q·kᵀ)·v with the terms of a sample of the same numbers, over the keys that it sees, and the same of
    /// |v|.
    func results(of sample: AttentionSample) -> [(value: Double, magnitude: Double)] {
        let count = lengths.reduce(0, +) * width
        var values = [Double](repeating: 0, count: count)
        var magnitudes = [Double](repeating: 0, count: count)
        var weights = [Double](repeating: 0, count: lengths.max() ?? 0)
        values.withUnsafeMutableBufferPointer { values in
            magnitudes.withUnsafeMutableBufferPointer { magnitudes in
                weights.withUnsafeMutableBufferPointer { weights in
                    attend(sample, weights, values, magnitudes)
                }
            }
        }
        return zip(values, magnitudes).map { (value: $0, magnitude: $1) }
    }

    private func attend(
        _ sample: AttentionSample, _ weights: UnsafeMutableBufferPointer<Double>,
        _ values: UnsafeMutableBufferPointer<Double>, _ magnitudes: UnsafeMutableBufferPointer<Double>
    ) {
        var (start, place) = (0, 0)
        for length in lengths {
            for head in 0..<shape.heads {
                for query in 0..<length {
                    let seen = sample.keys(seenFrom: query, of: length)
                    makeWeights(sample, head, query, seen, productsAt: place, weights)
                    place += length
                    let output = (start + query) * width + head * shape.headSize
                    let column = start * 3 * width + 2 * width + head * shape.headSize
                    addValues(seen, from: column, weights, values, magnitudes, at: output)
                }
            }
            start += length
        }
    }

    /// The weights of one query, by key.
    private func makeWeights(
        _ sample: AttentionSample, _ head: Int, _ query: Int, _ seen: Range<Int>, productsAt place: Int,
        _ weights: UnsafeMutableBufferPointer<Double>
    ) {
        let scale = Double(shape.scale)
        var largest = -Double.infinity
        for key in seen {
            weights[key] = products[place + key] * scale + sample.addend(head, query, key)
            largest = max(largest, weights[key])
        }
        for key in seen { weights[key] = exp(weights[key] - largest) }
    }

    /// The mean of the values of the keys, by their weights. The value of key 0 lies at `column`.
    private func addValues(
        _ seen: Range<Int>, from column: Int, _ weights: UnsafeMutableBufferPointer<Double>,
        _ values: UnsafeMutableBufferPointer<Double>, _ magnitudes: UnsafeMutableBufferPointer<Double>, at output: Int
    ) {
        let (size, stride) = (shape.headSize, 3 * width)
        var sum = 0.0
        numbers.withUnsafeBufferPointer { numbers in
            for key in seen {
                let (weight, place) = (weights[key], column + key * stride)
                sum += weight
                for index in 0..<size {
                    let term = weight * numbers[place &+ index]
                    values[output &+ index] += term
                    magnitudes[output &+ index] += abs(term)
                }
            }
        }
        for index in output..<output + size {
            values[index] /= sum
            magnitudes[index] /= sum
        }
    }
}
