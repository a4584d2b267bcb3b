/// Reproducible randomness for spreading what many hosts do: the same seed and step always give the same fraction.
///
/// Not for secrets.
package struct Jitter: Sendable, Hashable {
    /// What distinguishes this holder from others.
    package let seed: UInt64

    /// Takes a seed as it is.
    package init(seed: UInt64) {
        self.seed = seed
    }

    /// Makes a seed of names, such as the host's, the service's and the certificate's serial number (FNV-1a).
    package init(naming names: String...) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for name in names {
            // 0xFF is in no UTF-8 text, so that ("ab", "c") and ("a", "bc") differ.
            for byte in Array(name.utf8) + [0xFF] {
                hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            }
        }
        self.seed = hash
    }

    /// A fraction from 0 up to but not including 1, evenly spread over steps and seeds (SplitMix64).
    package func fraction(_ step: UInt64) -> Double {
        var mixed = seed &+ (step &+ 1) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return Double(mixed >> 11) / Double(1 << 53)
    }
}
