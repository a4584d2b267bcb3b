import Testing

@testable import CountersignAuthority

@Suite struct ReplayMemoryTests {
    private let second: UInt64 = 1_000_000_000
    private let token = [UInt8](1...32)

    @Test func `a token is new once`() {
        let memory = ReplayMemory(seconds: 10)
        #expect(memory.admit(token, at: 0))
        #expect(!memory.admit(token, at: 0))
        #expect(memory.admit([UInt8](repeating: 7, count: 32), at: 0))
    }

    @Test func `tokens that differ in one byte are two`() {
        let memory = ReplayMemory(seconds: 10)
        for index in token.indices {
            var other = token
            other[index] ^= 0x80
            #expect(memory.admit(other, at: 0))
        }
        #expect(memory.admit(token, at: 0))
    }

    @Test func `a token is known for at least its time and forgotten after twice that`() {
        let memory = ReplayMemory(seconds: 10)
        #expect(memory.admit(token, at: 9 * second))
        #expect(!memory.admit(token, at: 11 * second))
        #expect(!memory.admit(token, at: 19 * second))
        #expect(memory.admit(token, at: 40 * second))
    }

    @Test func `a token that came to nothing may come again`() {
        let memory = ReplayMemory(seconds: 10)
        #expect(memory.admit(token, at: 0))
        memory.forget(token)
        #expect(memory.admit(token, at: 0))
    }

    @Test func `more tokens than are remembered do not grow the memory`() {
        let memory = ReplayMemory(seconds: 10, maximumTokens: 4)
        for number in 0..<100 as Range<UInt8> { #expect(memory.admit([number] + token.dropFirst(), at: 0)) }
        #expect(!memory.admit([99] + token.dropFirst(), at: 0))
    }
}
