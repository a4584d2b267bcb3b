import Testing

@testable import CountersignRouting

@Suite struct KeyedHashTests {
    @Test func `equal bytes have equal hashes under one seed and others under another`() {
        let bytes = Array("app.apps.example".utf8)
        let one = KeyedHash(seed: 1)(bytes.span, tag: 0)
        #expect(one == KeyedHash(seed: 1)(bytes.span, tag: 0))
        #expect(one != KeyedHash(seed: 2)(bytes.span, tag: 0))
        #expect(one != KeyedHash(seed: 1)(bytes.span, tag: 1))
        #expect(one < 1 << 61)
    }

    @Test func `the hash is the polynomial that it says`() {
        let modulus = UInt128((1 << 61) - 1)
        for seed in [0, 1, 7, UInt64.max] {
            for count in 0...40 {
                let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 255 - $0) }
                // With a known key: the hash of nothing under tag 0 is key * (key * 1).
                var chunks: [UInt128] = []
                var rest = bytes[...]
                while rest.count >= 8 {
                    chunks.append(number(rest.prefix(7)))
                    rest = rest.dropFirst(7)
                }
                chunks.append(number(rest))
                let hash = KeyedHash(seed: seed)
                let key = UInt128(hash.key)
                var expected = (UInt128(1) + UInt128(5) << 24 + UInt128(count)) * key % modulus
                for chunk in chunks { expected = (expected + chunk) * key % modulus }
                #expect(UInt128(hash(bytes.span, tag: 5)) == expected)
            }
        }
    }

    @Test func `every byte counts, and so does the length`() {
        let hash = KeyedHash(seed: 3)
        for count in 1...40 {
            let bytes = Array(repeating: UInt8(0), count: count)
            let plain = hash(bytes.span, tag: 0)
            for index in bytes.indices {
                var changed = bytes
                changed[index] = 1
                let other = hash(changed.span, tag: 0)
                #expect(other != plain)
            }
            let shorter = hash(Array(bytes.dropLast()).span, tag: 0)
            #expect(shorter != plain)
        }
    }

    private func number(_ bytes: ArraySlice<UInt8>) -> UInt128 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt128($1) }
    }
}
