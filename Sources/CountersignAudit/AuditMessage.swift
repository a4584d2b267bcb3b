import CountersignSpool

/// An event on its way to Kafka, as the spool holds it: version, time, length of the key, key, content.
struct AuditMessage: Sendable, Hashable {
    /// When it happened, in Unix milliseconds.
    let time: Int64
    /// What belongs together.
    let key: [UInt8]
    /// The JSON object.
    let content: [UInt8]

    /// Takes the parts of an event; the line feed at the end of its line is left out.
    init(_ record: AuditRecord) {
        time = record.time
        key = record.key
        content = Array(record.line.dropLast())
    }

    /// Reads what ``payload`` has written.
    ///
    /// - Returns: nil for anything else, such as what a later version has written.
    init?(payload: [UInt8]) {
        guard payload.count > 11, payload[0] == Self.version else { return nil }
        let keyLength = Int(payload[9]) << 8 | Int(payload[10])
        guard 11 + keyLength < payload.count else { return nil }
        time = payload[1..<9].reduce(0) { $0 << 8 | Int64($1) }
        key = Array(payload[11..<11 + keyLength])
        content = Array(payload[(11 + keyLength)...])
    }

    /// What is put into the spool.
    var payload: [UInt8] {
        var payload = [Self.version]
        payload.reserveCapacity(11 + key.count + content.count)
        for shift in stride(from: 56, through: 0, by: -8) {
            payload.append(UInt8(truncatingIfNeeded: time >> Int64(shift)))
        }
        payload += [UInt8(truncatingIfNeeded: key.count >> 8), UInt8(truncatingIfNeeded: key.count)]
        return payload + key + content
    }

    private static let version: UInt8 = 1
}
