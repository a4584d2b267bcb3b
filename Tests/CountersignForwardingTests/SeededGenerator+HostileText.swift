import CountersignTesting

extension SeededGenerator {
    mutating func bytes(upTo limit: Int) -> [UInt8] {
        (0..<Int.random(in: 0...limit, using: &self)).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// Text that is made of what trips parsers up: separators, quotes, escapes, and a few letters.
    mutating func hostileText(upTo limit: Int) -> String {
        let pieces = [
            "a", "Z", "0", "ü", ",", ";", "=", "\"", "\\", "\\\"", "%", "%2C", " ", "\r\n", "\u{0}", "\u{7F}", "+",
            "OU=app:x", "URI=spiffe://evil/x", "\";URI=", "Subject=\"", "spiffe://td/w",
        ]
        return (0..<Int.random(in: 0...limit, using: &self)).map { _ in pieces.randomElement(using: &self)! }.joined()
    }
}
