/// Encrypted connections that cannot be made, by the words of BoringSSL: nothing of it is better for being tried again.
package enum TLSFailure {
    /// - Parameter words: the failure in the words of the library
    /// - Returns: nil for another failure
    package static func of(_ words: String) -> TransferFailure? {
        if ["CERTIFICATE_VERIFY_FAILED", "unableToValidateCertificate", "failedToValidateHostname"].contains(
            where: words.contains)
        {
            return .untrusted(
                "its certificate is of nobody whom this machine trusts; if a proxy opens encrypted connections, add its "
                    + "certificate to those of the system, and look whether the clock is right")
        }
        if words.contains("WRONG_VERSION_NUMBER") {
            return .untrusted("it does not speak TLS; perhaps HF_ENDPOINT has to begin with http://")
        }
        return nil
    }
}
