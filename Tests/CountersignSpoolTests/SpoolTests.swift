import CountersignSpool
import CountersignTesting
import CountersignTransport
import Foundation
import Testing

/// A spool from one process to the next.
@Suite struct SpoolTests: SpoolScene {
    @Test func recordsComeInTheirOrderAndOnce() throws {
        let scratch = try ScratchFolder()
        let spool = try Spool(folder: scratch.file("spool"), maximumBytes: 1 << 20)
        let reader = SpoolReader(spool)
        #expect(try reader.next() == nil)
        for text in ["one", "two", "three"] { try spool.append(bytes(text)) }
        #expect(texts(try drain(reader)) == ["one", "two", "three"])
        try spool.append(bytes("four"))
        #expect(texts(try drain(reader)) == ["four"])
        #expect(spool.waiting == 4)
    }

    @Test func whatWasNotAcknowledgedComesAgainAndWhatWasDoesNot() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        do {
            let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
            for text in ["one", "two", "three"] { try spool.append(bytes(text)) }
            let records = try drain(SpoolReader(spool))
            spool.acknowledge(through: records[0].end, count: 1)
            try spool.sync()
            spool.acknowledge(through: records[1].end, count: 1)
            // The second acknowledgement does not get to the disk.
        }
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        #expect(spool.waiting == 2)
        #expect(texts(try drain(SpoolReader(spool))) == ["two", "three"])
    }

    @Test func deliveredSegmentsLeaveTheDisk() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        let payload = [UInt8](repeating: 0x61, count: 10_000)
        for _ in 0..<50 { try spool.append(payload) }
        #expect(try segments(folder).count > 5)
        let records = try drain(SpoolReader(spool))
        #expect(records.count == 50)
        for (index, record) in records.enumerated() {
            spool.acknowledge(through: record.end, count: 1)
            #expect(spool.waiting == 49 - index)
        }
        #expect(try segments(folder).count <= 1)
        try spool.append(bytes("more"))
        #expect(spool.waiting == 1)
    }

    @Test func aFullSpoolRefusesAndTakesAgainWhenThereIsRoom() throws {
        let scratch = try ScratchFolder()
        let spool = try Spool(folder: scratch.file("spool"), maximumBytes: 300_000)
        let payload = [UInt8](repeating: 0x61, count: 30_000)
        var taken = 0
        while (try? spool.append(payload)) != nil { taken += 1 }
        #expect(taken == 9)
        #expect(throws: SpoolFailure.full) { try spool.append(payload) }
        #expect(spool.bytes <= 300_000)
        let reader = SpoolReader(spool)
        for record in try drain(reader) { spool.acknowledge(through: record.end, count: 1) }
        for _ in 0..<3 { try spool.append(payload) }
        #expect(try drain(reader).count == 3)
        #expect(throws: SpoolFailure.unfit) { try spool.append([]) }
    }

    @Test func oneProcessUsesAFolder() throws {
        let scratch = try ScratchFolder()
        let spool = try Spool(folder: scratch.file("spool"), maximumBytes: 1 << 20)
        let error = #expect(throws: SystemError.self) {
            _ = try Spool(folder: scratch.file("spool"), maximumBytes: 1 << 20)
        }
        #expect(error?.code == EWOULDBLOCK && error?.action.contains("lock, which another process holds") == true)
        #expect(spool.waiting == 0)
    }

    @Test func aCrashAtAnyByteCostsNoRecordBeforeIt() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        do {
            let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
            for text in ["one", "two", "three"] { try spool.append(bytes(text)) }
        }
        let name = try #require(try segments(folder).first)
        let whole = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
        let ends = [19, 38, 59]
        for length in 0...whole.count {
            for file in try segments(folder) { try FileManager.default.removeItem(atPath: "\(folder)/\(file)") }
            try Data(whole.prefix(length)).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
            let count = ends.filter { $0 <= length }.count
            #expect(spool.findings.torn == (length == 0 || ends.contains(length) ? 0 : 1), "cut at \(length)")
            try spool.append(bytes("next"))
            let expected = Array(["one", "two", "three"].prefix(count)) + ["next"]
            #expect(texts(try drain(SpoolReader(spool))) == expected, "cut at \(length)")
        }
    }

    @Test func manyThreadsLoseNothing() async throws {
        let scratch = try ScratchFolder()
        let spool = try Spool(folder: scratch.file("spool"), maximumBytes: 1 << 24)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for number in 0..<250 { try? spool.append(Array("\(thread)-\(number)".utf8)) }
                }
            }
            group.addTask { for _ in 0..<500 { _ = try? spool.restore() } }
        }
        #expect(spool.cutFiles == 0 && spool.restorations == 0, "what is being written is taken for no damage")
        let found = texts(try drain(SpoolReader(spool)))
        #expect(found.count == 1000 && Set(found).count == 1000)
        for thread in 0..<4 {
            #expect(found.filter { $0.hasPrefix("\(thread)-") } == (0..<250).map { "\(thread)-\($0)" })
        }
    }
}
