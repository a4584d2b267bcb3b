/// What the verified certificate is to be used for.
public enum VerificationPurpose: String, Sendable, Hashable, CaseIterable {
    /// The peer is a TLS client: the certificate needs clientAuth where it names purposes.
    case client
    /// The peer is a TLS server: the certificate needs serverAuth where it names purposes.
    case server
    /// Either of the two; for tools that look at a certificate without using it.
    case any

    /// Whether the extension allows the purpose.
    func isAllowed(by usage: ExtendedKeyUsageField) -> Bool {
        switch self {
        case .client: usage.allowsClient || usage.allowsAny
        case .server: usage.allowsServer || usage.allowsAny
        case .any: true
        }
    }

    /// The name of the purpose in an extended key usage.
    var usageName: String {
        switch self {
        case .client: "clientAuth"
        case .server: "serverAuth"
        case .any: "any purpose"
        }
    }
}
