import CountersignSpool
import Testing

/// Records in a segment, whole, cut off and damaged.
@Suite struct SpoolScannerTests {
    private static let texts = ["{\"a\":1}", "{\"b\":\"two\"}", "{}"]
    private static let segment = texts.flatMap { record($0) }

    private static func record(_ text: String) -> [UInt8] { SpoolFormat.record(Array(text.utf8)) ?? [] }

    private struct Found {
        var texts: [String] = []
        var damaged = 0
        var isCut = false
        var end = 0
    }

    private func read(_ bytes: [UInt8]) -> Found {
        var found = Found()
        while found.end < bytes.count, !found.isCut {
            switch SpoolScanner.next(in: bytes.span, from: found.end, isFinal: true) {
            case .record(let payload):
                found.texts.append(String(decoding: bytes[payload], as: UTF8.self))
                found.end = payload.upperBound
            case .damaged(let range):
                #expect(range.lowerBound == found.end && range.upperBound > found.end)
                found.damaged += 1
                found.end = range.upperBound
            case .cut: found.isCut = true
            case .lost:
                Issue.record("the end of a segment is taken for that of a piece")
                found.end = bytes.count
            }
        }
        return found
    }

    @Test func recordsAreReadAsTheyWereWritten() {
        let found = read(Self.segment)
        #expect(found.texts == Self.texts && found.damaged == 0 && !found.isCut && found.end == Self.segment.count)
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
            #expect(found.texts == expected && found.damaged == 0 && found.end == end, "cut at \(length)")
            #expect(found.isCut == (end < length), "cut at \(length)")
        }
    }

    @Test func anyDamagedByteCostsItsRecordAlone() {
        let lengths = Self.texts.map { SpoolFormat.headerLength + $0.utf8.count }
        for (number, length) in lengths.enumerated() {
            let start = lengths[..<number].reduce(0, +)
            for index in start..<start + length {
                var bytes = Self.segment
                bytes[index] ^= 0x41
                let found = read(bytes)
                let expected = Self.texts.enumerated().filter { $0.offset != number }.map(\.element)
                #expect(found.texts == expected && found.damaged == 1 && !found.isCut, "byte \(index)")
            }
        }
    }

    @Test(arguments: 0..<16)
    func recordsThatAreDamagedAtTheSamePlaceAreCountedOneByOne(_ place: Int) {
        let record = Self.record("{\"number\":1}")
        var damaged = record
        damaged[place] ^= 0x04
        let found = read(record + damaged + damaged + damaged + record + damaged)
        #expect(found.texts.count == 2 && found.damaged == 4 && !found.isCut)
    }

    @Test func wholeRecordsAreFoundBehindMissingAndForeignBytes() {
        let record = Self.record("{\"number\":1}")
        for length in 1..<record.count {
            let found = read(Array(record[..<length]) + record)
            #expect(found.texts.count == 1 && found.damaged >= 1 && !found.isCut, "first \(length) bytes")
            let behind = read(Array(record[length...]) + record)
            #expect(behind.texts.count == 1 && behind.damaged >= 1 && !behind.isCut, "without \(length) bytes")
        }
        for foreign in [[0], [UInt8](repeating: 0, count: 50), [0xFF, 0xFE], Array("text".utf8)] {
            #expect(read(record + foreign + record).texts.count == 2)
            #expect(read(record + foreign).texts.count == 1)
        }
    }

    @Test func zerosAtTheEndAreDamage() {
        let found = read(Self.segment + [UInt8](repeating: 0, count: 100))
        #expect(found.texts == Self.texts && found.damaged == 1 && !found.isCut)
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

    @Test func theEndOfAPieceIsNotTheEndOfItsDamage() {
        let zeros = [UInt8](repeating: 0, count: 100)
        #expect(SpoolScanner.next(in: zeros.span, from: 0, isFinal: false) == .lost)
        #expect(SpoolScanner.next(in: zeros.span, from: 0, isFinal: true) == .damaged(0..<100))
    }
}
