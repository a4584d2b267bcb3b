/// Numbers by chance that nothing depends on but an even spread (xorshift64*); not for secrets.
struct ChanceGenerator {
    private var state: UInt64

    init() {
        var system = SystemRandomNumberGenerator()
        state = system.next() | 1
    }

    /// A number from 0 to, not including, `bound`, which is at least 1.
    mutating func next(below bound: Int) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int(((state &* 0x2545_F491_4F6C_DD1D) >> 32) % UInt64(bound))
    }
}
