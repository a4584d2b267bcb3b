import Glibc

/// A growable first-in first-out run of bytes in one allocation.
///
/// Appending never moves bytes that were already consumed; an emptied queue starts again at its front, so that in a
/// steady state no call allocates. Not thread-safe: each queue belongs to one event loop. What a head is written with, piece
/// by piece, is inlined by other modules: there a literal is a few stores, and a call of its own costs several times that.
@safe
@usableFromInline
package final class ByteQueue {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var start = 0
    @usableFromInline var end = 0

    /// Creates an empty queue.
    ///
    /// - Parameter capacity: the bytes to reserve at once; grows by doubling when it is exceeded.
    package init(capacity: Int = 0) {
        self.capacity = max(capacity, 0)
        unsafe self.base = UnsafeMutableRawPointer.allocate(byteCount: max(capacity, 1), alignment: 16)
    }

    deinit {
        unsafe base.deallocate()
    }

    /// The number of bytes that wait to be consumed.
    @inlinable package var count: Int { end &- start }

    @inlinable package var isEmpty: Bool { start == end }

    /// The bytes that wait, valid until the next call that changes the queue.
    @inlinable package var readable: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: base + start, count: end - start)
    }

    /// Takes `count` bytes off the front.
    package func consume(_ count: Int) {
        start += min(count, end - start)
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Forgets all bytes and keeps the allocation.
    @inlinable
    package func removeAll() {
        start = 0
        end = 0
    }

    /// Forgets the bytes after the first `count`.
    package func truncate(to count: Int) {
        end = min(end, start + count)
        if start == end { removeAll() }
    }

    /// Forgets all bytes and gives the allocation back when it is larger than `limit` bytes.
    package func reset(keepingAtMost limit: Int) {
        removeAll()
        guard capacity > limit else { return }
        unsafe base.deallocate()
        capacity = 0
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 16)
    }

    /// Makes room for `count` more bytes and returns it; what is written there counts after ``advance(_:)``.
    package func writable(atLeast count: Int) -> UnsafeMutableRawBufferPointer {
        reserve(count)
        return unsafe UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end)
    }

    /// Counts `count` bytes that were written into the room of ``writable(atLeast:)``.
    package func advance(_ count: Int) {
        end = min(end + count, capacity)
    }

    package func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        unsafe append(source, bytes.count)
    }

    /// Appends bytes that wait in the queue already; what is not there is left out.
    ///
    /// - Parameters:
    ///   - offset: where they begin among the bytes that wait.
    ///   - count: how many they are.
    package func append(again offset: Int, count: Int) {
        guard offset >= 0, count > 0, offset + count <= self.count else { return }
        reserve(count)
        unsafe memcpy(base + end, base + start + offset, count)
        end += count
    }

    package func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    @inlinable
    @inline(__always)
    package func append(_ text: StaticString) {
        unsafe append(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
    }

    @inlinable
    @inline(__always)
    package func append(byte: UInt8) {
        reserve(1)
        unsafe base.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end &+= 1
    }

    /// Appends `value` in decimal digits.
    package func append(decimal value: UInt64) {
        append(value, digitsOf: 10)
    }

    /// Appends `value` in lower-case hexadecimal digits.
    package func append(hex value: UInt64) {
        append(value, digitsOf: 16)
    }

    /// Appends `value` in 16 lower-case hexadecimal digits.
    package func append(hexDigits value: UInt64) {
        reserve(16)
        let (high, low) = (UInt32(truncatingIfNeeded: value >> 32), UInt32(truncatingIfNeeded: value))
        unsafe base.storeBytes(of: Self.hexDigits(high).bigEndian, toByteOffset: end, as: UInt64.self)
        unsafe base.storeBytes(of: Self.hexDigits(low).bigEndian, toByteOffset: end + 8, as: UInt64.self)
        end += 16
    }

    /// The eight digits of a number, the first of them in the highest byte.
    private static func hexDigits(_ value: UInt32) -> UInt64 {
        // Each half of what is left moves into a half of its own, down to four bits a byte.
        var nibbles = UInt64(value)
        nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // Those from 10 on carry into bit 4 when 6 is added; they are 39 further on, from "9" to "a".
        let letters = ((nibbles &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }

    /// Appends a number; inlined, as dividing by a radix that is known is multiplying.
    @inline(__always)
    private func append(_ value: UInt64, digitsOf radix: UInt64) {
        // The digits are made from the right, behind the place where they go, and moved there at once.
        reserve(2 * Self.mostDigits)
        let stop = end + 2 * Self.mostDigits
        var position = stop
        var rest = value
        repeat {
            let quotient = rest / radix
            let digit = UInt8(truncatingIfNeeded: rest &- quotient &* radix)
            position -= 1
            unsafe base.storeBytes(of: digit < 10 ? digit &+ 48 : digit &+ 87, toByteOffset: position, as: UInt8.self)
            rest = quotient
        } while rest > 0
        unsafe memmove(base + end, base + position, stop - position)
        end += stop - position
    }

    /// The digits of the largest number in decimal.
    private static let mostDigits = 20

    /// Appends `count` bytes from `source` on, which are not the queue's own.
    @inlinable
    @inline(__always)
    func append(_ source: UnsafeRawPointer, _ count: Int) {
        reserve(count)
        let target = unsafe base + end
        end &+= count
        // Most pieces of a head are short: two words that overlap cost less than a call.
        if count > 32 || count < 8 {
            unsafe target.copyMemory(from: source, byteCount: count)
        } else if count > 16 {
            unsafe Self.copyEnds(of: SIMD16<UInt8>.self, from: source, to: target, count)
        } else {
            unsafe Self.copyEnds(of: UInt64.self, from: source, to: target, count)
        }
    }

    /// Copies the first and the last word of a piece that is at least one and at most two words long.
    @inlinable
    @inline(__always)
    static func copyEnds<Word: BitwiseCopyable>(
        of _: Word.Type,
        from source: UnsafeRawPointer,
        to target: UnsafeMutableRawPointer,
        _ count: Int
    ) {
        let place = count &- MemoryLayout<Word>.size
        let first = unsafe source.loadUnaligned(as: Word.self)
        let last = unsafe source.loadUnaligned(fromByteOffset: place, as: Word.self)
        unsafe target.storeBytes(of: first, as: Word.self)
        unsafe target.storeBytes(of: last, toByteOffset: place, as: Word.self)
    }

    @inlinable
    @inline(__always)
    func reserve(_ count: Int) {
        if capacity &- end < count { makeRoom(count) }
    }

    @usableFromInline
    @inline(never)
    func makeRoom(_ count: Int) {
        let waiting = end - start
        if start > 0, capacity - waiting >= count, start >= waiting {
            unsafe memmove(base, base + start, waiting)
        } else {
            let wanted = max(waiting + count, capacity * 2, 512)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
            unsafe memcpy(larger, base + start, waiting)
            unsafe base.deallocate()
            unsafe base = larger
            capacity = wanted
        }
        start = 0
        end = waiting
    }
}
