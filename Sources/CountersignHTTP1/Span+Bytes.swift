extension Span<UInt8> {
    /// Eight bytes from `offset` on; those past the end read as zero, so that every stop mask marks the end.
    @inline(__always)
    func word(at offset: Int) -> ByteWord {
        guard offset >= 0, offset <= count &- 8 else {
            return wordAcrossEnd(at: offset)
        }
        // SAFETY: the guard keeps all eight offsets inside the span. Written so, it compiles to a single load.
        var bits = unsafe UInt64(self[unchecked: offset])
        unsafe bits |= UInt64(self[unchecked: offset &+ 1]) &<< 8
        unsafe bits |= UInt64(self[unchecked: offset &+ 2]) &<< 16
        unsafe bits |= UInt64(self[unchecked: offset &+ 3]) &<< 24
        unsafe bits |= UInt64(self[unchecked: offset &+ 4]) &<< 32
        unsafe bits |= UInt64(self[unchecked: offset &+ 5]) &<< 40
        unsafe bits |= UInt64(self[unchecked: offset &+ 6]) &<< 48
        unsafe bits |= UInt64(self[unchecked: offset &+ 7]) &<< 56
        return ByteWord(bits: bits)
    }

    @inline(never)
    private func wordAcrossEnd(at offset: Int) -> ByteWord {
        var bits: UInt64 = 0
        var index = 0
        while index < 8 {
            let position = offset &+ index
            if position >= 0, position < count {
                bits |= UInt64(self[position]) &<< UInt64(truncatingIfNeeded: index &* 8)
            }
            index &+= 1
        }
        return ByteWord(bits: bits)
    }

    /// The byte at `offset`, or nil outside the span.
    @inline(__always)
    func byte(at offset: Int) -> UInt8? {
        offset >= 0 && offset < count ? self[offset] : nil
    }

    /// The offset of the first control byte or DEL at or after `offset`; not less than `count` when there is none.
    @inline(__always)
    func endOfContent(from offset: Int) -> Int {
        var position = offset
        while true {
            let stops = word(at: position).contentStops
            if stops != 0 {
                return position &+ ByteWord.firstMarked(in: stops)
            }
            position &+= 8
        }
    }

    /// The offset of the first byte at or after `offset` that no target may hold; not less than `count` for none.
    @inline(__always)
    func endOfTarget(from offset: Int) -> Int {
        var position = offset
        while true {
            let stops = word(at: position).targetStops
            if stops != 0 {
                return position &+ ByteWord.firstMarked(in: stops)
            }
            position &+= 8
        }
    }

    /// The offset of the first byte at or after `offset` that no token may hold; not less than `count` for none.
    @inline(__always)
    func endOfToken(from offset: Int) -> Int {
        var position = offset
        while true {
            let stops = word(at: position).nameStops
            if stops == 0 {
                position &+= 8
                continue
            }
            position &+= ByteWord.firstMarked(in: stops)
            guard position < count, self[position].isUncommonTokenByte else {
                return position
            }
            position &+= 1
        }
    }

    /// Whether two ranges hold the same bytes, letters of either case being the same.
    func equalIgnoringCase(_ left: ByteRange, _ right: ByteRange) -> Bool {
        guard left.count == right.count else {
            return false
        }
        var index = 0
        while index < left.count {
            if self[left.start &+ index].lowercased != self[right.start &+ index].lowercased {
                return false
            }
            index &+= 1
        }
        return true
    }

    /// Whether `range` holds `literal`, letters of either case being the same; the literal is in lower case.
    func equalIgnoringCase(_ range: ByteRange, _ literal: StaticString) -> Bool {
        guard range.count == literal.utf8CodeUnitCount else {
            return false
        }
        // SAFETY: the storage of a string literal is static and holds utf8CodeUnitCount bytes.
        return literal.withUTF8Buffer { buffer in
            var index = 0
            while index < buffer.count {
                if unsafe self[range.start &+ index].lowercased != buffer[index] {
                    return false
                }
                index &+= 1
            }
            return true
        }
    }
}
