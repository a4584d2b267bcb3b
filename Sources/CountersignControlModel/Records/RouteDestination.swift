/// Where requests of a route are sent.
package struct RouteDestination: Sendable, Hashable {
    /// The most destinations of one route.
    package static let maximumCount = 1000

    /// What identifies the destination.
    package let guid: String
    /// A host name or an IP address without brackets.
    package let host: String
    /// The port, 1...65535.
    package let port: UInt16
    /// Whether the connection to it uses TLS.
    package let usesTLS: Bool
    /// Whether it is spoken to in HTTP/2.
    package let usesHTTP2: Bool
    /// The name that its certificate must have.
    package let certificateName: String?
    /// The GUID of the app that it is an instance of.
    package let app: String?
    /// The GUID of the space that it runs in.
    package let space: String?
    /// The GUID of the organization that it runs in.
    package let organization: String?

    package init(
        guid: String,
        host: String,
        port: UInt16,
        usesTLS: Bool = false,
        usesHTTP2: Bool = false,
        certificateName: String? = nil,
        app: String? = nil,
        space: String? = nil,
        organization: String? = nil
    ) {
        self.guid = guid
        self.host = host
        self.port = port
        self.usesTLS = usesTLS
        self.usesHTTP2 = usesHTTP2
        self.certificateName = certificateName
        self.app = app
        self.space = space
        self.organization = organization
    }
}
