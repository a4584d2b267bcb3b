import CountersignHTTP1
import CountersignTesting
import Testing

/// What must hold of the scanner and the boundary for every input, tried on the tables of refusals and on heads that a
/// seeded generator damages.
@Suite struct HeadPropertyTests {
    private static let tables = RequestLineTests.refusals + FieldLineTests.refusals + RequestFramingTests.refusals

    @Test(arguments: tables)
    func `a message in pieces is judged like the whole`(row: Refusal) {
        for text in [row.refused, row.allowed] {
            Self.checkPrefixes(latin1(text))
            Self.checkBoundary(latin1(text))
        }
    }

    @Test func `nothing of a refused head is left in the next`() {
        var scanner = RequestScanner()
        for row in Self.tables {
            let expected = ScannedRequest(row.allowed)
            #expect(scanner.scan(latin1(row.refused).span) == ScannedRequest(row.refused).result)
            #expect(scanner.scan(latin1(row.allowed).span) == .complete, "\(row.name)")
            #expect(scanner.head == expected.head)
            #expect(scanner.fields == expected.fields)
        }
    }

    @Test(arguments: 0..<40)
    func `a damaged head in pieces is judged like the whole`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<12 {
            let bytes = Self.damagedHead(using: &generator)
            Self.checkPrefixes(bytes)
            Self.checkBoundary(bytes)
            Self.checkRanges(bytes)
        }
    }

    @Test(arguments: 0..<200)
    func `a head in order gives back what it was made of`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let head = GeneratedHead(using: &generator)
        let request = ScannedRequest(head.bytes)
        #expect(request.result == .complete)
        #expect(request.head.length == head.bytes.count - head.following.count)
        #expect(request.text(request.head.methodRange) == head.method)
        #expect(request.text(request.head.path) == head.path)
        #expect(request.text(request.head.host) == head.host)
        #expect(request.fields.map { Array(request.bytes[$0.name.start..<$0.name.end]) } == head.fields.map(\.name))
        #expect(request.fields.map { Array(request.bytes[$0.value.start..<$0.value.end]) } == head.fields.map(\.value))
    }

    /// Every prefix waits for more, or is judged as the whole is; none is complete that ends before the head does.
    private static func checkPrefixes(_ bytes: [UInt8]) {
        let whole = ScannedRequest(bytes)
        for count in 0..<bytes.count {
            let prefix = ScannedRequest(Array(bytes[..<count]))
            if whole.result == .complete, count < whole.head.length {
                #expect(prefix.result == .needMore, "first \(count) of \(String(decoding: bytes, as: UTF8.self))")
            } else {
                #expect(
                    prefix.result == .needMore || prefix.result == whole.result,
                    "first \(count) of \(String(decoding: bytes, as: UTF8.self))"
                )
            }
        }
    }

    /// However the bytes are cut, the boundary comes to the same end, and it never contradicts the scanner.
    private static func checkBoundary(_ bytes: [UInt8]) {
        let limits = HeadLimits()
        var oneShot = HeadBoundary()
        let expected = oneShot.advance(bytes.span, limits: limits)
        for cut in 0...bytes.count {
            var boundary = HeadBoundary()
            let piece = Array(bytes[..<cut])
            var result = boundary.advance(piece.span, limits: limits)
            if result == .incomplete {
                result = boundary.advance(bytes.span, limits: limits)
            }
            #expect(result == expected, "cut at \(cut)")
        }
        let whole = ScannedRequest(bytes)
        switch (expected, whole.result) {
        case (.complete(let length), .complete): #expect(length == whole.head.length)
        case (.complete(let length), _): #expect(ScannedRequest(Array(bytes[..<length])).result == whole.result)
        case (.violation, .violation), (.incomplete, .needMore), (.incomplete, .violation): break
        case (.violation, _), (.incomplete, _): Issue.record("boundary \(expected), scanner \(whole.result)")
        }
    }

    /// The lines of a complete head follow one another without a gap, and all ranges lie within them.
    private static func checkRanges(_ bytes: [UInt8]) {
        let request = ScannedRequest(bytes)
        guard request.result == .complete else {
            return
        }
        let lineBytes = request.fields.map(\.line.count).reduce(0, +)
        #expect(request.fields.last?.line.end == request.head.length - 2)
        #expect(request.fields.first.map { $0.line.start + lineBytes + 2 } == request.head.length)
        for (field, next) in zip(request.fields, request.fields.dropFirst()) {
            #expect(field.line.end == next.line.start)
        }
        for field in request.fields {
            #expect(field.name.start == field.line.start)
            #expect(field.name.end < field.value.start)
            #expect(field.value.start <= field.value.end)
            #expect(field.value.end <= field.line.end - 2)
        }
    }

    private static func damagedHead(using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = GeneratedHead(using: &generator).bytes
        let hostile = latin1("\r\n\0\t :,;\"\u{7F}\u{80}\u{FF}#@/1cC_-+")
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            let index = Int.random(in: bytes.indices, using: &generator)
            let byte = hostile.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[index] = byte
            case 1: bytes.insert(byte, at: index)
            case 2: bytes.remove(at: index)
            default: bytes.insert(contentsOf: bytes[index...].prefix(20), at: index)
            }
        }
        return bytes
    }
}
