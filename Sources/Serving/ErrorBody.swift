import PenstockJSON

/// An error as it looks to whoever asked: `{"error": {"code": …, "message": …}}`.
package struct ErrorBody: Error, Sendable {
    /// Stays the same for the same kind of error.
    package let code: String
    /// A sentence that says what is wrong and what would be right.
    package let message: String

    /// An error of this kind.
    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// The JSON text.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("error")
            writer.object { writer in
                writer.key("code")
                writer.value(code)
                writer.key("message")
                writer.value(message)
            }
        }
        return writer.finish()
    }
}
