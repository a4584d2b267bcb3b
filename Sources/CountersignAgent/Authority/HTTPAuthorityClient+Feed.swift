import CountersignHTTPClient
import CountersignJSON
import CountersignPKI

extension HTTPAuthorityClient {
    /// Follows the authority's feed until it ends, and tells of every revocation, and of every service whose certificate an
    /// operator wants renewed.
    ///
    /// - Parameters:
    ///   - position: where to begin, so that the authority need not repeat what is known; moved along.
    ///   - onEvent: takes ``AgentEvent/revocations(_:)`` and ``AgentEvent/rotate(_:)``.
    /// - Throws: ``AuthorityCallError``, sooner or later: nothing but an error ends the feed.
    package func follow(
        _ position: inout FeedPosition,
        onEvent: (AgentEvent) -> Void
    ) throws(AuthorityCallError) -> Never {
        let client = try securedClient()
        do throws(HTTPClientError) {
            let path = "/v1/revocations/stream\(position.query)"
            let stream = try client.openStream("GET", path, within: .seconds(15))
            defer { stream.cancel() }
            while let line = try stream.nextLine(within: Self.silence) {
                if let event = Self.event(line, &position) { onEvent(event) }
            }
        } catch {
            throw AuthorityCallError(error)
        }
        throw AuthorityCallError(.unreachable, "the authority ended its feed")
    }

    /// The authority says something every five seconds.
    private static let silence = Duration.seconds(20)

    /// Reads a line; nil when it is none of the agent's business, and neither is what is wrong with such a line.
    private static func event(_ line: [UInt8], _ position: inout FeedPosition) -> AgentEvent? {
        guard let value = try? JSONValue(parsing: line), let object = try? JSONObject(value, known: nil) else {
            return nil
        }
        if let epoch = try? object.string("epoch") { position.epoch = epoch }
        if let sequence = try? object.integer("sequence") { position.sequence = sequence }
        switch try? object.string("type") {
        case "rotate":
            guard let service = try? object.string("service") else { return nil }
            let time = try? object.string("requested_at")
            return .rotate(WantedRotation(service, requestedAt: time.flatMap(CalendarTime.unixSeconds(rfc3339:))))
        case "revocation":
            return RevokedSerial(json: object).map { .revocations(.change($0)) }
        case "snapshot":
            guard case .array(let entries)? = object["entries"] else { return nil }
            let objects = entries.lazy.compactMap { try? JSONObject($0, known: nil) }
            return .revocations(.all(objects.compactMap(RevokedSerial.init(json:))))
        default:
            return nil
        }
    }
}
