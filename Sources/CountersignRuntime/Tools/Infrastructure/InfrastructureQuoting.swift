import CountersignPKI

/// Texts as different programs take them literally; none of them has control characters.
enum InfrastructureQuoting {
    /// A value of a connection string of libpq (PostgreSQL, "Connection Strings").
    static func conninfo(_ text: String) -> String {
        isPlain(text) ? text : "'" + escaped(text, "\\'") + "'"
    }

    /// A part of a URL: all but unreserved characters in `%` and two digits (RFC 3986 section 2.3), slashes as they are.
    static func url(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            if isUnreserved(byte) || byte == UInt8(ascii: "/") {
                result += String(decoding: [byte], as: UTF8.self)
            } else {
                result += "%" + Hexadecimal.text(of: [byte]).uppercased()
            }
        }
    }

    /// A value of `postgresql.conf`.
    static func postgresql(_ text: String) -> String {
        // The reader knows backslashes, too.
        "'" + escaped(text, "\\").split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    /// A word of `pg_hba.conf` or `pg_ident.conf`, without the meaning that some words have there.
    static func hba(_ text: String) -> String {
        "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
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
        text.reduce(into: "") { result, character in
            if special.contains(character) { result += "\\" }
            result.append(character)
        }
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
