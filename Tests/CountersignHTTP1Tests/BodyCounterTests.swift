import CountersignHTTP1
import Testing

@Suite struct BodyCounterTests {
    @Test func `content ends after exactly its length`() {
        var counter = BodyCounter(length: 10)
        #expect(counter.take(available: 4) == 4)
        #expect(!counter.isFinished)
        #expect(counter.take(available: 100) == 6)
        #expect(counter.isFinished)
        #expect(counter.take(available: 100) == 0)
    }

    @Test func `content of no bytes has ended from the start`() {
        #expect(BodyCounter(length: 0).isFinished)
        #expect(!BodyCounter(length: 1).isFinished)
    }

    @Test func `a length past what a buffer can hold is counted`() {
        var counter = BodyCounter(length: .max)
        #expect(counter.take(available: .max) == .max)
        #expect(counter.remaining == UInt64.max - UInt64(Int.max))
    }

    @Test func `nothing is taken from a negative number of bytes`() {
        var counter = BodyCounter(length: 1)
        #expect(counter.take(available: -1) == 0)
        #expect(counter.remaining == 1)
    }
}
