public import CountersignIdentity
public import CountersignPolicy

/// One instance of an application that requests of a route are sent to; it never changes, another takes its place.
public final class Endpoint: Sendable {
    /// The version of HTTP that an endpoint speaks.
    public enum ApplicationProtocol: String, Sendable, Hashable, CaseIterable {
        /// HTTP/1.1.
        case http1
        /// HTTP/2.
        case http2
    }

    /// A host name or an IP address without brackets.
    public let host: String
    /// The port, 1...65535.
    public let port: UInt16
    /// Where to connect to; `nil` for a name as long as nobody has resolved it.
    public let resolved: IPAddress?
    /// What is said of the endpoint, such as `organization_id` and `space_id`.
    public let tags: EndpointTags
    /// The application and the instance of it that the endpoint is.
    public let instance: EndpointInstance
    /// The name that the endpoint's certificate must have.
    public let serverCertDomainSAN: String?
    /// The version of HTTP to speak with it.
    public let applicationProtocol: ApplicationProtocol
    /// Whether the connection to it uses TLS.
    public let usesTLS: Bool
    /// The named upstream that the endpoint is, which says what TLS asks of it; `nil` for one that was listed by itself.
    public let upstream: String?

    /// The organization and space of ``tags``, for route policies that ask how near the caller is.
    public let scope: EndpointScope

    /// Makes an endpoint from its parts.
    ///
    /// A tag that is no GUID counts as absent in ``scope``: such an endpoint is near to nobody.
    ///
    /// - Parameters:
    ///   - host: a host name or an IP address without brackets.
    ///   - port: the port, 1...65535.
    ///   - resolved: where to connect to; by default the host, when that is an address.
    ///   - tags: what is said of the endpoint.
    ///   - instance: what the endpoint is an instance of.
    ///   - serverCertDomainSAN: the name that its certificate must have.
    ///   - applicationProtocol: the version of HTTP to speak with it.
    ///   - usesTLS: whether the connection to it uses TLS.
    ///   - upstream: the named upstream that it is.
    ///   - sibling: another endpoint, with which it shares the memory of what is the same.
    public init(
        host: String,
        port: UInt16,
        resolved: IPAddress? = nil,
        tags: EndpointTags = .none,
        instance: EndpointInstance = .unknown,
        serverCertDomainSAN: String? = nil,
        applicationProtocol: ApplicationProtocol = .http1,
        usesTLS: Bool = false,
        upstream: String? = nil,
        sharing sibling: Endpoint? = nil
    ) {
        self.host = host
        self.port = port
        self.resolved = resolved ?? IPAddress(host.utf8.span)
        let sharesTags = sibling?.tags == tags
        self.tags = sharesTags ? sibling?.tags ?? tags : tags
        self.instance = instance.sharing(sibling?.instance)
        self.serverCertDomainSAN = serverCertDomainSAN == instance.id ? self.instance.id : serverCertDomainSAN
        self.applicationProtocol = applicationProtocol
        self.usesTLS = usesTLS
        self.upstream = upstream
        if sharesTags, let sibling {
            self.scope = sibling.scope
        } else {
            self.scope = EndpointScope(
                organization: Self.guid(tags["organization_id"]),
                space: Self.guid(tags["space_id"])
            )
        }
    }

    /// Parses an endpoint of the configuration, which speaks HTTP/1.1 without TLS.
    ///
    /// A host name, an IPv4 address or an IPv6 address in brackets, then `:` and a port.
    ///
    /// - Throws: ``RoutingError/Code/invalidEndpoint``.
    public convenience init(parsing text: String) throws(RoutingError) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")),
            let host = Self.host(text[..<colon]),
            let port = Self.port(text[text.utf8.index(after: colon)...])
        else {
            throw RoutingError(
                .invalidEndpoint,
                """
                endpoint \(IdentityError.excerpt(of: text)) is not a host and a port such as 127.0.0.1:8080, \
                [::1]:8080 or backend.internal:8080
                """
            )
        }
        self.init(host: host.description, port: port)
    }

    /// The same endpoint with an address that its name resolves to.
    public func resolved(to address: IPAddress) -> Endpoint {
        Endpoint(
            host: host,
            port: port,
            resolved: address,
            tags: tags,
            instance: instance,
            serverCertDomainSAN: serverCertDomainSAN,
            applicationProtocol: applicationProtocol,
            usesTLS: usesTLS,
            upstream: upstream
        )
    }

    /// The same endpoint with which another version of HTTP is spoken.
    public func speaking(_ applicationProtocol: ApplicationProtocol) -> Endpoint {
        Endpoint(
            host: host,
            port: port,
            resolved: resolved,
            tags: tags,
            instance: instance,
            serverCertDomainSAN: serverCertDomainSAN,
            applicationProtocol: applicationProtocol,
            usesTLS: usesTLS,
            upstream: upstream
        )
    }

    /// Whether a connection to one of both would do for the other.
    public func isReachedLike(_ other: Endpoint) -> Bool {
        self === other
            || port == other.port && resolved == other.resolved && applicationProtocol == other.applicationProtocol
                && usesTLS == other.usesTLS
                && (!usesTLS
                    || host == other.host && upstream == other.upstream
                        && serverCertDomainSAN == other.serverCertDomainSAN)
    }

    /// Host and port as one text, an IPv6 address in brackets.
    public var address: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// A host, of which only an IPv6 address may have brackets, and must.
    private static func host(_ text: Substring) -> HostName? {
        let hasBracket = text.utf8.first == UInt8(ascii: "[")
        guard hasBracket == text.utf8.contains(UInt8(ascii: ":")) else { return nil }
        return try? HostName(parsing: String(text))
    }

    /// Decimal digits without a sign or leading zeros, other than zero.
    private static func port(_ text: Substring) -> UInt16? {
        guard let first = text.utf8.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first) else { return nil }
        return UInt16(text)
    }

    private static func guid(_ text: String?) -> CloudFoundryGUID? {
        guard let text else { return nil }
        return try? CloudFoundryGUID(parsing: text)
    }
}

extension Endpoint: Hashable {
    /// Whether everything that is said of both is the same.
    public static func == (left: Endpoint, right: Endpoint) -> Bool {
        left === right
            || left.host == right.host && left.port == right.port && left.resolved == right.resolved
                && left.usesTLS == right.usesTLS && left.applicationProtocol == right.applicationProtocol
                && left.instance == right.instance && left.serverCertDomainSAN == right.serverCertDomainSAN
                && left.upstream == right.upstream && left.tags == right.tags
    }

    /// Hashes where the endpoint is.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(port)
        hasher.combine(resolved)
    }
}
