/// The request headers that claim who the caller is, and so may not come from a client.
///
/// Names are compared in folded form: ASCII letters without case, and every byte that is neither a letter nor a digit
/// as `-`. A CGI, WSGI or Rack server makes `SSL_CLIENT_CERT` of `ssl-client-cert`, `ssl_client_cert` and
/// `ssl.client.cert` alike, so each spelling counts.
///
/// In folded form these are the names:
///
/// - `[x-][forwarded-][ssl-|tls-|mtls-]client-cert…`: whatever begins so. The header of Envoy and GoRouter, its
///   `-chain`, those of Traefik with `-info` and `-signature`, RFC 9440's two, nginx', and the `x-client-cert-subject`
///   kind of the cloud load balancers;
/// - `[x-][forwarded-]` and `ssl-client`, `tls-client` or `mtls-client`, alone or before `-`: verification result, DN,
///   serial number and fingerprint of nginx, Apache and HAProxy;
/// - `[x-][forwarded-]` and `ssl-cert…`, `tls-cert…` or `mtls-cert…`: certificate and chain in Apache's and Puppet's
///   spelling;
/// - `[x-]xfcc`, alone or before `-`;
/// - `x-client-dn`, `x-client-s-dn`, `x-client-i-dn` and `x-client-verify`, which Puppet and its like read;
/// - `[x-]countersign-…`: what `countersign authz` has a proxy tell a backend, whatever is told next;
/// - `[x-]spiffe` and `[x-]spiffe-…`: a SPIFFE ID or a document of one in a header of its own;
/// - `[x-]clientcert…`, `x-arr-clientcert…`, `x-amzn-mtls-…`, `cf-client-cert…`, `cf-cert-…` and `l5d-client-id`:
///   Azure, AWS, Cloudflare and Linkerd.
///
/// Not among them are names that say nothing of a caller's certificate: `x-forwarded-for`, `x-forwarded-proto`,
/// `x-forwarded-ssl`, `authorization`, the users of a login proxy (`x-forwarded-user`), and GoRouter's `x-cf-…`, which
/// address an application instance or sign a route service's hop.
public enum IdentityHeaders {
    /// Whether a header of this name must be removed from what a client sends.
    ///
    /// Called for each header of each request: it allocates nothing, and most names are decided by their first two
    /// bytes.
    ///
    /// - Parameter name: the field name as it came, without the colon.
    public static func contains(_ name: Span<UInt8>) -> Bool {
        // `xfcc` is the shortest name there is.
        guard name.count >= 4 else { return false }
        switch FoldedName.fold(name[0]) {
        case UInt8(ascii: "x"):
            let second = FoldedName.fold(name[1])
            if second == UInt8(ascii: "f") { return isXFCC(name, at: 0) }
            return second == UInt8(ascii: "-") && isIdentity(name, at: 2, afterX: true)
        case UInt8(ascii: "c"):
            switch FoldedName.fold(name[1]) {
            case UInt8(ascii: "l"): return isClientCertificate(name, at: 0)
            case UInt8(ascii: "o"): return isOwn(name, at: 0)
            case UInt8(ascii: "f"):
                return FoldedName.begins(name, at: 0, "cf-client-cert") || FoldedName.begins(name, at: 0, "cf-cert-")
            default: return false
            }
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "f"):
            return isIdentity(name, at: 0, afterX: false)
        case UInt8(ascii: "l"):
            return name.count == 13 && FoldedName.begins(name, at: 0, "l5d-client-id")
        default:
            return false
        }
    }

    /// Whether the name is `x-forwarded-client-cert` to the letter, in any case, the one header that a mode may keep.
    public static func isForwardedClientCert(_ name: Span<UInt8>) -> Bool {
        guard name.count == 23, FoldedName.begins(name, at: 0, "x-forwarded-client-cert") else { return false }
        return name[1] == FoldedName.hyphen && name[11] == FoldedName.hyphen && name[18] == FoldedName.hyphen
    }

    /// Decides a name from where an `x-` may have ended.
    private static func isIdentity(_ name: Span<UInt8>, at start: Int, afterX: Bool) -> Bool {
        guard start < name.count else { return false }
        switch FoldedName.fold(name[start]) {
        case UInt8(ascii: "c"):
            return isClientCertificate(name, at: start) || isOwn(name, at: start)
                || afterX && isClientFact(name, at: start)
        case UInt8(ascii: "f"):
            let rest = start + 10
            guard rest < name.count else { return false }
            // The usual ones go on with `for`, `proto`, `host` or `port`: one look is cheaper than ten.
            switch FoldedName.fold(name[rest]) {
            case UInt8(ascii: "c"):
                return isClientCertificate(name, at: rest) && FoldedName.begins(name, at: start, "forwarded-")
            case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"):
                return isTransportIdentity(name, at: rest) && FoldedName.begins(name, at: start, "forwarded-")
            default:
                return false
            }
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"):
            guard start + 1 < name.count else { return false }
            // `ssl-`, `tls-` and `mtls-`, or `spiffe`: the second letter tells them from most others, as from `server`.
            switch FoldedName.fold(name[start + 1]) {
            case UInt8(ascii: "s"), UInt8(ascii: "l"), UInt8(ascii: "t"): return isTransportIdentity(name, at: start)
            case UInt8(ascii: "p"): return isSPIFFE(name, at: start)
            default: return false
            }
        case UInt8(ascii: "x"):
            return afterX && isXFCC(name, at: start)
        case UInt8(ascii: "a"):
            return afterX
                && (FoldedName.begins(name, at: start, "amzn-mtls-")
                    || FoldedName.begins(name, at: start, "arr-clientcert"))
        default:
            return false
        }
    }

    /// `client-cert…` or `clientcert…`.
    private static func isClientCertificate(_ name: Span<UInt8>, at start: Int) -> Bool {
        FoldedName.begins(name, at: start, "client-cert") || FoldedName.begins(name, at: start, "clientcert")
    }

    /// The rest of `x-client-dn` and its like: a whole name, not the beginning of one.
    private static func isClientFact(_ name: Span<UInt8>, at start: Int) -> Bool {
        switch name.count - start {
        case 9: FoldedName.begins(name, at: start, "client-dn")
        case 11: FoldedName.begins(name, at: start, "client-s-dn") || FoldedName.begins(name, at: start, "client-i-dn")
        case 13: FoldedName.begins(name, at: start, "client-verify")
        default: false
        }
    }

    /// `ssl-`, `tls-` or `mtls-`, then `client` up to a boundary, or `client-cert…`, `clientcert…`, `cert…`.
    private static func isTransportIdentity(_ name: Span<UInt8>, at start: Int) -> Bool {
        let stem: Int
        if FoldedName.begins(name, at: start, "ssl-") || FoldedName.begins(name, at: start, "tls-") {
            stem = start + 4
        } else if FoldedName.begins(name, at: start, "mtls-") {
            stem = start + 5
        } else {
            return false
        }
        if FoldedName.begins(name, at: stem, "cert") || FoldedName.begins(name, at: stem, "clientcert") { return true }
        guard FoldedName.begins(name, at: stem, "client") else { return false }
        return isBoundary(name, at: stem + 6)
    }

    /// `countersign-…`.
    private static func isOwn(_ name: Span<UInt8>, at start: Int) -> Bool {
        FoldedName.begins(name, at: start, "countersign-")
    }

    private static func isSPIFFE(_ name: Span<UInt8>, at start: Int) -> Bool {
        FoldedName.begins(name, at: start, "spiffe") && isBoundary(name, at: start + 6)
    }

    private static func isXFCC(_ name: Span<UInt8>, at start: Int) -> Bool {
        FoldedName.begins(name, at: start, "xfcc") && isBoundary(name, at: start + 4)
    }

    private static func isBoundary(_ name: Span<UInt8>, at index: Int) -> Bool {
        index == name.count || FoldedName.fold(name[index]) == FoldedName.hyphen
    }
}
