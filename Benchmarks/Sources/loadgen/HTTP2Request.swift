/// The header block of a request as HPACK (RFC 7541), in literals for the first of a connection, by index from then on.
struct HTTP2Request {
    /// Makes the server's table of fields hold what every later block refers to.
    let first: [UInt8]
    let later: [UInt8]

    init(host: String, path: String) {
        // What is repeated has an entry in the static table, whose number the literal takes the name from.
        let literals: [(name: UInt8, value: String)] = [(1, host), (4, path), (58, "loadgen"), (19, "*/*")]
        first =
            Self.fixed
            + literals.flatMap { [0x40 | $0.name] + Self.length($0.value) + Array($0.value.utf8) }
        // The newest entry has the number 62.
        later = Self.fixed + literals.indices.map { 0x80 | UInt8(61 + literals.count - $0) }
    }

    /// `:method: GET` and `:scheme: https`.
    private static let fixed: [UInt8] = [0x82, 0x87]

    /// The length of a value, as an integer with a prefix of seven bits and without Huffman coding.
    private static func length(_ value: String) -> [UInt8] {
        var rest = value.utf8.count
        guard rest >= 127 else { return [UInt8(rest)] }
        rest -= 127
        var bytes: [UInt8] = [127]
        while rest >= 128 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
