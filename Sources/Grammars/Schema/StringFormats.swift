/// The formats of strings that are supported, as regular expressions.
enum StringFormats {
    /// The expression of a format; nil for one that is not supported.
    static func pattern(_ name: String) -> String? { patterns[name] }

    /// The names of the formats, for messages.
    static let names = patterns.keys.sorted().joined(separator: ", ")

    private static let patterns: [String: String] = [
        "date": date, "time": time, "date-time": "(?:\(date))T\(time)", "duration": duration, "email": email,
        "hostname": hostname, "ipv4": ipv4, "ipv6": ipv6, "uri": uri, "uuid": uuid,
    ]

    /// RFC 3339, section 5.6, `full-date`: years from 1000 on, days that there are
    private static let date: String = {
        let year = "[1-9]\\d{3}"
        let days = [
            "(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])", "(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)",
            "02-(?:0[1-9]|1\\d|2[0-8])",
        ]
        let leap = "(?:[1-9]\\d(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29"
        return "\(year)-(?:\(days.joined(separator: "|")))|\(leap)"
    }()

    /// RFC 3339, section 5.6, `full-time`, without leap seconds
    private static let time: String = {
        let minutes = "(?:[01]\\d|2[0-3]):[0-5]\\d"
        return "\(minutes):[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-]\(minutes))"
    }()

    /// RFC 3339, appendix A
    private static let duration: String = {
        let number = "\\d{1,6}"
        let second = "\(number)S"
        let minute = "\(number)M(?:\(second))?"
        let time = "T(?:\(number)H(?:\(minute))?|\(minute)|\(second))"
        let day = "\(number)D"
        let month = "\(number)M(?:\(day))?"
        let date = "(?:\(day)|\(month)|\(number)Y(?:\(month))?)(?:\(time))?"
        return "P(?:\(date)|\(time)|\(number)W)"
    }()

    /// RFC 5321, section 4.1.2, `Mailbox` with a `Dot-string` and a `Domain` of several parts
    private static let email: String = {
        let atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,32}"
        return "\(atom)(?:\\.\(atom)){0,2}@\(label)(?:\\.\(label)){1,4}"
    }()

    /// RFC 1123, section 2.1
    private static let hostname = "\(label)(?:\\.\(label)){0,3}"
    private static let label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

    /// RFC 2673, section 3.2
    private static let ipv4: String = {
        let byte = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
        return "\(byte)(?:\\.\(byte)){3}"
    }()

    /// RFC 4291, section 2.2, without addresses that end as one of version 4
    private static let ipv6: String = {
        let group = "[0-9A-Fa-f]{1,4}"
        var forms = ["(?:\(group):){7}\(group)", "::(?:\(group)(?::\(group)){0,6})?"]
        for count in 1...6 {
            forms.append("\(group)(?::\(group)){\(count - 1)}::(?:\(group)(?::\(group)){0,\(6 - count)})?")
        }
        forms.append("(?:\(group):){7}:")
        return forms.joined(separator: "|")
    }()

    /// RFC 3986, section 3, without addresses in brackets
    private static let uri: String = {
        let character = "(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
        let rest = "(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})"
        let host = "(?:\(label)(?:\\.\(label)){0,4})(?::\\d{1,4})?"
        return "[A-Za-z][A-Za-z0-9+.-]{0,15}://\(host)(?:/\(character)*)?(?:\\?\(rest)*)?(?:#\(rest)*)?"
    }()

    /// RFC 9562, section 4
    private static let uuid = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
}
