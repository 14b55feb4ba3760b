import HTTPTypes

/// The time that a client gives a call, by its field `grpc-timeout`: at most eight digits and a unit.
enum RPCTimeout {
    /// The time that a request may take; nil if it is no call, or does not say.
    ///
    /// - Throws: ``ClientError`` for a field that is no time.
    static func time(of headers: HTTPFields) throws(ClientError) -> Duration? {
        guard let field = headers[.grpcTimeout], headers.areOfCall else { return nil }
        let digits = field.utf8.dropLast()
        guard 1...8 ~= digits.count, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let number = Int(Substring(digits)), let unit = field.utf8.last.flatMap(unit)
        else {
            throw ClientError(.invalidHeader, "grpc-timeout has to be at most eight digits and one of H, M, S, m, u, n")
        }
        return unit * number
    }

    private static func unit(_ letter: UInt8) -> Duration? {
        switch letter {
        case UInt8(ascii: "H"): .seconds(3600)
        case UInt8(ascii: "M"): .seconds(60)
        case UInt8(ascii: "S"): .seconds(1)
        case UInt8(ascii: "m"): .milliseconds(1)
        case UInt8(ascii: "u"): .microseconds(1)
        case UInt8(ascii: "n"): .nanoseconds(1)
        default: nil
        }
    }
}

extension HTTPFields {
    /// True for those of a call of gRPC with messages of Protocol Buffers.
    var areOfCall: Bool {
        guard let type = self[.contentType].flatMap(ContentType.init), type.type == "application" else { return false }
        return type.subtype == "grpc" || type.subtype == "grpc+proto"
    }
}
