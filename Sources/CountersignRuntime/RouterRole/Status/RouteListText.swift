import CountersignPolicy
import CountersignRouting
import CountersignTelemetry

/// The routes of a router as the JSON that a GoRouter answers `/routes` with.
enum RouteListText {
    /// One object with a member for each route, named by its host and path, and in it a list of endpoints.
    static func json(_ routes: [ListedRoute]) -> [UInt8] {
        var writer = ByteWriter()
        writer.append("{")
        for (index, route) in routes.enumerated() {
            if index > 0 { writer.append(",") }
            write(text: route.pattern.description, &writer)
            writer.append(":[")
            for (position, member) in route.endpoints.enumerated() {
                if position > 0 { writer.append(",") }
                write(member, of: route, &writer)
            }
            writer.append("]")
        }
        writer.append("}\n")
        return writer.bytes
    }

    private static func write(_ member: ListedRoute.Member, of route: ListedRoute, _ writer: inout ByteWriter) {
        let endpoint = member.endpoint
        writer.append("{\"address\":")
        write(text: endpoint.address, &writer)
        writer.append(",\"availability_zone\":")
        write(text: endpoint.instance.zone ?? "", &writer)
        writer.append(",\"protocol\":")
        write(text: endpoint.applicationProtocol.rawValue, &writer)
        writer.append(endpoint.usesTLS ? ",\"tls\":true,\"ttl\":" : ",\"tls\":false,\"ttl\":")
        if let lifetime = member.lifetime { writer.append(decimal: UInt64(lifetime)) } else { writer.append("-1") }
        writer.append(",\"tags\":{")
        for (position, tag) in endpoint.tags.pairs.enumerated() {
            if position > 0 { writer.append(",") }
            write(text: tag.name, &writer)
            writer.append(":")
            write(text: tag.value, &writer)
        }
        writer.append("}")
        optional(",\"isolation_segment\":", endpoint.instance.segment, &writer)
        optional(",\"private_instance_id\":", endpoint.instance.id, &writer)
        optional(",\"server_cert_domain_san\":", endpoint.serverCertDomainSAN, &writer)
        if case .string(let algorithm) = route.options["loadbalancing"] {
            optional(",\"load_balancing_algorithm\":", algorithm, &writer)
        }
        writer.append("}")
    }

    private static func optional(_ name: StaticString, _ value: String?, _ writer: inout ByteWriter) {
        guard let value, !value.isEmpty else { return }
        writer.append(name)
        write(text: value, &writer)
    }

    private static func write(text: String, _ writer: inout ByteWriter) {
        writer.append("\"")
        writer.append(escaping: text)
        writer.append("\"")
    }
}
