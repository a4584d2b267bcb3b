import GRDB

/// What certificates are chained by: each names the one before it with the same name.
enum CertificateChainKind: String, DatabaseValueConvertible {
    /// The service that it was issued for.
    case service
    /// The SPIFFE ID that it carries.
    case spiffeID = "spiffe_id"
}
