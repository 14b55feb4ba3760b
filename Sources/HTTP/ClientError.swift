import HTTPTypes

/// An error that says why a request is refused before it reaches a pipeline.
package struct ClientError: Error {
    package enum Code: String {
        case emptyBody = "empty_body"
        case invalidUTF8 = "invalid_utf8"
        case malformedJSON = "malformed_json"
        case invalidHeader = "invalid_header"
        case invalidRequest = "invalid_request"
        case emptyInputs = "empty_inputs"
        case invalidAPIKey = "invalid_api_key"
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case bodyTooLarge = "body_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case malformedRequest = "malformed_request"
        case uriTooLong = "uri_too_long"
        case headTooLarge = "head_too_large"
        case headTimeout = "head_timeout"
        case expectationFailed = "expectation_failed"
        case notImplemented = "not_implemented"
        case versionNotSupported = "version_not_supported"
        case clientGone = "client_gone"
    }

    package let code: Code
    let message: String
    var headers = HTTPFields()
    /// The field of the body that is wrong, if it is one.
    let parameter: String?

    init(_ code: Code, _ message: String, headers: HTTPFields = [:], parameter: String? = nil) {
        self.code = code
        self.message = message
        self.headers = headers
        self.parameter = parameter
    }
}
