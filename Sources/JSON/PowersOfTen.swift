/// The leading 128 bits of powers of ten, rounded up: g with 10^k = g·2^e for an integer e, but for the rounding.
struct PowersOfTen: Sendable {
    typealias Significand = (high: UInt64, low: UInt64)

    /// The powers that a double's shortest digits can need.
    static let all = PowersOfTen(-292...324)

    private let lowest: Int
    private let significands: [Significand]

    /// g of 10^exponent.
    subscript(exponent: Int) -> Significand { significands[exponent - lowest] }

    /// Steps down and up from 10^0 in 256 bits. What they cut off stays far below the 128 bits that are kept: the table
    /// was compared with exact arithmetic, and a test holds its sum.
    private init(_ exponents: ClosedRange<Int>) {
        lowest = exponents.lowerBound
        var down: [Significand] = []
        var power = Fraction.one
        for _ in 0 ..< -exponents.lowerBound {
            power.divideByTen()
            down.append(power.leading128BitsRoundedUp)
        }
        var up: [Significand] = []
        power = .one
        for _ in 0...exponents.upperBound {
            up.append(power.leading128BitsRoundedUp)
            power.multiplyByTen()
        }
        significands = down.reversed() + up
    }
}

/// A number of 256 significant bits whose exponent does not matter, the highest bit set.
private struct Fraction {
    /// The most significant word first.
    private var words: [UInt64]

    static let one = Fraction(words: [1 << 63, 0, 0, 0])

    var leading128BitsRoundedUp: PowersOfTen.Significand {
        guard words[2] | words[3] != 0 else { return (words[0], words[1]) }
        let (low, carries) = words[1].addingReportingOverflow(1)
        return (words[0] + (carries ? 1 : 0), low)
    }

    mutating func divideByTen() {
        // A word more than is kept, so that the shift back up finds bits to bring in.
        words.append(0)
        var remainder: UInt64 = 0
        for index in words.indices {
            (words[index], remainder) = UInt64(10).dividingFullWidth((remainder, words[index]))
        }
        shiftLeft(by: words[0].leadingZeroBitCount)
        words.removeLast()
    }

    mutating func multiplyByTen() {
        var carry: UInt64 = 0
        for index in words.indices.reversed() {
            let (high, low) = words[index].multipliedFullWidth(by: 10)
            let (sum, overflow) = low.addingReportingOverflow(carry)
            words[index] = sum
            carry = high + (overflow ? 1 : 0)
        }
        words.insert(carry, at: 0)
        shiftLeft(by: carry.leadingZeroBitCount)
        words.removeLast()
    }

    private mutating func shiftLeft(by count: Int) {
        for index in words.indices {
            let next = index + 1 < words.count ? words[index + 1] : 0
            words[index] = words[index] << count | next >> (64 - count)
        }
    }
}
