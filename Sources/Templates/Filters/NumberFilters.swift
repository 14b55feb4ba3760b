extension Filter {
    static let numberFilters: [String: Filter] = [
        "abs": Filter { renderer, value, _ throws(TemplateError) in
            if case .double(let double) = value { return .double(double.magnitude) }
            guard let integer = value.integer else { throw renderer.impossible("abs()", value) }
            return integer < 0 ? try renderer.negated(value) : .integer(integer)
        },
        "int": Filter(["default", "base"]) { _, value, given throws(TemplateError) in
            let base: Int = try given[1]?.argument("base") ?? 10
            guard base == 0 || (2...36).contains(base) else {
                throw TemplateError(.evaluation, "int() base must be >= 2 and <= 36, or 0")
            }
            let missing = given[0] ?? .integer(0)
            switch value {
            case .undefined(let undefined): throw TemplateError(.undefined, undefined.message)
            case .bool, .integer: return .integer(value.integer ?? 0)
            case .double(let double): return try integer(double) ?? missing
            case .text(let text):
                let (number, isNumber) = NumberText.integer(text, radix: base)
                if let number { return .integer(number) }
                guard !isNumber else { throw Renderer.overflow }
                return try NumberText.double(text).flatMap { double throws(TemplateError) in try integer(double) }
                    ?? missing
            default: return missing
            }
        },
        "float": Filter(["default"]) { _, value, given throws(TemplateError) in
            if case .undefined(let undefined) = value { throw TemplateError(.undefined, undefined.message) }
            let number = value.double ?? value.text.flatMap(NumberText.double)
            return number.map(Value.double) ?? given[0] ?? .double(0)
        },
        "round": Filter(["precision", "method"]) { renderer, value, given throws(TemplateError) in
            let precision: Int = try given[0]?.argument("precision") ?? 0
            let method = given[1]?.text?.string ?? "common"
            guard ["common", "ceil", "floor"].contains(method) else {
                throw TemplateError(.evaluation, "method must be common, ceil or floor")
            }
            guard (-300...300).contains(precision) else {
                throw TemplateError(.limit, "a precision is larger than 300")
            }
            guard let number = value.double else { throw renderer.impossible("round()", value) }
            if method == "common" {
                guard let integer = value.integer else {
                    return .double(NumberText.rounded(number, digits: precision))
                }
                return .integer(try rounded(integer, digits: precision))
            }
            let power = try renderer.combine(.integer(10), .power, .integer(precision))
            guard let scaled = try renderer.combine(value, .multiply, power).double else { return value }
            guard scaled.isFinite else { throw TemplateError(.evaluation, "cannot convert float to integer") }
            let whole = scaled.rounded(method == "ceil" ? .up : .down) + 0
            return try renderer.combine(.double(whole), .divide, power)
        },
        "sum": Filter(["attribute", "start"]) { renderer, value, given throws(TemplateError) in
            let path = renderer.path(given[0])
            var sum = given[1] ?? .integer(0)
            if sum.text != nil { throw TemplateError(.evaluation, "sum() can't sum strings") }
            for element in try renderer.elements(of: value) {
                try renderer.charge(16)
                sum = try renderer.combine(sum, .add, renderer.value(at: path, of: element))
            }
            return sum
        },
        "filesizeformat": Filter(["binary"]) { _, value, given throws(TemplateError) in
            guard let bytes = value.double ?? value.text.flatMap(NumberText.double) else {
                throw TemplateError(.evaluation, "'filesizeformat' needs a number")
            }
            return .text(fileSize(bytes, isBinary: given[0]?.isTrue ?? false))
        },
    ]

    /// The integer part, or nil if the number has none.
    private static func integer(_ double: Double) throws(TemplateError) -> Value? {
        guard double.isFinite else { return nil }
        guard let integer = Int(exactly: double.rounded(.towardZero)) else { throw Renderer.overflow }
        return .integer(integer)
    }

    /// An integer rounded to tens, hundreds, …, halves to even.
    private static func rounded(_ integer: Int, digits: Int) throws(TemplateError) -> Int {
        guard digits < 0 else { return integer }
        guard digits > -19 else { return 0 }
        let unit = (0 ..< -digits).reduce(1) { power, _ in power * 10 }
        let (quotient, remainder) = integer.quotientAndRemainder(dividingBy: unit)
        let twice = remainder.magnitude * 2
        let isUp = twice > unit.magnitude || (twice == unit.magnitude && !quotient.isMultiple(of: 2))
        let (result, overflow) = (quotient + (isUp ? integer.signum() : 0)).multipliedReportingOverflow(by: unit)
        guard !overflow else { throw Renderer.overflow }
        return result
    }

    private static func fileSize(_ bytes: Double, isBinary: Bool) -> String {
        let base: Double = isBinary ? 1024 : 1000
        if bytes == 1 { return "1 Byte" }
        if bytes < base { return "\(Int(exactly: bytes.rounded(.towardZero)) ?? 0) Bytes" }
        let prefixes = ["k", "M", "G", "T", "P", "E", "Z", "Y"]
        var unit = base
        for (index, prefix) in prefixes.enumerated() {
            unit *= base
            if bytes < unit || index == prefixes.count - 1 {
                let number = NumberText.digits(base * bytes / unit, "f", precision: 1)
                return "\(number) \(isBinary ? prefix.uppercased() + "i" : prefix)B"
            }
        }
        return ""
    }
}
