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

    /// A path without what may hold secrets: scheme and authority with its user, query, fragment, and parameters of
    /// segments (`;jsessionid=…`).
    static func path(_ target: String) -> String {
        var rest = target[...]
        if !rest.hasPrefix("/"), let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
            rest = rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        var path = ""
        var isParameter = false
        for scalar in rest.unicodeScalars {
            switch scalar {
            case "?", "#": return path
            case ";": isParameter = true
            case "/": isParameter = false
            default: break
            }
            if !isParameter { path.unicodeScalars.append(scalar) }
        }
        return path
    }

    /// A host without a user before it.
    static func host(_ authority: String) -> String {
        authority.lastIndex(of: "@").map { String(authority[authority.index(after: $0)...]) } ?? authority
    }

    /// A time of Unix milliseconds as RFC 3339 writes it, in UTC.
    static func time(_ milliseconds: Int64) -> String {
        var renderer = TimestampRenderer()
        var writer = ByteWriter(capacity: 24)
        renderer.append(milliseconds.multipliedReportingOverflow(by: 1_000_000).partialValue, to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
