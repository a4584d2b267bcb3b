/// Makes the ids of requests that come without one: 128 bits that no other request has.
///
/// They are told to backends and logs, and nobody may conclude anything from them; so a quick generator, seeded by the
/// system once for each worker, is enough (SplitMix64, Steele, Lea and Flood 2014).
struct RequestIDGenerator {
    private var high: UInt64
    private var low: UInt64

    init() {
        var random = SystemRandomNumberGenerator()
        high = random.next()
        low = random.next()
    }

    mutating func next() -> (high: UInt64, low: UInt64) {
        high &+= 0x9E37_79B9_7F4A_7C15
        low &+= 0xD1B5_4A32_D192_ED03
        return (Self.mix(high), Self.mix(low))
    }

    private static func mix(_ state: UInt64) -> UInt64 {
        var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
