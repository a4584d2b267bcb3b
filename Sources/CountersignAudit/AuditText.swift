import CountersignTelemetry

/// Makes texts of callers fit to be kept.
enum AuditText {
    /// A text of at most so many bytes, cut between characters.
    static func bounded(_ text: String, _ limit: Int) -> (text: String, isCut: Bool) {
        guard text.utf8.count > limit else { return (text, false) }
        var kept = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            guard count <= limit else { break }
            kept.append(scalar)
        }
        return (String(kept), true)
    }

    /// A time of Unix milliseconds as RFC 3339 writes it, in UTC.
    static func time(_ milliseconds: Int64) -> String {
        var renderer = TimestampRenderer()
        var writer = ByteWriter(capacity: 24)
        renderer.append(milliseconds.multipliedReportingOverflow(by: 1_000_000).partialValue, to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
