import CountersignControlModel
import CountersignJSON
import CountersignPolicy

extension ControlInventory.Domain {
    /// Reads a domain as the API shows it.
    ///
    /// - Throws: `JSONError` for what is none.
    init(_ object: JSONObject) throws(JSONError) {
        self.init(
            guid: try object.requiredString("guid"),
            name: try object.requiredString("name"),
            scope: try object.string("route_policies_scope").flatMap(RoutePolicyScope.init(rawValue:)),
            isInternal: try object.bool("internal") ?? false,
            metadata: try RecordMetadata(of: object)
        )
    }
}

extension ControlInventory.Route {
    /// Reads a route as the API shows it.
    ///
    /// - Throws: `JSONError` for what is none.
    init(_ object: JSONObject) throws(JSONError) {
        var destinations: [RouteDestination] = []
        for each in try object.objects("destinations", known: nil) ?? [] {
            guard let port = UInt16(exactly: try each.integer("port") ?? 0) else { throw each.wrong("port", "a port") }
            destinations.append(
                RouteDestination(
                    guid: try each.requiredString("guid"),
                    host: try each.requiredString("host"),
                    port: port,
                    usesTLS: try each.bool("tls") ?? false,
                    usesHTTP2: try each.string("protocol") == "http2",
                    certificateName: try each.string("certificate_name"),
                    app: try each.object("app", known: nil)?.string("guid"),
                    space: try each.object("space", known: nil)?.string("guid"),
                    organization: try each.object("organization", known: nil)?.string("guid")
                )
            )
        }
        self.init(
            guid: try object.requiredString("guid"),
            domain: try object.related("domain") ?? "",
            url: try object.requiredString("url"),
            space: try object.related("space"),
            destinations: destinations,
            options: try RouteOptions(reading: object["options"] ?? .object([]), at: "$.options"),
            metadata: try RecordMetadata(of: object)
        )
    }
}

extension ControlInventory.Policy {
    /// Reads a permission as the API shows it.
    ///
    /// - Throws: `JSONError` for what is none.
    init(_ object: JSONObject, _ side: PolicyRecord.Side) throws(JSONError) {
        guard let source = try? PolicySource(parsing: try object.requiredString("source")) else {
            throw object.wrong("source", "a source")
        }
        self.init(
            guid: try object.requiredString("guid"),
            side: side,
            source: source,
            route: try object.related("route") ?? "",
            metadata: try RecordMetadata(of: object)
        )
    }
}

extension JSONObject {
    /// The GUID that a relationship of a record is to; nil when it is to none.
    ///
    /// - Throws: `JSONError` for what is no relationship.
    func related(_ name: String) throws(JSONError) -> String? {
        try object("relationships", known: nil)?.object(name, known: nil)?.object("data", known: nil)?.string("guid")
    }
}

extension RecordMetadata {
    /// Reads what people note about a record.
    ///
    /// - Throws: `JSONError` for what is none.
    init(of object: JSONObject) throws(JSONError) {
        let notes = try object.object("metadata", known: nil)
        self.init(
            labels: try notes?.stringMap("labels") ?? [:],
            annotations: try notes?.stringMap("annotations") ?? [:]
        )
    }
}
