import CountersignJSON
import CountersignPKI
import CountersignRouter

/// What an authority says about revocations: one line of its stream, or the answer to one poll.
enum RevocationMessage: Sendable {
    /// One event, with its place in the order of all.
    struct Event: Sendable {
        /// Counts up by one from event to event of an epoch.
        let sequence: Int64
        let change: RevocationChange
        /// How long ago the authority was asked for it when it told of it, in microseconds; 0 where it is not said.
        var elapsedMicroseconds: Int64 = 0
    }

    /// All that is revoked, as of an event.
    case snapshot(epoch: String, sequence: Int64, entries: [RevokedCertificate])
    /// What follows continues what is known; `sequence` is that of the last event there is.
    case resumed(epoch: String, sequence: Int64)
    case event(Event)
    /// Nothing has happened; `sequence`, where it is told, is that of the last event.
    case heartbeat(sequence: Int64?)
    /// Something that other readers of the stream look for.
    case unrelated
}

extension RevocationMessage {
    /// Reads a line of the stream, one JSON object with a `type`.
    ///
    /// - Throws: ``JSONError`` for what is no such line; members and types that are not known are passed over.
    init(line: [UInt8]) throws(JSONError) {
        let object = try JSONObject(try JSONValue(parsing: line), known: nil)
        switch try object.requiredString("type") {
        case "snapshot":
            self = .snapshot(
                epoch: try object.requiredString("epoch"),
                sequence: try Self.sequence(of: object),
                entries: try Self.entries(of: object).compactMap(\.certificate)
            )
        case "resumed":
            self = .resumed(epoch: try object.requiredString("epoch"), sequence: try Self.sequence(of: object))
        case "revocation":
            var event = try Self.event(object)
            event.elapsedMicroseconds = min(max(0, try object.integer("elapsed_us") ?? 0), Self.longestElapsed)
            self = .event(event)
        case "heartbeat": self = .heartbeat(sequence: try object.integer("sequence"))
        default: self = .unrelated
        }
    }

    /// Reads the answer to a poll: everything, or the events after the one that was asked for.
    ///
    /// - Throws: ``JSONError`` for anything else.
    static func messages(poll body: [UInt8]) throws(JSONError) -> [RevocationMessage] {
        let object = try JSONObject(try JSONValue(parsing: body), known: nil)
        let epoch = try object.requiredString("epoch")
        let sequence = try self.sequence(of: object)
        let events = try entries(of: object)
        guard try object.bool("snapshot") ?? false else {
            return [.resumed(epoch: epoch, sequence: sequence)] + events.map { .event($0) }
        }
        return [.snapshot(epoch: epoch, sequence: sequence, entries: events.compactMap(\.certificate))]
    }

    private static func entries(of object: JSONObject) throws(JSONError) -> [Event] {
        guard let objects = try object.objects("entries", known: nil, atMost: maximumEntries) else {
            throw object.wrong("entries", "an array of revocations")
        }
        var events: [Event] = []
        events.reserveCapacity(objects.count)
        for object in objects { events.append(try event(object)) }
        return events
    }

    private static func event(_ object: JSONObject) throws(JSONError) -> Event {
        let serial = try bytes(object, "serial", atMost: maximumSerialBytes)
        let issuer = try bytes(object, "issuer_key_id", atMost: maximumKeyIdentifierBytes)
        let key = RevocationKey(issuerKeyIdentifier: issuer, serial: serial)
        let sequence = try self.sequence(of: object)
        let name = try object.requiredString("reason")
        if name == RevocationReason.removeFromCRL.name { return Event(sequence: sequence, change: .release(key)) }
        let certificate = RevokedCertificate(
            key: key,
            date: try time(object, "date"),
            // A reason that is not known here is no reason to go on serving.
            reason: RevocationReason.allCases.first { $0.name == name } ?? .unspecified,
            notAfter: try time(object, "not_after")
        )
        return Event(sequence: sequence, change: .revoke(certificate))
    }

    private static func sequence(of object: JSONObject) throws(JSONError) -> Int64 {
        guard let sequence = try object.integer("sequence"), sequence >= 0 else {
            throw object.wrong("sequence", "a whole number, 0 or more")
        }
        return sequence
    }

    private static func time(_ object: JSONObject, _ name: String) throws(JSONError) -> Int64 {
        guard let time = CalendarTime.unixSeconds(rfc3339: try object.requiredString(name)) else {
            throw object.wrong(name, "a time such as 2026-01-31T09:30:00Z")
        }
        return time
    }

    private static func bytes(_ object: JSONObject, _ name: String, atMost limit: Int) throws(JSONError) -> [UInt8] {
        let text = try object.requiredString(name)
        let digits = (text.utf8.count % 2 == 0 ? "" : "0") + text
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in digits.utf8 {
            guard let value = Character(Unicode.Scalar(digit)).hexDigitValue, bytes.count < limit else {
                throw object.wrong(name, "hexadecimal digits for at most \(limit) bytes")
            }
            if let first = high {
                bytes.append(first << 4 | UInt8(value))
                high = nil
            } else {
                high = UInt8(value)
            }
        }
        return bytes
    }

    private static let maximumEntries = 5_000_000
    private static let maximumSerialBytes = 64
    /// An hour: what an authority says of its own clock must not overflow a sum here.
    private static let longestElapsed: Int64 = 3_600_000_000
    private static let maximumKeyIdentifierBytes = 64
}

extension RevocationMessage.Event {
    /// The certificate that is revoked; nil where one is released.
    var certificate: RevokedCertificate? {
        if case .revoke(let certificate) = change { certificate } else { nil }
    }
}
