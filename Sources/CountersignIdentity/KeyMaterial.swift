/// Tells texts that may hold a private key from those that do not, so that no message repeats them.
///
/// A key gets into a message when it is given in the place of something else: of a path, of a name, of another key of
/// the configuration. Nothing of such a text may be shown, as a part of a key can be as good as the whole.
package enum KeyMaterial {
    /// Whether the bytes may hold a private key: PEM that says so, or a run of Base64 or hexadecimal digits as long as
    /// the shortest key.
    ///
    /// Certificates and digests in Base64 cannot be told from keys and count as well. A text that begins with `/` or `.`
    /// is taken for a path, in which a run ends at each slash; no encoded key begins so.
    package static func mayBe(in bytes: some Sequence<UInt8>) -> Bool {
        var label = 0
        var run = Run()
        var isPath: Bool?
        for byte in bytes {
            label = byte == privateKey[label] ? label + 1 : byte == privateKey[0] ? 1 : 0
            if label == privateKey.count { return true }
            let path = isPath ?? (byte == UInt8(ascii: "/") || byte == UInt8(ascii: "."))
            isPath = path
            run.take(byte, countsSlash: !path)
            if run.isLikeKey { return true }
        }
        return false
    }

    /// Whether the text may hold a private key.
    package static func mayBe(in text: String) -> Bool { mayBe(in: text.utf8) }

    /// What stands in the place of such a text.
    package static let placeholder = "<not shown, as it may be a private key>"

    /// The words that the label of every private key in PEM has (RFC 7468).
    private static let privateKey = Array("PRIVATE KEY".utf8)
}

extension KeyMaterial {
    /// A run of characters of Base64 (RFC 4648).
    private struct Run {
        private var length = 0
        private var hasUpper = false
        private var hasLower = false
        private var hasDigit = false
        private var isHexadecimal = true

        /// Whether the run is long and mixed enough for a key; words and repeated letters are not.
        var isLikeKey: Bool {
            length >= Self.shortestKey && hasDigit && (hasUpper && hasLower || isHexadecimal && (hasUpper || hasLower))
        }

        mutating func take(_ byte: UInt8, countsSlash: Bool) {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): hasDigit = true
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): hasUpper = true
            case UInt8(ascii: "a")...UInt8(ascii: "z"): hasLower = true
            case UInt8(ascii: "+"), UInt8(ascii: "="): break
            case UInt8(ascii: "/") where countsSlash: break
            default:
                self = Run()
                return
            }
            length += 1
            let lower = byte | 0x20
            isHexadecimal =
                isHexadecimal && (byte <= UInt8(ascii: "9") || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(lower))
        }

        /// The secret half of an Ed25519 or P-256 key has 32 bytes, in Base64 43 characters.
        private static let shortestKey = 40
    }
}
