/// Escaping of text that others chose, so that one record stays one line and one field stays one field.
extension ByteWriter {
    /// Where escaped text is going to stand.
    package enum EscapePlace: Sendable {
        /// Between double quotes, in JSON or in a text line.
        case quoted
        /// Bare, in a text line whose fields end at a space.
        case bare
    }

    /// Appends text with everything escaped that could end the field or the line, or steer a terminal.
    ///
    /// The result is valid inside a JSON string (RFC 8259 section 7). Quotes, backslashes, C0 and C1 controls, DEL,
    /// line and paragraph separators and bidirectional controls are escaped; each ill-formed UTF-8 sequence
    /// becomes `\ufffd`. A bare place escapes the space too.
    ///
    /// - Parameters:
    ///   - text: Bytes from anywhere; they need not be UTF-8.
    ///   - place: What surrounds the text.
    package mutating func append(escaping text: Span<UInt8>, for place: EscapePlace = .quoted) {
        var index = 0
        while true {
            self.reserve(text.count &- index &+ 8)
            index = unsafe text.withUnsafeBufferPointer { unsafe self.copyClean($0, from: index, for: place) }
            guard index < text.count else { return }
            let byte = text[index]
            if byte < 0x80 {
                self.appendEscaped(ascii: byte)
                index &+= 1
            } else {
                index = self.appendScalar(text, from: index)
            }
        }
    }

    /// Appends at most `limit` bytes of text, escaped; text that was cut ends in `...`.
    package mutating func append(escaping text: Span<UInt8>, limit: Int, for place: EscapePlace = .quoted) {
        guard text.count > limit else {
            self.append(escaping: text, for: place)
            return
        }
        var end = max(limit, 0)
        // A cut in the middle of a scalar would show up as an encoding error that the sender did not make.
        while end > 0, end > limit - 3, text[end] & 0xC0 == 0x80 {
            end -= 1
        }
        self.append(escaping: text.extracting(0..<end), for: place)
        self.append("...")
    }

    /// Appends a string's UTF-8, escaped.
    package mutating func append(escaping text: String, for place: EscapePlace = .quoted) {
        self.append(escaping: text.utf8.span, for: place)
    }

    /// Copies bytes that need no escape and returns the index of the first that does, or the count.
    ///
    /// There must be room for the rest of the text and eight bytes more, because whole words are stored.
    private mutating func copyClean(
        _ text: UnsafeBufferPointer<UInt8>,
        from start: Int,
        for place: EscapePlace
    ) -> Int {
        guard let address = text.baseAddress else { return text.count }
        let input = unsafe UnsafeRawPointer(address)
        let output = unsafe UnsafeMutableRawPointer(self.base + self.count) - start
        let flagSpace = place == .bare
        var index = start
        var special: UInt64 = 0
        while index &+ 8 <= text.count, special == 0 {
            let word = UInt64(littleEndian: unsafe input.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            unsafe output.storeBytes(of: word.littleEndian, toByteOffset: index, as: UInt64.self)
            special = Self.specialBytes(in: word, flagSpace: flagSpace)
            index &+= special == 0 ? 8 : special.trailingZeroBitCount >> 3
        }
        let rest = text.count &- index
        if special == 0, rest > 0 {
            let word = unsafe Self.lastWord(of: text, length: rest)
            unsafe output.storeBytes(of: word.littleEndian, toByteOffset: index, as: UInt64.self)
            special = Self.specialBytes(in: word, flagSpace: flagSpace)
            index &+= min(special.trailingZeroBitCount >> 3, rest)
        }
        self.count &+= index &- start
        return index
    }

    /// The last 1 to 7 bytes of the text as a word, filled up with zeros.
    private static func lastWord(of text: UnsafeBufferPointer<UInt8>, length: Int) -> UInt64 {
        if text.count >= 8, let address = text.baseAddress {
            let raw = unsafe UnsafeRawPointer(address)
            let word = unsafe raw.loadUnaligned(fromByteOffset: text.count &- 8, as: UInt64.self)
            return UInt64(littleEndian: word) >> UInt64(truncatingIfNeeded: 64 &- 8 &* length)
        }
        var word: UInt64 = 0
        var index = text.count
        while index > text.count &- length {
            index &-= 1
            word = word << 8 | UInt64(unsafe text[index])
        }
        return word
    }

    /// Sets the top bit of bytes that need an escape; the lowest one set is exact, those above it may be false.
    private static func specialBytes(in word: UInt64, flagSpace: Bool) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let firstClean: UInt64 = flagSpace ? 0x21 : 0x20
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let delete = word ^ (ones &* 0x7F)
        let controls = (word &- ones &* firstClean) & ~word
        let equals = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((delete &- ones) & ~delete)
        return (word | controls | equals) & tops
    }

    private mutating func appendEscaped(ascii byte: UInt8) {
        switch byte {
        case 0x22: self.append("\\\"")
        case 0x5C: self.append("\\\\")
        case 0x0A: self.append("\\n")
        case 0x0D: self.append("\\r")
        case 0x09: self.append("\\t")
        default: self.appendEscaped(unit: UInt32(byte))
        }
    }

    /// Copies or escapes one non-ASCII scalar, or replaces one ill-formed sequence; returns the index behind it.
    private mutating func appendScalar(_ text: Span<UInt8>, from start: Int) -> Int {
        let (scalar, length) = UTF8Decoding.scalar(in: text, at: start)
        guard let scalar else {
            self.append("\\ufffd")
            return start &+ length
        }
        if Self.isHarmful(scalar) {
            self.appendEscaped(unit: scalar)
        } else {
            self.append(text.extracting(start..<(start &+ length)))
        }
        return start &+ length
    }

    private static func isHarmful(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x80...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    private mutating func appendEscaped(unit: UInt32) {
        self.append("\\u")
        var shift: UInt32 = 16
        while shift > 0 {
            shift &-= 4
            let digit = UInt8(truncatingIfNeeded: (unit >> shift) & 0xF)
            self.append(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
        }
    }
}
