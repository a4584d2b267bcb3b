import CountersignTesting
import CountersignTransport
import Foundation
import Testing

@testable import CountersignSpool

/// A spool whose files somebody or something has changed: it starts, says so, and loses what is damaged alone.
@Suite struct SpoolDamageTests: SpoolScene {
    /// Two of them fill a segment.
    private static let large = (0..<7).map { "\($0)" + String(repeating: "x", count: 30_000) }

    @Test func aTrueCursorIsBelieved() throws {
        let scratch = try ScratchFolder()
        try leave(Self.large, in: scratch.file("spool"), delivered: 3)
        let spool = try Spool(folder: scratch.file("spool"), maximumBytes: 1 << 20)
        #expect(!spool.findings.hasLostCursor && spool.findings.setAside.isEmpty && spool.waiting == 4)
        #expect(texts(try drain(SpoolReader(spool))) == Array(Self.large[3...]))
    }

    @Test(arguments: [
        "1 2 0\n", "1 9 0\n", "1 1 9223372036854775807\n", "1 18446744073709551615 0\n", "1 x y", "", "\u{0}",
        "2 9 0 0\n", "2 +2 0 0\n",
        // With checksums that are true.
        SpoolPosition(segment: 9, offset: 0).text,
        SpoolPosition(segment: 4, offset: 30_018).text,
        SpoolPosition(segment: 2, offset: 20_000).text,
        SpoolPosition(segment: 1, offset: .max).text,
        SpoolPosition(segment: .max, offset: 0).text,
    ])
    func aCursorThatCannotBeTrueMeansEverythingAgain(_ cursor: String) throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        try leave(Self.large, in: folder)
        try write(bytes(cursor), to: "\(folder)/cursor")
        do {
            let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
            #expect(spool.findings.hasLostCursor && spool.waiting == 7)
            #expect(spool.findings.setAside.first?.hasPrefix("cursor (") == true)
        }
        // It is not believed later either.
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        #expect(!spool.findings.hasLostCursor && spool.findings.setAside.isEmpty)
        #expect(texts(try drain(SpoolReader(spool))) == Self.large)
    }

    @Test func noByteOfACursorCanChangeUnseen() throws {
        let text = SpoolPosition(segment: 12, offset: 3456).text
        #expect(SpoolPosition(text: text) == SpoolPosition(segment: 12, offset: 3456))
        for index in text.utf8.indices {
            for byte in UInt8.min...UInt8.max where byte != text.utf8[index] {
                var changed = Array(text.utf8)
                changed[text.utf8.distance(from: text.startIndex, to: index)] = byte
                #expect(SpoolPosition(text: String(decoding: changed, as: UTF8.self)) == nil)
            }
        }
    }

    @Test(arguments: [
        "segment-18446744073709551615", "segment-+0000000000000000009", "segment-00000000000000000000", "segment-7",
        "segment-", "segment-01000000000000000001", "segment-01000000000000000000", "segment-00000000000001000002",
        "segment-0000000000000000000９",
    ])
    func aFileWithAStrangeNameIsSetAside(_ name: String) throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        try leave(["one", "two"], in: folder)
        try write(bytes("what is it"), to: "\(folder)/\(name)")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        #expect(spool.findings.setAside.count == 1 && spool.findings.setAside[0].contains("now aside-1-\(name)"))
        #expect(try content("\(folder)/aside-1-\(name)") == bytes("what is it"))
        try spool.append(bytes("three"))
        #expect(texts(try drain(SpoolReader(spool))) == ["one", "two", "three"])
    }

    @Test(arguments: ["a link", "a folder", "a pipe"])
    func whatIsNoFileIsSetAside(_ kind: String) throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        try leave(["one"], in: folder)
        let path = "\(folder)/\(SpoolSegment.name(of: 2))"
        switch kind {
        case "a link": #expect(symlink("/dev/null", path) == 0)
        case "a folder": #expect(mkdir(path, 0o700) == 0)
        default: #expect(mkfifo(path, 0o600) == 0)
        }
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        #expect(spool.findings.setAside.count == 1)
        try spool.append(bytes("two"))
        #expect(texts(try drain(SpoolReader(spool))) == ["one", "two"])
    }

    @Test(arguments: [0, 1])
    func anOwnFileWithANumberThatNothingCanFollowIsSetAside(_ delivered: Int) throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        try leave(["one", "two"], in: folder, delivered: delivered)
        let last = "segment-01000000000000000000"
        try FileManager.default.moveItem(
            atPath: "\(folder)/\(SpoolSegment.name(of: 1))",
            toPath: "\(folder)/\(last)"
        )
        for text in ["three", "four"] {
            let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
            #expect(spool.findings.setAside.count == (text == "three" ? 1 : 0))
            let reader = SpoolReader(spool)
            try spool.append(bytes(text))
            let records = try drain(reader)
            #expect(texts(records) == [text])
            spool.acknowledge(through: try #require(records.last).end, count: 1)
            try spool.sync()
        }
        #expect(FileManager.default.fileExists(atPath: "\(folder)/aside-1-\(last)"))
    }

    @Test func aCursorThatNothingCanFollowIsNotBelieved() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        try leave([], in: folder)
        try write(bytes(SpoolPosition(segment: 1_000_000_000_000_000_000, offset: 10).text), to: "\(folder)/cursor")
        for text in ["one", "two"] {
            let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
            try spool.append(bytes(text))
            #expect(texts(try drain(SpoolReader(spool))).last == text)
        }
    }

    @Test func numbersAsFarApartAsRemovedFilesCanLeaveThemAreTaken() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        try leave(["one"], in: folder)
        try write(SpoolFormat.record(bytes("two")) ?? [], to: "\(folder)/\(SpoolSegment.name(of: 1_000_001))")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        #expect(spool.findings.setAside.isEmpty)
        try spool.append(bytes("three"))
        #expect(texts(try drain(SpoolReader(spool))) == ["one", "two", "three"])
    }

    @Test(arguments: [0, 10, 19, 45])
    func aFileThatIsCutOffInServiceCostsWhatWasBehindAlone(_ length: Int) throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        let reader = SpoolReader(spool)
        for text in ["one", "two", "three"] { try spool.append(bytes(text)) }
        #expect(spool.cutFiles == 0)
        #expect(truncate("\(folder)/\(SpoolSegment.name(of: 1))", length) == 0)
        for text in ["four", "five"] { try spool.append(bytes(text)) }
        #expect(try !spool.restore() && spool.cutFiles == 1)
        let records = try drain(reader)
        let left = ["one", "two", "three"].prefix(length / 19)
        #expect(texts(records) == left + ["four", "five"] && (1...2) ~= records.filter { !$0.isWhole }.count)
        spool.acknowledge(through: try #require(records.last).end, count: left.count + 2)
        #expect(spool.waiting == 0)
    }

    @Test func aFileThatIsCutOffIsNoticedWithoutAnotherEvent() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        try spool.append(bytes("one"))
        for _ in 0..<2 {
            #expect(truncate("\(folder)/\(SpoolSegment.name(of: 1))", 0) == 0)
            #expect(try !spool.restore() && spool.cutFiles == 1)
        }
    }

    @Test func whatTheDiskCannotReadEndsTheReadingOrIsDamage() throws {
        // Reading memory that a process does not have fails as a bad block does.
        let bad = open("/proc/self/mem", O_RDONLY)
        defer { close(bad) }
        let error = #expect(throws: SystemError.self) {
            try SegmentBytes.read(bad, "it", from: 10, upTo: 10_000, unreadable: .fails)
        }
        #expect(error?.code == EIO && error?.action == "read it")
        let bytes = try SegmentBytes.read(bad, "it", from: 10, upTo: 10_000, unreadable: .isDamage)
        #expect(bytes == [UInt8](repeating: 0, count: 10_000))
    }

    @Test func aHugeFileIsReadAsFarAsOneOfASpoolCanGo() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        try leave(["one", "two"], in: folder)
        let path = "\(folder)/\(SpoolSegment.name(of: 1))"
        #expect(truncate(path, 64 << 30) == 0)
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        #expect(spool.waiting == 2 && spool.bytes == SpoolFormat.maximumSegment && spool.findings.torn == 0)
        let records = try drain(SpoolReader(spool))
        #expect(texts(records) == ["one", "two"] && records.map(\.isWhole) == [true, true, false])
        spool.acknowledge(through: records[2].end, count: 2)
        #expect(spool.bytes == 0 && spool.waiting == 0)
    }

    @Test func damageAtTheEndIsNotTakenForACrash() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let texts = (0..<20).map { "record \($0) of twenty" }
        try leave(texts, in: folder)
        let path = "\(folder)/\(SpoolSegment.name(of: 1))"
        var (content, place) = (try content(path), 0)
        for (index, text) in texts.enumerated() {
            // One bit each of the last ten, elsewhere in each.
            if index >= 10 { content[place + (index - 10) * 3] ^= 0x10 }
            place += SpoolFormat.headerLength + text.utf8.count
        }
        try write(content, to: path)
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        #expect(spool.findings.torn == 0 && spool.waiting == 10)
        let records = try drain(SpoolReader(spool))
        #expect(self.texts(records) == Array(texts[..<10]) && records.filter { !$0.isWhole }.count == 10)
        // What was dealt with does not come again.
        spool.acknowledge(through: records[19].end, count: 10)
        #expect(spool.bytes == 0)
    }

    @Test func anIncompleteLastRecordBehindDamageIsTorn() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        try leave(["one", "two", "three"], in: folder)
        let path = "\(folder)/\(SpoolSegment.name(of: 1))"
        var content = try content(path)
        content[25] ^= 0xFF
        try write(Array(content.dropLast()), to: path)
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        #expect(spool.findings.torn == 1 && spool.waiting == 1)
        try spool.append(bytes("four"))
        let records = try drain(SpoolReader(spool))
        #expect(texts(records) == ["one", "four"] && records.map(\.isWhole) == [true, false, true])
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func noRandomDamageCostsAWholeRecordOrTheStart(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let texts = (0..<30).map { index in
            "\(index):" + String(repeating: "abc ", count: Int.random(in: 0..<1200, using: &random))
        }
        let delivered = Bool.random(using: &random) ? 0 : Int.random(in: 1..<30, using: &random)
        try leave(texts, in: folder, delivered: delivered)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "lock" }.sorted()
        let cursor = FileManager.default.contents(atPath: "\(folder)/cursor")
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            let name = files[Int.random(in: 0..<files.count, using: &random)]
            try damage("\(folder)/\(name)", &random)
        }
        let isCursorTrue = cursor != nil && cursor == FileManager.default.contents(atPath: "\(folder)/cursor")
        let left = try segments(folder).map { try content("\(folder)/\($0)") }
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        let found = Set(self.texts(try drain(SpoolReader(spool))))
        for (index, text) in texts.enumerated() where !isCursorTrue || index >= delivered {
            let record = try #require(SpoolFormat.record(bytes(text)))
            guard left.contains(where: { $0.firstRange(of: record) != nil }) else { continue }
            let isFound = found.contains(text)
            #expect(isFound, "record \(index) of seed \(seed) is whole and lost")
        }
        let isTrue = found.isSubset(of: texts)
        #expect(isTrue, "seed \(seed) shows what was never put in")
        try spool.append(bytes("next"))
        #expect(self.texts(try drain(SpoolReader(spool))).last == "next")
    }

    /// Changes a file as bad disks, crashes and hands do.
    private func damage(_ path: String, _ random: inout SeededGenerator) throws {
        var bytes = try content(path)
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 0..<3000, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0, 1: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 2: bytes.replaceSubrange(place..<end, with: repeatElement(0, count: end - place))
        case 3: bytes.removeSubrange(place..<end)
        case 4: bytes.insert(contentsOf: (0..<100).map { _ in UInt8.random(in: 0...255, using: &random) }, at: place)
        case 5: bytes.removeSubrange(place...)
        default: bytes += (0..<40).flatMap { _ in SpoolFormat.marker }
        }
        try write(bytes, to: path)
    }
}
