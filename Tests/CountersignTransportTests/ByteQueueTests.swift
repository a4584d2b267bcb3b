import CountersignTesting
import CountersignTransport
import Testing

@Suite struct ByteQueueTests {
    private func bytes(_ queue: ByteQueue) -> [UInt8] {
        Array(queue.readable)
    }

    @Test func `what goes in comes out in order`() {
        let queue = ByteQueue()
        queue.append([1, 2, 3])
        queue.append("ab")
        queue.consume(2)
        queue.append(byte: 9)
        #expect(bytes(queue) == [3, 97, 98, 9])
    }

    @Test func `consuming more than there is leaves it empty`() {
        let queue = ByteQueue()
        queue.append([1])
        queue.consume(10)
        #expect(queue.isEmpty)
        #expect(queue.count == 0)
    }

    @Test(arguments: [
        (UInt64(0), "0", "0"), (10, "10", "a"), (255, "255", "ff"), (.max, "18446744073709551615", "ffffffffffffffff"),
    ])
    func `numbers are written in decimal and hexadecimal`(value: UInt64, decimal: String, hex: String) {
        let queue = ByteQueue()
        queue.append(decimal: value)
        #expect(String(decoding: bytes(queue), as: UTF8.self) == decimal)
        queue.removeAll()
        queue.append(hex: value)
        #expect(String(decoding: bytes(queue), as: UTF8.self) == hex)
    }

    @Test func `random appends and consumes agree with an array`() {
        var generator = SeededGenerator(seed: 7)
        let queue = ByteQueue()
        var model: [UInt8] = []
        for _ in 0..<5000 {
            if Bool.random(using: &generator) {
                let piece = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                queue.append(piece)
                model += piece
            } else {
                let count = Int.random(in: 0...400, using: &generator)
                queue.consume(count)
                model.removeFirst(min(count, model.count))
            }
            #expect(queue.count == model.count)
        }
        #expect(bytes(queue) == model)
    }

    @Test(arguments: [0, 9, 10, 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, 0xF, 0xA0_0000_0000, .max] as [UInt64])
    func `sixteen digits are written in hexadecimal, whatever the number`(value: UInt64) {
        let queue = ByteQueue()
        queue.append(hexDigits: value)
        let digits = String(value, radix: 16)
        let zeros = String(repeating: "0", count: 16 - digits.count)
        #expect(String(decoding: bytes(queue), as: UTF8.self) == zeros + digits)
    }

    @Test func `written room counts only when it is advanced over`() {
        let queue = ByteQueue()
        let room = queue.writable(atLeast: 4)
        room[0] = 5
        room[1] = 6
        #expect(queue.isEmpty)
        queue.advance(2)
        #expect(bytes(queue) == [5, 6])
    }

    @Test func `a large allocation is given back on reset`() {
        let queue = ByteQueue()
        queue.append([UInt8](repeating: 1, count: 100_000))
        queue.reset(keepingAtMost: 4096)
        #expect(queue.isEmpty)
        queue.append([1, 2])
        #expect(bytes(queue) == [1, 2])
    }
}
