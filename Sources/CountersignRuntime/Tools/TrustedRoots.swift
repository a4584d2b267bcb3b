import CountersignPKI

/// The authorities of a file for `verify`: those that can be trusted, and why the others cannot.
///
/// A certificate in the file that is no authority does not end the tool; it just cannot vouch, and is named as the
/// reason when nobody else vouches.
struct TrustedRoots {
    /// The authorities that can be trusted; nil when there are none.
    let store: TrustStore?

    /// What is wrong with the first certificate that cannot be trusted; nil when all of them can.
    let fault: ChainRejection?

    /// ``fault``, or a general word when there was no certificate at all.
    var firstFault: ChainRejection {
        self.fault ?? ChainRejection(.unknownIssuer, "there is no trusted authority")
    }

    init(encodings: [[UInt8]]) {
        var usable: [[UInt8]] = []
        var fault: ChainRejection?
        for encoding in encodings {
            do {
                _ = try TrustStore(derCertificates: [encoding])
                usable.append(encoding)
            } catch {
                fault = fault ?? ChainRejection(Self.code(error.code), error.message)
            }
        }
        self.fault = fault
        self.store = try? TrustStore(derCertificates: usable)
    }

    private static func code(_ code: PKIError.Code) -> ChainRejection.Code {
        switch code {
        case .notAuthority: .notAuthority
        case .weakKey: .weakKey
        default: .malformed
        }
    }
}
