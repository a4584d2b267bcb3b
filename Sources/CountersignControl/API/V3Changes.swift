import CountersignControlModel
import CountersignJSON

/// The content of `POST /v3/control_changes`: changes that are made all or not at all.
enum V3Changes {
    /// Reads the content.
    ///
    /// - Throws: ``ControlError`` that names the change that cannot be read.
    static func batch(_ content: [UInt8]) throws(ControlError) -> ControlBatch {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: content)
        } catch {
            throw .unreadable("Request invalid due to parse error: \(error)")
        }
        var version: String?
        var elements: [JSONValue] = []
        do throws(JSONError) {
            let object = try JSONObject(value, known: ["version", "changes"])
            version = try object.string("version")
            guard case .array(let found)? = object["changes"], found.count <= ControlBatch.maximumCount else {
                throw object.wrong("changes", "an array of at most \(ControlBatch.maximumCount) changes")
            }
            elements = found
        } catch {
            throw .unprocessable("\(error)")
        }
        var steps: [ControlStep] = []
        steps.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            do throws(ControlError) {
                steps.append(try step(element))
            } catch {
                throw error.at("changes[\(index)]")
            }
        }
        return ControlBatch(version: version, steps: steps)
    }

    /// What each action is called, with the members that it has beside `action`.
    static let actions: KeyValuePairs<String, [String]> = [
        "name.put": ["kind", "guid", "name", "parent"],
        "domain.create": ["name", "internal", "enforce_route_policies", "route_policies_scope", "metadata"],
        "domain.update": ["name", "metadata"],
        "route.create": ["domain", "host", "path", "space", "destinations", "options", "metadata"],
        "route.update": ["url", "options", "metadata"],
        "route.destinations": ["url", "destinations"],
        "route_policy.create": ["url", "source", "metadata"],
        "route_policy.update": ["url", "source", "metadata"],
        "route_policy.delete": ["url", "source"],
        "caller_policy.create": ["url", "source", "metadata"],
        "caller_policy.update": ["url", "source", "metadata"],
        "caller_policy.delete": ["url", "source"],
    ]

    private static func step(_ element: JSONValue) throws(ControlError) -> ControlStep {
        let action = try V3Body(element, known: nil).requiredText("action")
        guard let known = actions.first(where: { $0.key == action })?.value else {
            let names = actions.map(\.key).joined(separator: ", ")
            throw .unprocessable("There is no action \(action.prefix(64)); there are \(names)")
        }
        let body = try V3Body(element, known: ["action"] + known)
        switch action {
        case "name.put":
            guard let kind = NameRecord.Kind(rawValue: try body.requiredText("kind")) else {
                throw .unprocessable("Kind has to be organization, space or app")
            }
            let (guid, name) = (try body.requiredText("guid"), try body.requiredText("name"))
            return .putName(kind, guid: guid, name: name, parent: try body.text("parent"))
        case "domain.create": return .createDomain(try body.domainDraft())
        case "domain.update": return .updateDomain(name: try body.requiredText("name"), try body.metadata())
        case "route.create":
            var draft = try body.routeDraft(domain: try body.requiredText("domain"))
            draft.space = try body.text("space")
            return .createRoute(draft)
        case "route.update":
            return .updateRoute(url: try body.requiredText("url"), try body.options() ?? [], try body.metadata())
        case "route.destinations":
            guard let drafts = try body.destinations() else { throw .unprocessable("Destinations are missing") }
            return .setDestinations(url: try body.requiredText("url"), drafts)
        default: return try policyStep(action, body)
        }
    }

    private static func policyStep(_ action: String, _ body: V3Body) throws(ControlError) -> ControlStep {
        let side = action.hasPrefix("route_") ? PolicyRecord.Side.route : .caller
        let (source, url) = (try body.requiredText("source"), try body.requiredText("url"))
        if action.hasSuffix(".delete") { return .deletePolicy(side, source: source, url: url) }
        let change = try body.metadata()
        if action.hasSuffix(".update") { return .updatePolicy(side, source: source, url: url, change) }
        var draft = PolicyDraft(side: side, source: source, route: url)
        draft.metadata = try change.applied(to: RecordMetadata())
        return .createPolicy(draft)
    }
}
