import CKernels
import Foundation
import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct ActivationTests {
    private static func activate(_ activation: Activation, _ values: [Float], _ kernels: Kernels) -> [Float] {
        let input = Buffer(values, offset: 1)
        let output = Buffer(unwritten: values.count, offset: 2)
        kernels.table.pointee.activate(values.count, input.base, activation.kernel, output.base)
        #expect(input.isIntact && output.isIntact)
        kernels.table.pointee.activate(values.count, input.base, activation.kernel, input.base)
        #expect(input.values.firstDifference(from: output.values) == nil, "in place")
        return output.values
    }

    static func exact(_ activation: Activation, _ x: Double) -> Double {
        func sigmoid(_ x: Double) -> Double { x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)) }
        switch activation {
        case .none: return x
        case .relu: return max(x, 0)
        case .gelu: return x / 2 * erfc(-x * 0.5.squareRoot())
        case .geluTanh: return x * sigmoid(2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))
        case .geluQuick: return x * sigmoid(1.702 * x)
        case .silu: return x * sigmoid(x)
        case .sigmoid: return sigmoid(x)
        case .tanh: return tanh(x)
        }
    }

    /// The error that elementary.inc.h allows.
    private static func bound(_ activation: Activation, _ x: Double) -> Double {
        let result = exact(activation, x)
        let ulp = max(Double(Float(result.magnitude).ulp), 0x1p-149)
        switch activation {
        case .none, .relu: return 0
        case .gelu: return abs(x) * 7e-8 + 2e-8
        case .geluTanh, .geluQuick, .silu: return abs(x) * 7e-8 + ulp
        case .sigmoid: return x < -87.3 ? 1.2e-38 : 3.5 * ulp
        case .tanh: return 1.5 * ulp
        }
    }

    /// A dense grid where the functions bend, and a coarse one over the exponents of all finite floats.
    static let inputs: [Float] =
        (-30 * 512...30 * 512).map { Float($0) / 512 }
        + stride(from: UInt32(0), to: 0x7F80_0000, by: 0x2_FFF1).flatMap {
            [Float(bitPattern: $0), -Float(bitPattern: $0)]
        }

    @Test(arguments: Kernels.available, Activation.allCases)
    func withinTheStatedBounds(kernels: Kernels, activation: Activation) {
        let found = Self.activate(activation, Self.inputs, kernels)
        let scalar = Self.activate(activation, Self.inputs, .scalar)
        #expect(found.firstDifference(from: scalar) == nil, "other bits than the scalar reference")
        var worst: (excess: Double, x: Float) = (0, 0)
        for (x, y) in zip(Self.inputs, found) {
            let error = abs(Double(y) - Self.exact(activation, Double(x)))
            let excess = error - Self.bound(activation, Double(x))
            if excess > worst.excess || excess.isNaN { worst = (excess, x) }
        }
        #expect(worst.excess == 0, "at \(worst.x)")
    }

    @Test(arguments: Kernels.available)
    func farFromZero(kernels: Kernels) {
        let huge = Float.greatestFiniteMagnitude
        let inputs: [Float] = [-huge, -100, -0.0, 0, 100, huge, .infinity]
        let expected: [Activation: [Float]] = [
            .none: inputs, .relu: [0, 0, 0, 0, 100, huge, .infinity],
            .geluTanh: [0, 0, 0, 0, 100, huge, .infinity], .geluQuick: [0, 0, 0, 0, 100, huge, .infinity],
            .silu: [0, 0, 0, 0, 100, huge, .infinity], .sigmoid: [0, 0, 0.5, 0.5, 1, 1, 1],
            .tanh: [-1, -1, 0, 0, 1, 1, 1],
        ]
        for (activation, expected) in expected {
            #expect(Self.activate(activation, inputs, kernels) == expected, "\(activation)")
        }
        let gelu = Self.activate(.gelu, inputs + [-.infinity], kernels)
        #expect(gelu[2...6] == [0, 0, 100, huge, .infinity])
        #expect([gelu[0], gelu[1], gelu[7]].allSatisfy { abs($0) <= 2e-8 })
        #expect(Self.activate(.sigmoid, [-.infinity], kernels) == [0])
        #expect(Self.activate(.tanh, [-.infinity], kernels) == [-1])
        #expect(Self.activate(.relu, [-.infinity], kernels) == [0])
    }

    @Test(arguments: Kernels.available, Activation.allCases)
    func notANumber(kernels: Kernels, activation: Activation) {
        let found = Self.activate(activation, [0.5, .nan, 0.5, -.nan], kernels)
        #expect(found.map(\.isNaN) == [false, true, false, true])
    }

    /// Each length runs into another mixture of whole and partial vectors.
    @Test(arguments: Kernels.available)
    func lengths(kernels: Kernels) {
        var random = SeededGenerator(seed: 1)
        for count in 0...70 {
            let values = random.floats(count, scale: 5)
            let found = Self.activate(.gelu, values, kernels)
            #expect(found.firstDifference(from: values.flatMap { Self.activate(.gelu, [$0], .scalar) }) == nil)
        }
    }

    @Test func names() {
        #expect(Activation.byName["gelu"] == .gelu && Activation.byName["gelu_new"] == .geluTanh)
        #expect(Set(Activation.byName.values) == Set(Activation.allCases))
    }
}
