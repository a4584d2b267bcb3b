package import CountersignHTTPServer
import CountersignIssuance
package import CountersignJSON
import CountersignTelemetry
import Logging
import Synchronization

/// Tells routers and other followers of every revocation, by push and by pages.
package final class RevocationBroadcast: Sendable {
    private let engine: AuthorityEngine
    private let subscriptions = Mutex<[ObjectIdentifier: RevocationSubscription]>([:])

    package init(engine: AuthorityEngine) {
        self.engine = engine
    }

    /// What a follower who polls is told.
    ///
    /// - Parameters:
    ///   - after: the last sequence that the follower has.
    ///   - epoch: the numbering that it is of; another one gives everything in force.
    package func page(after: Int64, epoch: String?) -> JSONValue {
        let book = engine.revocations
        let isKnown = after > 0 && (epoch == nil || epoch == book.epoch)
        if isKnown, let events = book.events(after: after) {
            return Self.page(book.epoch, events.last?.sequence ?? after, isSnapshot: false, events)
        }
        let (entries, sequence) = book.snapshot()
        return Self.page(book.epoch, sequence, isSnapshot: true, entries)
    }

    /// Opens a stream and keeps it fed until the follower goes or is revoked itself.
    ///
    /// - Parameters:
    ///   - responder: is answered with the stream.
    ///   - caller: who follows; rotations are told of the services that it may have certificates for.
    ///   - serial: the serial number of its certificate, in lower-case hexadecimal; nil where it has none.
    ///   - after: the sequence of the last event that it knows; 0 for none.
    ///   - epoch: the numbering that `after` is of; where it is not the present one, the stream begins with everything.
    package func follow(_ responder: Responder, caller: Caller, serial: String?, after: Int64, epoch: String?) {
        let subscription = RevocationSubscription(book: engine.revocations, clock: engine.clock, serial: serial)
        let stream = responder.openStream(
            contentType: "application/x-ndjson",
            fields: [("Cache-Control", "no-store")],
            limit: Self.unreadLimit,
            heartbeat: StreamHeartbeat(every: .seconds(5), bytes: Array("{\"type\":\"heartbeat\"}\n".utf8))
        ) { [weak self] end in
            self?.ended(subscription, caller, end)
        }
        guard let stream else { return }
        change { $0[ObjectIdentifier(subscription)] = subscription }
        engine.logger.info("revocation follower connected", metadata: ["caller": "\(caller.name)"])
        subscription.begin(stream, after: after, epoch: epoch, then: missedRotations(caller))
    }

    /// Tells every follower that an operator asked for a service's certificates to be renewed.
    package func tellRotation(of service: String) {
        let line = JSONValue.object([.init("type", .string("rotate")), .init("service", .string(service))])
        for subscription in subscriptions.withLock({ Array($0.values) }) { subscription.send(line) }
    }

    /// The newest rotations of services that a caller may have certificates for: it may have been away, and knows by the
    /// time whether its certificate was issued for them.
    private func missedRotations(_ caller: Caller) -> [JSONValue] {
        engine.servicesVisible(to: caller).compactMap { service in
            engine.rotations.requestedAt(service.name).map { time in
                .object([
                    .init("type", .string("rotate")), .init("service", .string(service.name)),
                    .init("requested_at", AdminJSON.time(time)),
                ])
            }
        }
    }

    private func ended(_ subscription: RevocationSubscription, _ caller: Caller, _ end: StreamEnd) {
        subscription.end()
        change { $0[ObjectIdentifier(subscription)] = nil }
        engine.logger.info("revocation follower gone", metadata: ["caller": "\(caller.name)", "end": "\(end)"])
    }

    /// Changes who follows; the metric is set under the same lock, so that the last count is what stays.
    private func change(_ body: (inout [ObjectIdentifier: RevocationSubscription]) -> Void) {
        subscriptions.withLock { subscriptions in
            body(&subscriptions)
            engine.metrics.subscribers.set(Double(subscriptions.count))
        }
    }

    private static func page(
        _ epoch: String,
        _ sequence: Int64,
        isSnapshot: Bool,
        _ events: [RevocationEvent]
    ) -> JSONValue {
        .object([
            .init("epoch", .string(epoch)),
            .init("sequence", .number(sequence)),
            .init("snapshot", .bool(isSnapshot)),
            .init("entries", .array(events.map { .object($0.members) })),
        ])
    }

    private static let unreadLimit = 64 * 1024 * 1024
}
