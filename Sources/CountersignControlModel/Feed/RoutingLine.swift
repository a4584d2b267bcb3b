package import CountersignJSON

/// One line of what the control plane tells routers: a JSON object followed by a line feed.
///
/// Lines come in batches that end with ``sync(epoch:after:sequence:)``; a batch counts whole or not at all. A batch that
/// begins with ``reset`` is everything that there is.
package enum RoutingLine: Sendable, Hashable {
    /// What was known before counts no more.
    case reset
    /// A route that is new or has changed.
    case route(ControlledRoute)
    /// There is no route of this pattern any more.
    case removed(String)
    /// A domain that is new or has changed.
    case domain(ControlledDomain)
    /// There is no domain of this name any more.
    case removedDomain(String)
    /// The end of a batch, which leads from one version of a numbering to another one.
    case sync(epoch: String, after: Int64, sequence: Int64)
    /// Nothing has changed; sent so that a router knows that it is still told.
    case heartbeat

    /// The number of the lines' form: who has heard another one lacks what it does not have.
    package static let format = 2

    /// The line without its line feed.
    package var document: JSONValue {
        switch self {
        case .reset: .object([.init("type", .string("reset"))])
        case .route(let route): .object([.init("type", .string("route")), .init("route", route.document)])
        case .removed(let pattern): .object([.init("type", .string("removed")), .init("pattern", .string(pattern))])
        case .domain(let domain): .object([.init("type", .string("domain")), .init("domain", domain.document)])
        case .removedDomain(let name):
            .object([.init("type", .string("removed_domain")), .init("name", .string(name))])
        case .sync(let epoch, let after, let sequence):
            .object([
                .init("type", .string("sync")), .init("epoch", .string(epoch)), .init("after", .number(after)),
                .init("sequence", .number(sequence)),
            ])
        case .heartbeat: .object([.init("type", .string("heartbeat"))])
        }
    }

    /// The line with its line feed.
    package var bytes: [UInt8] { document.compactLine }

    /// Reads a line.
    ///
    /// - Returns: nil for a type that this version does not know.
    /// - Throws: `JSONError` for a line that is none.
    package static func read(_ bytes: [UInt8]) throws(JSONError) -> RoutingLine? {
        let object = try JSONObject(try JSONValue(parsing: bytes), known: nil)
        switch try object.requiredString("type") {
        case "reset": return .reset
        case "route":
            guard let route = try object.object("route", known: nil) else {
                throw JSONError(at: "$.route", "a route is expected")
            }
            return .route(try ControlledRoute(reading: route))
        case "removed": return .removed(try object.requiredString("pattern"))
        case "domain":
            guard let domain = try object.object("domain", known: nil) else {
                throw JSONError(at: "$.domain", "a domain is expected")
            }
            return .domain(try ControlledDomain(reading: domain))
        case "removed_domain": return .removedDomain(try object.requiredString("name"))
        case "sync":
            guard let after = try object.integer("after"), let sequence = try object.integer("sequence") else {
                throw JSONError(at: "$.sequence", "the versions of a batch are expected")
            }
            return .sync(epoch: try object.requiredString("epoch"), after: after, sequence: sequence)
        case "heartbeat": return .heartbeat
        default: return nil
        }
    }
}
