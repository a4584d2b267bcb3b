import CountersignHTTPClient
import CountersignJSON
import CountersignPKI

extension HTTPAuthorityClient {
    /// Follows the authority's feed until it ends, and tells of every service whose certificate an operator wants renewed.
    ///
    /// - Parameter position: where to begin, so that the authority need not repeat what is known; moved along.
    /// - Throws: ``AuthorityCallError``, sooner or later: nothing but an error ends the feed.
    package func follow(
        _ position: inout FeedPosition,
        onRotation: (WantedRotation) -> Void
    ) throws(AuthorityCallError) -> Never {
        let client = try securedClient()
        do throws(HTTPClientError) {
            let path = "/v1/revocations/stream\(position.query)"
            let stream = try client.openStream("GET", path, within: .seconds(15))
            defer { stream.cancel() }
            while let line = try stream.nextLine(within: Self.silence) {
                Self.take(line, &position, onRotation)
            }
        } catch {
            throw AuthorityCallError(error)
        }
        throw AuthorityCallError(.unreachable, "the authority ended its feed")
    }

    /// The authority says something every five seconds.
    private static let silence = Duration.seconds(20)

    private static func take(_ line: [UInt8], _ position: inout FeedPosition, _ onRotation: (WantedRotation) -> Void) {
        // Lines of other kinds are none of the agent's business, and neither is what is wrong with them.
        guard let value = try? JSONValue(parsing: line), let object = try? JSONObject(value, known: nil) else { return }
        if let epoch = try? object.string("epoch") { position.epoch = epoch }
        if let sequence = try? object.integer("sequence") { position.sequence = sequence }
        guard (try? object.string("type")) == "rotate", let service = try? object.string("service") else { return }
        let time = try? object.string("requested_at")
        onRotation(WantedRotation(service, requestedAt: time.flatMap(CalendarTime.unixSeconds(rfc3339:))))
    }
}
