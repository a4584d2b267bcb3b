import CountersignForwarding
package import CountersignIdentityMapping

/// Why a header about a certificate was not taken; never with the header's content.
package enum CertificateReadingError: Error, Sendable, Hashable {
    /// It cannot be read, or in two ways.
    case malformed(String)
    /// It has more bytes than the limit.
    case tooLarge(Int)
    /// The proxy says that it did not verify the certificate, which has this digest as far as it can be read.
    case notVerified(CertificateThumbprint?)

    init(_ error: ForwardedHeaderError, header: String, limit: Int) {
        if error == ForwardedHeaderError(.tooLarge, "") {
            self = .tooLarge(limit)
        } else if error == ForwardedHeaderError(.notVerified, "") {
            self = .notVerified(nil)
        } else {
            self = .malformed("\(header): \(error.description)")
        }
    }
}
