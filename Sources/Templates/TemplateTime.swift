/// A moment on the calendar and the clock of a time zone, which templates write by `strftime_now`.
public struct TemplateTime: Sendable, Equatable {
    /// Seconds since the beginning of 1970 in the zone, as if it were Greenwich's.
    private let seconds: Int
    private let offset: Int
    private let zone: String

    /// A moment.
    ///
    /// - Parameters:
    ///   - seconds: since the beginning of 1970 in Greenwich
    ///   - offset: of the time zone from Greenwich, in seconds, positive in the east
    ///   - zone: the abbreviation of the time zone
    public init(secondsSince1970 seconds: Int, offset: Int = 0, zone: String = "UTC") {
        // Some 30 million years are enough, and nothing overflows.
        let bounded = min(max(seconds, -1 << 50), 1 << 50)
        let offset = min(max(offset, -86_400), 86_400)
        self.seconds = bounded + offset
        self.offset = offset
        self.zone = zone
    }

    private var days: Int { (seconds - secondOfDay) / 86_400 }
    private var secondOfDay: Int { ((seconds % 86_400) + 86_400) % 86_400 }
    private var hour: Int { secondOfDay / 3600 }
    private var minute: Int { secondOfDay / 60 % 60 }
    private var second: Int { secondOfDay % 60 }
    /// From Sunday, 0.
    private var weekday: Int { ((days + 4) % 7 + 7) % 7 }

    /// The date in the Gregorian calendar, by eras of 400 years that begin in March (H. Hinnant, "chrono-compatible
    /// low-level date algorithms", 2013).
    private var date: (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let isNextYear = month >= 10
        return (yearOfEra + era * 400 + (isNextYear ? 1 : 0), isNextYear ? month - 9 : month + 3, day)
    }

    private var isLeapYear: Bool {
        let year = date.year
        return year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    /// The day of the year, from 1.
    private var dayOfYear: Int {
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
        let (_, month, day) = date
        return before[month - 1] + day + (month > 2 && isLeapYear ? 1 : 0)
    }

    /// The week of ISO 8601 and its year.
    private var isoWeek: (year: Int, week: Int) {
        let weekdayFromMonday = (weekday + 6) % 7
        let year = date.year
        let week = (dayOfYear - 1 - weekdayFromMonday + 10) / 7
        if week < 1 { return (year - 1, Self.isoWeeks(year - 1)) }
        return week > Self.isoWeeks(year) ? (year + 1, 1) : (year, week)
    }

    /// The number of ISO weeks of a year: 53 if it begins or ends on a Thursday.
    private static func isoWeeks(_ year: Int) -> Int {
        func lastWeekday(_ year: Int) -> Int {
            func floor(_ divisor: Int) -> Int { year >= 0 ? year / divisor : (year - divisor + 1) / divisor }
            return (((year + floor(4) - floor(100) + floor(400)) % 7) + 7) % 7
        }
        return lastWeekday(year) == 4 || lastWeekday(year - 1) == 3 ? 53 : 52
    }

    // MARK: Formats

    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// The moment in a format of C's `strftime`, in the language of the locale C.
    func formatted(_ format: String) -> String {
        var result = ""
        var rest = format.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            var padding: Unicode.Scalar?
            if let flag = rest.first, "-_0^#".unicodeScalars.contains(flag) { padding = rest.popFirst() }
            guard let conversion = rest.popFirst() else {
                result += "%" + (padding.map(String.init) ?? "")
                break
            }
            if let text = text(conversion, padding) {
                result += padding == "^" ? text.uppercased() : text
            } else {
                result += "%" + (padding.map(String.init) ?? "") + String(conversion)
            }
        }
        return result
    }

    private func text(_ conversion: Unicode.Scalar, _ flag: Unicode.Scalar?) -> String? {
        let (year, month, day) = date
        func number(_ value: Int, _ width: Int, _ padding: Unicode.Scalar = "0") -> String {
            if flag == "-" { return String(value) }
            let filling = flag == "_" ? " " : flag == "0" ? "0" : padding
            let digits = String(value.magnitude)
            let zeros = String(repeating: String(filling), count: max(0, width - digits.count))
            return (value < 0 ? "-" : "") + zeros + digits
        }
        switch conversion {
        case "a": return String(Self.weekdays[weekday].prefix(3))
        case "A": return Self.weekdays[weekday]
        case "b", "h": return String(Self.months[month - 1].prefix(3))
        case "B": return Self.months[month - 1]
        case "c": return formatted("%a %b %e %H:%M:%S %Y")
        case "C": return number(year / 100, 2)
        case "d": return number(day, 2)
        case "D", "x": return formatted("%m/%d/%y")
        case "e": return number(day, 2, " ")
        case "f": return "000000"
        case "F": return formatted("%Y-%m-%d")
        case "G": return number(isoWeek.year, 1)
        case "g": return number(isoWeek.year % 100, 2)
        case "H": return number(hour, 2)
        case "I": return number((hour + 11) % 12 + 1, 2)
        case "j": return number(dayOfYear, 3)
        case "k": return number(hour, 2, " ")
        case "l": return number((hour + 11) % 12 + 1, 2, " ")
        case "m": return number(month, 2)
        case "M": return number(minute, 2)
        case "n": return "\n"
        case "p": return hour < 12 ? "AM" : "PM"
        case "r": return formatted("%I:%M:%S %p")
        case "R": return formatted("%H:%M")
        case "s": return String(seconds - offset)
        case "S": return number(second, 2)
        case "t": return "\t"
        case "T", "X": return formatted("%H:%M:%S")
        case "u": return String((weekday + 6) % 7 + 1)
        case "U": return number((dayOfYear - 1 + 7 - weekday) / 7, 2)
        case "V": return number(isoWeek.week, 2)
        case "w": return String(weekday)
        case "W": return number((dayOfYear - 1 + 7 - (weekday + 6) % 7) / 7, 2)
        case "y": return number(((year % 100) + 100) % 100, 2)
        case "Y": return number(year, 1)
        // The moment of `datetime.now()` knows no zone.
        case "z", "Z": return ""
        case "%": return "%"
        default: return nil
        }
    }
}
