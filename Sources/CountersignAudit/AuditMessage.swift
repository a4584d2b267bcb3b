import CountersignSpool

/// An event on its way to Kafka, as the spool holds it: version, time, length of the key, key, content.
struct AuditMessage: Sendable, Hashable {
    /// When it happened, in Unix milliseconds; one of ``times``.
    let time: Int64
    /// What belongs together.
    let key: [UInt8]
    /// The JSON object.
    let content: [UInt8]

    /// What a time can be: from 1970 on, as long as its nanoseconds are a number of 64 bits, which is up to the year 2262.
    static let times = 0...Int64.max / nanosecondsInAMillisecond

    /// When it happened, in Unix nanoseconds.
    var timeInNanoseconds: Int64 { time * Self.nanosecondsInAMillisecond }

    /// Takes the parts of an event; the line feed at the end of its line is left out.
    init(_ record: AuditRecord) {
        time = min(max(record.time, Self.times.lowerBound), Self.times.upperBound)
        key = record.key
        content = Array(record.line.dropLast())
    }

    /// Reads what ``payload`` has written.
    ///
    /// - Returns: nil for anything else, such as what a later version has written, or a time that nothing can have.
    init?(payload: [UInt8]) {
        guard payload.count > 11, payload[0] == Self.version else { return nil }
        let keyLength = Int(payload[9]) << 8 | Int(payload[10])
        guard 11 + keyLength < payload.count else { return nil }
        let time = payload[1..<9].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        guard Self.times.contains(time) else { return nil }
        self.time = time
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
    private static let nanosecondsInAMillisecond: Int64 = 1_000_000
}
