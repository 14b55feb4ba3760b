import HTTPTypes

extension HTTPFields {
    /// Adds what keeps browsers from taking an answer for something else, showing it in a frame, or keeping it, unless the
    /// answer says otherwise itself.
    mutating func secure() {
        for (name, value) in Self.security where !contains(name) { self[name] = value }
    }

    private static let security: [(HTTPField.Name, String)] = [
        (.xContentTypeOptions, "nosniff"), (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
        (.cacheControl, "no-store"),
    ]
}
