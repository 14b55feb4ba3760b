import PenstockPipelines
import PenstockTestSupport
import Testing

@Suite struct HalfPrecisionTests {
    /// The bits of all positive finite numbers: they ascend with them.
    private static let finite: ClosedRange<UInt16> = 0...0x7BFF

    @Test func everyNumberIsItself() {
        var last: Float = -1
        for bits in Self.finite {
            let number = HalfPrecision.number(bits)
            #expect(number > last && HalfPrecision.bits(nearestTo: number) == bits)
            #expect(HalfPrecision.bits(nearestTo: -number) == bits | 0x8000)
            #expect(HalfPrecision.number(bits | 0x8000) == -number)
            last = number
        }
    }

    @Test func betweenTwoTheNearerIsTakenAndOfEquallyNearOnesTheEven() {
        for bits in Self.finite.dropLast() {
            let (low, high) = (HalfPrecision.number(bits), HalfPrecision.number(bits + 1))
            let middle = low + (high - low) / 2
            #expect(HalfPrecision.bits(nearestTo: middle) == (bits.isMultiple(of: 2) ? bits : bits + 1))
            #expect(HalfPrecision.bits(nearestTo: middle.nextDown) == bits)
            #expect(HalfPrecision.bits(nearestTo: middle.nextUp) == bits + 1)
        }
    }

    /// As `numpy.float16` has them.
    @Test(arguments: [
        (Float(1), UInt16(0x3C00)), (0.1, 0x2E66), (-2, 0xC000), (65504, 0x7BFF), (65519.996, 0x7BFF), (0x1p-24, 1),
        (0x1p-25, 0), (0x1.8p-25, 1), (-0.0, 0x8000), (.leastNonzeroMagnitude, 0),
    ])
    func someNumbers(number: Float, bits: UInt16) { #expect(HalfPrecision.bits(nearestTo: number) == bits) }

    @Test(arguments: [65520, -65520, Float.greatestFiniteMagnitude, .infinity, .nan])
    func whatIsTooLarge(number: Float) { #expect(HalfPrecision.bits(nearestTo: number) == nil) }
}
