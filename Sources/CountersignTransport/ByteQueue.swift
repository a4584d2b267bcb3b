import Glibc

/// A growable first-in first-out run of bytes in one allocation.
///
/// Appending never moves bytes that were already consumed; an emptied queue starts again at its front, so that in a
/// steady state no call allocates. Not thread-safe: each queue belongs to one event loop.
@safe
package final class ByteQueue {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private var start = 0
    private var end = 0

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
    package var count: Int { end - start }

    package var isEmpty: Bool { start == end }

    /// The bytes that wait, valid until the next call that changes the queue.
    package var readable: UnsafeRawBufferPointer {
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
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        unsafe memcpy(base + end, source, bytes.count)
        end += bytes.count
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

    package func append(_ text: StaticString) {
        unsafe append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package func append(byte: UInt8) {
        reserve(1)
        unsafe base.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end += 1
    }

    /// Appends `value` in decimal digits.
    package func append(decimal value: UInt64) {
        append(value, radix: 10)
    }

    /// Appends `value` in lower-case hexadecimal digits.
    package func append(hex value: UInt64) {
        append(value, radix: 16)
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

    private func append(_ value: UInt64, radix: UInt64) {
        var digits = 1
        var rest = value / radix
        while rest > 0 {
            digits += 1
            rest /= radix
        }
        reserve(digits)
        rest = value
        for position in stride(from: end + digits - 1, through: end, by: -1) {
            let digit = UInt8(truncatingIfNeeded: rest % radix)
            unsafe base.storeBytes(of: digit < 10 ? digit + 48 : digit + 87, toByteOffset: position, as: UInt8.self)
            rest /= radix
        }
        end += digits
    }

    private func reserve(_ count: Int) {
        guard capacity - end < count else { return }
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
