/// Eight bytes of a buffer in one integer, so that a loop can look at eight of them at once.
///
/// The first byte is the lowest one. A stop mask marks bytes by their top bit, and only its lowest mark is exact: a
/// borrow can carry a false mark upward from a true one, never downward. So only ``firstMarked(in:)`` reads a mask.
struct ByteWord: Equatable {
    let bits: UInt64

    @inline(__always)
    init(bits: UInt64) {
        self.bits = bits
    }

    /// Packs the first eight bytes of an ASCII literal; a shorter one is padded with zero bytes.
    @inline(__always)
    init(_ literal: StaticString) {
        var bits: UInt64 = 0
        // SAFETY: the storage of a string literal is static and holds utf8CodeUnitCount bytes.
        literal.withUTF8Buffer { buffer in
            var index = 0
            while index < 8, index < buffer.count {
                unsafe bits |= UInt64(buffer[index]) &<< UInt64(truncatingIfNeeded: index &* 8)
                index &+= 1
            }
        }
        self.bits = bits
    }

    /// The first `length` bytes, the others zero; the whole word from 8 upward.
    @inline(__always)
    func prefix(_ length: Int) -> ByteWord {
        length >= 8 ? self : ByteWord(bits: bits & ((1 &<< UInt64(truncatingIfNeeded: length &* 8)) &- 1))
    }

    /// The word with the case bit of every byte set.
    ///
    /// Of the bytes that a token may hold only letters change, except for `^` and `_`, which become bytes that no
    /// token may hold: so a token equals a lower-case name of letters and hyphens exactly if the two words are equal.
    @inline(__always)
    var caseFolded: ByteWord { ByteWord(bits: bits | 0x2020_2020_2020_2020) }

    /// Marks bytes that end a run of field content: controls, HTAB among them, and DEL.
    @inline(__always)
    var contentStops: UInt64 {
        let belowSpace = (bits &- 0x2020_2020_2020_2020) & ~bits
        return (belowSpace | deletes) & Self.marks
    }

    /// Marks bytes that may not stand in a request target: controls, space, DEL, `#` and everything past ASCII.
    @inline(__always)
    var targetStops: UInt64 {
        let belowExclamation = (bits &- 0x2121_2121_2121_2121) & ~bits
        let hashes = bits ^ 0x2323_2323_2323_2323
        let atHash = (hashes &- Self.ones) & ~hashes
        return (belowExclamation | deletes | atHash | bits) & Self.marks
    }

    /// Marks bytes other than letters, digits, `-` and `.`; every mark of this mask is exact.
    @inline(__always)
    var nameStops: UInt64 {
        // With the top bit gone, adding (0x80 - first) sets it again exactly for bytes from `first` upward.
        let low = bits & ~Self.marks
        let folded = low | 0x2020_2020_2020_2020
        let letters = (folded &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(folded &+ 0x0505_0505_0505_0505)
        let digits = (low &+ 0x5050_5050_5050_5050) & ~(low &+ 0x4646_4646_4646_4646)
        let hyphenOrDot = (low &+ 0x5353_5353_5353_5353) & ~(low &+ 0x5151_5151_5151_5151)
        return (~(letters | digits | hyphenOrDot) | bits) & Self.marks
    }

    /// The index, 0 to 7, of the first byte that a nonzero stop mask marks.
    @inline(__always)
    static func firstMarked(in mask: UInt64) -> Int {
        mask.trailingZeroBitCount &>> 3
    }

    @inline(__always)
    private var deletes: UInt64 {
        let flipped = bits ^ 0x7F7F_7F7F_7F7F_7F7F
        return (flipped &- Self.ones) & ~flipped
    }

    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
    private static var marks: UInt64 { 0x8080_8080_8080_8080 }
}
