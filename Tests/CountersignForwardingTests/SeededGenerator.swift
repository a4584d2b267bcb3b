/// A reproducible source of random numbers (SplitMix64), so that a failing property can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

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
