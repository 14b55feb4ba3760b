import PenstockJSON
import PenstockServing

/// An input, or why a line is none.
typealias InputLine = Result<JSONValue, ErrorBody>

extension InputLine {
    /// The line as a text.
    @Sendable static func text(_ record: DataRecord) -> InputLine {
        guard let bytes = record.fields.first else { return missing("the record has too few fields") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(ErrorBody(code: "invalid_utf8", message: "the line is not UTF-8"))
        }
        return .success(.string(text))
    }

    /// The line as a JSON value.
    @Sendable static func json(_ record: DataRecord) -> InputLine {
        do {
            return .success(try JSONValue(parsing: record.fields.first ?? []))
        } catch {
            return .failure(ErrorBody(code: "malformed_json", message: "the line is not JSON: \(error)"))
        }
    }

    /// Values of an object in the line: one by itself, several as an object of them.
    static func json(_ record: DataRecord, fields names: [String]) -> InputLine {
        json(record).flatMap { line in
            var chosen = JSONObject()
            for name in names {
                guard let value = line[name] else { return missing("the line has no field \(name.shown)") }
                chosen.append(name, value)
            }
            return .success(chosen.entries.count == 1 ? chosen.entries[0].value : .object(chosen))
        }
    }

    /// Texts of several columns, as an object of them.
    static func texts(_ record: DataRecord, columns names: [String]) -> InputLine {
        var chosen = JSONObject()
        guard record.fields.count == names.count else { return missing("the record has too few fields") }
        for (name, bytes) in zip(names, record.fields) {
            switch text(DataRecord(fields: [bytes], bytes: 0)) {
            case .success(let value): chosen.append(name, value)
            case .failure(let error): return .failure(error)
            }
        }
        return .success(.object(chosen))
    }

    private static func missing(_ message: String) -> InputLine {
        .failure(ErrorBody(code: "missing_field", message: message))
    }
}
