import CountersignPKI

/// Why a service's certificate must not be used.
struct InfrastructureFault: Error {
    /// The kinds of fault; the raw value is what `--json` says.
    enum Code: String {
        /// There is no certificate, key or trust bundle.
        case missing
        case expired
        case notYetValid = "not_yet_valid"
        /// Revoked for good, or on hold.
        case revoked
        /// Nobody knows whether it is revoked.
        case unknown = "revocation_unknown"
        /// An authority of the chain has no revocation list, so that none can be named.
        case uncovered = "revocation_lists_incomplete"
        /// A file is damaged, does not fit the others or is open to others, or the certificate is not vouched for.
        case unusable
    }

    let code: Code
    let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What a verifier has against it.
    init(_ rejection: ChainRejection, _ leaf: ParsedCertificate, _ now: Int64) {
        let end = CalendarTime(unixSeconds: leaf.notAfter).rfc3339
        switch rejection.code {
        case _ where leaf.notAfter < now: self.init(.expired, "the certificate expired at \(end)")
        case _ where leaf.notBefore > now:
            self.init(.notYetValid, "the certificate is not valid yet; is the clock right?")
        case .revoked: self.init(.revoked, rejection.explanation)
        case .revocationUnknown: self.init(.unknown, rejection.explanation)
        default: self.init(.unusable, rejection.explanation)
        }
    }
}
