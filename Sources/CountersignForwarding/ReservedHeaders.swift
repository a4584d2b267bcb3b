/// The request headers that tell a backend how a request came here, which only the router may say, and those that are for
/// the router alone.
///
/// It writes `X-Forwarded-For`, `X-Forwarded-Proto`, the request's ids and the `X-Cf-` names of the endpoint's instance.
/// `Forwarded`, `X-Real-IP` and `True-Client-IP` would say something else of the same, and `X-Forwarded-Host` names a host
/// that nobody has compared with the handshake. `Proxy-Authorization` and `Proxy-Connection` end at the proxy that they are
/// for. A backend that reads `X_Forwarded_For` as `X-Forwarded-For` gets two of them, so each spelling counts, as with
/// ``IdentityHeaders``.
public enum ReservedHeaders {
    /// Whether a name is one of these in any spelling.
    ///
    /// Called for each header of each request: it allocates nothing, and most names are decided by their length.
    ///
    /// - Parameter name: the field name as it came, without the colon.
    public static func contains(_ name: Span<UInt8>) -> Bool {
        switch name.count {
        case 9: FoldedName.equals(name, "forwarded") || FoldedName.equals(name, "x-real-ip")
        case 12: FoldedName.equals(name, "x-request-id")
        case 14: FoldedName.equals(name, "true-client-ip")
        case 15: FoldedName.equals(name, "x-forwarded-for") || FoldedName.equals(name, "x-cf-instanceid")
        case 16: FoldedName.equals(name, "x-forwarded-host") || FoldedName.equals(name, "proxy-connection")
        case 17: FoldedName.equals(name, "x-forwarded-proto") || FoldedName.equals(name, "x-vcap-request-id")
        case 18: FoldedName.equals(name, "x-cf-applicationid") || FoldedName.equals(name, "x-cf-instanceindex")
        case 19: FoldedName.equals(name, "proxy-authorization")
        default: false
        }
    }
}
