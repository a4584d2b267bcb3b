import CountersignPKI

/// Texts as different programs take them literally; none of them has control characters.
enum InfrastructureQuoting {
    /// A value of a connection string of libpq (PostgreSQL, "Connection Strings").
    static func conninfo(_ text: String) -> String {
        isPlain(text) ? text : "'" + escaped(text, "\\'") + "'"
    }

    /// A user, host or database of a URL: all but unreserved characters in `%` and two digits (RFC 3986 section 2.3).
    static func url(_ text: String) -> String { percentEncoded(text, keepingSlashes: false) }

    /// A value in the query of a URL, where a path may stay readable (RFC 3986 section 3.4).
    static func urlQuery(_ text: String) -> String { percentEncoded(text, keepingSlashes: true) }

    private static func percentEncoded(_ text: String, keepingSlashes: Bool) -> String {
        text.utf8.reduce(into: "") { result, byte in
            if isUnreserved(byte) || (keepingSlashes && byte == UInt8(ascii: "/")) {
                result += String(decoding: [byte], as: UTF8.self)
            } else {
                result += "%" + Hexadecimal.text(of: [byte]).uppercased()
            }
        }
    }

    /// A value of `postgresql.conf`.
    static func postgresql(_ text: String) -> String {
        // The reader knows backslashes, too.
        "'" + escaped(text, "\\").replacingScalar("'", by: "''") + "'"
    }

    /// A word of `pg_hba.conf` or `pg_ident.conf`, without the meaning that some words have there.
    static func hba(_ text: String) -> String {
        "\"" + text.replacingScalar("\"", by: "\"\"") + "\""
    }

    /// An argument in `redis.conf`.
    static func redis(_ text: String) -> String {
        "\"" + escaped(text, "\\\"") + "\""
    }

    /// An argument in `haproxy.cfg`.
    static func haproxy(_ text: String) -> String {
        "\"" + escaped(text, "\\\"$") + "\""
    }

    /// A string literal of Swift.
    static func swift(_ text: String) -> String {
        "\"" + escaped(text, "\\\"") + "\""
    }

    private static func escaped(_ text: String, _ special: String) -> String {
        special.unicodeScalars.reduce(text) { $0.replacingScalar($1, by: "\\\($1)") }
    }

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isUnreserved($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }
}
