import CountersignSpool
import Testing

/// Records in a segment, whole, cut off and damaged.
@Suite struct SpoolScannerTests {
    private static let texts = ["{\"a\":1}", "{\"b\":\"two\"}", "{}"]
    private static let segment = texts.flatMap { SpoolFormat.record(Array($0.utf8)) ?? [] }

    /// The payloads that a segment shows, and how many places were passed over.
    private func read(_ bytes: [UInt8]) -> (texts: [String], gaps: Int, end: Int) {
        var (texts, gaps, place) = ([String](), 0, 0)
        while true {
            switch SpoolScanner.next(in: bytes.span, from: place, isFinal: true) {
            case .record(let payload):
                texts.append(String(decoding: bytes[payload], as: UTF8.self))
                place = payload.upperBound
            case .gap(let range):
                gaps += 1
                place = range.upperBound
            case .rest: return (texts, gaps, place)
            }
        }
    }

    @Test func recordsAreReadAsTheyWereWritten() {
        let found = read(Self.segment)
        #expect(found.texts == Self.texts && found.gaps == 0 && found.end == Self.segment.count)
    }

    @Test func aSegmentCutAnywhereShowsEveryWholeRecordAndNoOther() {
        for length in 0...Self.segment.count {
            let found = read(Array(Self.segment[..<length]))
            var (expected, end) = ([String](), 0)
            for text in Self.texts {
                guard end + SpoolFormat.headerLength + text.utf8.count <= length else { break }
                expected.append(text)
                end += SpoolFormat.headerLength + text.utf8.count
            }
            #expect(found.texts == expected && found.gaps == 0 && found.end == end, "cut at \(length)")
        }
    }

    @Test func anyDamagedByteCostsItsRecordAlone() {
        let first = SpoolFormat.headerLength + Self.texts[0].utf8.count
        for index in 0..<first {
            var bytes = Self.segment
            bytes[index] ^= 0x41
            let found = read(bytes)
            #expect(found.texts == Array(Self.texts.dropFirst()) && found.gaps == 1, "byte \(index)")
        }
    }

    @Test func recordsWithinPayloadsAreNotFound() {
        let outer = SpoolFormat.record(Self.segment) ?? []
        #expect(read(outer).texts.count == 1)
    }

    @Test func nothingEmptyAndNothingTooLargeIsARecord() {
        #expect(SpoolFormat.record([]) == nil)
        #expect(SpoolFormat.record([UInt8](repeating: 1, count: SpoolFormat.maximumPayload)) != nil)
        #expect(SpoolFormat.record([UInt8](repeating: 1, count: SpoolFormat.maximumPayload + 1)) == nil)
    }

    @Test func whatMayGoOnIsNotTakenForDamage() {
        let cut = Array(Self.segment[..<20])
        #expect(SpoolScanner.next(in: cut.span, from: 0, isFinal: false) == .rest)
        let behind = cut + Self.segment
        #expect(SpoolScanner.next(in: behind.span, from: 0, isFinal: true) == .gap(0..<20))
    }
}
