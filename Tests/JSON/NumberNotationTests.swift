import PenstockJSON
import PenstockTestSupport
import Testing

/// Numbers as Python's `repr` writes them.
@Suite struct NumberNotationTests {
    private static func text(_ double: Double) -> String {
        var writer = JSONWriter()
        writer.value(double)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    /// Bit patterns and what Python 3 prints for them.
    static let reprs: [(bits: UInt64, text: String)] = [
        (0x3FF0_0000_0000_0000, "1.0"),
        (0x3FB9_9999_9999_999A, "0.1"),
        (0x3FB9_9999_A000_0000, "0.10000000149011612"),
        (0x3F0B_07DB_8000_0000, "5.155695544090122e-05"),
        (0x4341_C379_37E0_8000, "1e+16"),
        (0x4341_C379_37E0_7FFF, "9999999999999998.0"),
        (0x4340_0000_0000_0000, "9007199254740992.0"),
        (0x3EE4_F8B5_88E3_68F1, "1e-05"),
        (0x3F1A_36E2_EB1C_432D, "0.0001"),
        (0x3F20_2E4B_6CE5_DC68, "0.00012345"),
        (0x3F1A_36E2_BF21_436A, "9.999999e-05"),
        (0x437B_69B4_BA63_0F35, "1.2345678901234568e+17"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
        (0x0010_0000_0000_0000, "2.2250738585072014e-308"),
        (0x8000_0000_0000_0000, "-0.0"),
        (0x0000_0000_0000_0000, "0.0"),
        (0x4480_F0CF_064D_D592, "1e+22"),
        (0x44B5_2D02_C7E1_4AF6, "1e+23"),
        (0x54B2_49AD_2594_C37D, "1e+100"),
        (0x2B2B_FF2E_E48E_0530, "1e-100"),
        (0x430C_6BF5_2634_0000, "1000000000000000.0"),
        (0x4311_8B54_F22A_EB03, "1234567890123456.8"),
        (0x40C8_1CD6_C8B4_3958, "12345.678"),
        (0xC004_0000_0000_0000, "-2.5"),
        (0x4059_0000_0000_0000, "100.0"),
        (0x4008_0000_0000_0000, "3.0"),
        (0x3FD3_3333_3333_3333, "0.3"),
        (0x3FD3_3333_3333_3334, "0.30000000000000004"),
        (0x3FD5_5555_5555_5555, "0.3333333333333333"),
        (0x3FE5_5555_5555_5555, "0.6666666666666666"),
        (0x3FD5_5555_6000_0000, "0.3333333432674408"),
        (0x47EF_FFFF_E000_0000, "3.4028234663852886e+38"),
        (0x36A0_0000_0000_0000, "1.401298464324817e-45"),
        (0x3810_0000_0000_0000, "1.1754943508222875e-38"),
        (0x4330_0000_0000_0002, "4503599627370498.0"),
        (0x444B_1AE4_D6E2_EF50, "1e+21"),
        (0x7E41_EB2D_6600_5835, "1.5e+300"),
        (0x81B0_1297_D23A_B683, "-1.5e-300"),
        (0x40FE_2400_0000_0000, "123456.0"),
        (0x3F50_624D_D2F1_A9FC, "0.001"),
        (0x3EB0_0000_0000_0000, "9.5367431640625e-07"),
        (0x7FE0_0000_0000_0000, "8.98846567431158e+307"),
        (0x43E0_0000_0000_0000, "9.223372036854776e+18"),
        (0x0000_0000_0000_0003, "1.5e-323"),
        (0x4370_0000_0000_0000, "7.205759403792794e+16"),
        (0x3F0A_36E2_EB1C_432D, "5e-05"),
    ]

    @Test(arguments: reprs)
    func likePython(bits: UInt64, text: String) {
        #expect(Self.text(Double(bitPattern: bits)) == text)
    }

    @Test func integers() {
        for integer in [0, -1, 10, Int.max, Int.min] {
            var writer = JSONWriter()
            writer.value(integer)
            #expect(String(decoding: writer.finish(), as: UTF8.self) == "\(integer)")
        }
    }

    /// Which numbers of a seed to write.
    enum Sample: CaseIterable {
        case anyDouble, anyFloat, probability

        func number(_ bits: UInt64) -> Double {
            switch self {
            case .anyDouble: Double(bitPattern: bits)
            case .anyFloat: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
            case .probability: Double(bits >> 40) * 0x1p-24
            }
        }

        /// FNV-1a over `repr(x) + "\n"` of the first 50,000 finite numbers of seed 1, as Python 3 computes it.
        var hashInPython: UInt64 {
            switch self {
            case .anyDouble: 0xAF3C_8B25_AAB9_00FB
            case .anyFloat: 0x1A91_8A25_A823_96C4
            case .probability: 0xB0A1_2F65_80DC_045A
            }
        }
    }

    @Test(arguments: Sample.allCases)
    func manyLikePython(sample: Sample) throws {
        var random = SeededGenerator(seed: 1)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var count = 0
        while count < 50_000 {
            let number = sample.number(random.next())
            guard number.isFinite else { continue }
            count += 1
            let text = Self.text(number)
            for byte in "\(text)\n".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            let read = try JSONValue(parsing: text.utf8)
            guard case .double(let double) = read, double.bitPattern == number.bitPattern else {
                Issue.record("\(text) reads as \(read)")
                return
            }
        }
        #expect(hash == sample.hashInPython)
    }
}
