/// A growable byte buffer with one owner, for rendering logs, metrics and small JSON without intermediate strings.
///
/// Appending to a writer that has grown to its working size allocates nothing. It does not shrink until
/// ``reset(keeping:)`` asks for it.
@safe
package struct ByteWriter: ~Copyable {
    // Not private for the escaping in this type's other file; nothing else touches it.
    var base: UnsafeMutablePointer<UInt8>

    /// How many bytes fit before the writer grows.
    package private(set) var capacity: Int

    /// How many bytes have been written.
    package internal(set) var count: Int

    /// Creates an empty writer.
    ///
    /// - Parameter capacity: Bytes to allocate now; 0 leaves that to the first append.
    package init(capacity: Int = 0) {
        unsafe self.base = UnsafeMutablePointer<UInt8>.allocate(capacity: max(capacity, 0))
        self.capacity = max(capacity, 0)
        self.count = 0
    }

    deinit {
        unsafe self.base.deallocate()
    }

    /// Whether nothing has been written.
    package var isEmpty: Bool { self.count == 0 }

    /// The bytes written so far.
    package var bytes: [UInt8] {
        unsafe [UInt8](UnsafeBufferPointer(start: self.base, count: self.count))
    }

    /// Lends the bytes written so far.
    package borrowing func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeBufferPointer(start: self.base, count: self.count)
        return try body(unsafe buffer.span)
    }

    /// Forgets the content and keeps the memory, unless it has grown beyond `limit` bytes.
    ///
    /// - Parameter limit: The largest capacity worth keeping, in bytes.
    package mutating func reset(keeping limit: Int = .max) {
        self.count = 0
        guard self.capacity > limit else { return }
        unsafe self.base.deallocate()
        unsafe self.base = UnsafeMutablePointer<UInt8>.allocate(capacity: limit)
        self.capacity = limit
    }

    /// Drops everything after the first `length` bytes; does nothing when there are fewer.
    package mutating func truncate(to length: Int) {
        self.count = min(self.count, max(length, 0))
    }

    /// Makes room for `additional` more bytes.
    package mutating func reserve(_ additional: Int) {
        if self.capacity &- self.count < additional {
            self.grow(by: additional)
        }
    }

    /// Appends one byte.
    package mutating func append(_ byte: UInt8) {
        self.reserve(1)
        unsafe self.base[self.count] = byte
        self.count &+= 1
    }

    /// Appends text known at compile time, as it is.
    package mutating func append(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        self.reserve(length)
        unsafe self.copy(text.utf8Start, length)
    }

    /// Appends bytes as they are.
    package mutating func append(_ bytes: Span<UInt8>) {
        self.reserve(bytes.count)
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe self.copy(start, source.count)
        }
    }

    /// Appends a part of another writer's bytes as they are; the range is clamped to what is there.
    package mutating func append(_ other: borrowing ByteWriter, from start: Int = 0, to end: Int = .max) {
        let end = min(end, other.count)
        guard start >= 0, start < end else { return }
        self.reserve(end - start)
        unsafe self.copy(UnsafePointer(other.base + start), end - start)
    }

    /// Appends a string's UTF-8 as it is.
    package mutating func append(text: String) {
        var text = text
        text.withUTF8 { source in
            self.reserve(source.count)
            guard let start = source.baseAddress else { return }
            unsafe self.copy(start, source.count)
        }
    }

    /// Appends a number in decimal.
    package mutating func append(decimal value: UInt64) {
        self.reserve(64)
        // The digits are made from the right, behind the place where they go, and moved there with fixed-size copies.
        let start = unsafe self.base + self.count
        var digit = unsafe start + 40
        var rest = value
        repeat {
            unsafe digit -= 1
            let quotient = rest / 10
            unsafe digit.pointee = 0x30 &+ UInt8(truncatingIfNeeded: rest &- quotient &* 10)
            rest = quotient
        } while rest > 0
        let length = unsafe (start + 40) - digit
        unsafe UnsafeMutableRawPointer(start).copyMemory(from: digit, byteCount: 20)
        self.count &+= length
    }

    /// Appends a number in decimal with leading zeros.
    ///
    /// - Parameters:
    ///   - value: The number; digits that do not fit `width` are cut off at the left.
    ///   - width: How many digits to write.
    package mutating func append(decimal value: UInt64, width: Int) {
        self.reserve(width)
        var rest = value
        var position = self.count &+ width
        while position > self.count {
            position &-= 1
            unsafe self.base[position] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        self.count &+= width
    }

    /// Copies bytes to the end, where they have been reserved.
    private mutating func copy(_ source: UnsafePointer<UInt8>, _ length: Int) {
        let output = unsafe UnsafeMutableRawPointer(self.base + self.count)
        let input = unsafe UnsafeRawPointer(source)
        self.count &+= length
        // Most pieces are short: two words that overlap cost less than a call.
        if length > 32 || length < 8 {
            unsafe output.copyMemory(from: input, byteCount: length)
        } else if length > 16 {
            unsafe Self.copyEnds(of: SIMD2<UInt64>.self, from: input, to: output, length)
        } else {
            unsafe Self.copyEnds(of: UInt64.self, from: input, to: output, length)
        }
    }

    /// Copies the first and the last word of a piece that is at least one and at most two words long.
    private static func copyEnds<Word: BitwiseCopyable>(
        of _: Word.Type,
        from input: UnsafeRawPointer,
        to output: UnsafeMutableRawPointer,
        _ length: Int
    ) {
        let end = length &- MemoryLayout<Word>.size
        let first = unsafe input.loadUnaligned(as: Word.self)
        let last = unsafe input.loadUnaligned(fromByteOffset: end, as: Word.self)
        unsafe output.storeBytes(of: first, as: Word.self)
        unsafe output.storeBytes(of: last, toByteOffset: end, as: Word.self)
    }

    private mutating func grow(by additional: Int) {
        let wanted = max(self.count + additional, self.capacity * 2, 64)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
        unsafe larger.update(from: self.base, count: self.count)
        unsafe self.base.deallocate()
        unsafe self.base = larger
        self.capacity = wanted
    }
}

// SAFETY: the memory has exactly one owner, the value itself, which cannot be copied; sending the value sends the memory.
extension ByteWriter: @unchecked Sendable {}
