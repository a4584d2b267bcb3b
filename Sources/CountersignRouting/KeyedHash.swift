/// A hash of byte strings under a secret key, so that nobody can choose hosts or paths that all meet in one place.
///
/// The bytes are the coefficients, seven to a coefficient, of a polynomial over the integers modulo 2^61 - 1, evaluated
/// at the key. For two strings of up to n bytes that were chosen without knowing the key, at most n/7 + 2 of the 2^61
/// keys make them collide.
struct KeyedHash: Sendable {
    /// Where the polynomials are evaluated: 2 to 2^61 - 2.
    let key: UInt64

    /// Makes the function that belongs to a seed, of which 61 bits count.
    init(seed: UInt64) {
        // Stirred, so that seeds which differ in a few bits (of a test) give unrelated keys.
        var stirred = seed &+ 0x9E37_79B9_7F4A_7C15
        stirred = (stirred ^ (stirred >> 30)) &* 0xBF58_476D_1CE4_E5B9
        stirred = (stirred ^ (stirred >> 27)) &* 0x94D0_49BB_1331_11EB
        stirred ^= stirred >> 31
        key = 2 + stirred % (Self.modulus - 3)
    }

    /// The hash of a string and of a number that tells strings of different kinds apart; below 2^61.
    func callAsFunction(_ bytes: Span<UInt8>, tag: UInt32) -> UInt64 {
        // The bytes of a `UInt8` are its value: nothing is reinterpreted that could be invalid.
        let raw = unsafe bytes.bytes
        let count = raw.byteCount
        var hash = step(1, UInt64(tag) << 24 | UInt64(count & 0xFF_FFFF))
        var offset = 0
        while offset + 8 <= count {
            // Bounds are checked; any eight bytes are a UInt64. The eighth is left to the next round.
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            hash = step(hash, UInt64(littleEndian: word) & 0x00FF_FFFF_FFFF_FFFF)
            offset += 7
        }
        var tail: UInt64 = 0
        var shift: UInt64 = 0
        while offset < count {
            tail |= UInt64(bytes[offset]) << shift
            // At most seven bytes are left.
            shift += 8
            offset += 1
        }
        return reduced(step(hash, tail))
    }

    /// `(hash + coefficient) * key`, modulo 2^61 - 1 up to a multiple, below 2^62 for a hash below 2^62 and a
    /// coefficient below 2^56.
    private func step(_ hash: UInt64, _ coefficient: UInt64) -> UInt64 {
        let product = (hash + coefficient).multipliedFullWidth(by: key)
        let high = product.high << 3 | product.low >> 61
        let sum = (product.low & Self.modulus) + high
        return (sum & Self.modulus) + (sum >> 61)
    }

    private func reduced(_ hash: UInt64) -> UInt64 {
        hash >= Self.modulus ? hash - Self.modulus : hash
    }

    private static let modulus: UInt64 = (1 << 61) - 1
}
