import CountersignControlModel
import CountersignIdentity

/// A destination that a route is to have.
package struct DestinationDraft: Sendable {
    /// A host name or an IP address, of which an IPv6 address may have brackets.
    package var host: String
    /// The port.
    package var port: UInt16
    /// Whether the connection to it uses TLS.
    package var usesTLS = false
    /// Whether it is spoken to in HTTP/2.
    package var usesHTTP2 = false
    /// The name that its certificate must have.
    package var certificateName: String?
    /// GUIDs of what it is an instance of and where it runs.
    package var app: String?
    package var space: String?
    package var organization: String?

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}

extension ControlEngine {
    /// Destinations with those that a route has already, each address once.
    ///
    /// - Throws: ``ControlError`` for one that is no address, or too many.
    static func destinations(
        _ drafts: [DestinationDraft],
        _ context: EditContext,
        after present: [RouteDestination]
    ) throws(ControlError) -> [RouteDestination] {
        var destinations = present
        for draft in drafts {
            let destination = try self.destination(draft, context)
            guard !destinations.contains(where: { $0.host == destination.host && $0.port == destination.port }) else {
                throw .unprocessable("Destinations have \(destination.host):\(destination.port) twice")
            }
            destinations.append(destination)
        }
        guard destinations.count <= RouteDestination.maximumCount else {
            throw .unprocessable("Destinations can be at most \(RouteDestination.maximumCount)")
        }
        return destinations
    }

    private static func destination(
        _ draft: DestinationDraft,
        _ context: EditContext
    ) throws(ControlError) -> RouteDestination {
        var text = draft.host
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        do throws(IdentityError) {
            for guid in [draft.app, draft.space, draft.organization] {
                guard let guid else { continue }
                if try CloudFoundryGUID(parsing: guid).isUUIDInUpperCase {
                    throw IdentityError(.invalidCloudFoundryGUID, "\(guid) has to be in lower case")
                }
            }
            if let name = draft.certificateName, (try? SPIFFEID(parsing: name)) == nil {
                _ = try HostName(parsing: name)
            }
            return RouteDestination(
                guid: context.makeGUID(),
                host: try HostName(parsing: text).description,
                port: draft.port,
                usesTLS: draft.usesTLS,
                usesHTTP2: draft.usesHTTP2,
                certificateName: draft.certificateName,
                app: draft.app,
                space: draft.space,
                organization: draft.organization
            )
        } catch {
            throw .unprocessable("Destination is not usable: \(error.message)")
        }
    }
}
