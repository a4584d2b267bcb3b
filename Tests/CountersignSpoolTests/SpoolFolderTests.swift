import CountersignTesting
import CountersignTransport
import Foundation
import Testing

@testable import CountersignSpool

/// The folder of a spool: whose it is, and what happens when somebody removes it.
@Suite struct SpoolFolderTests: SpoolScene {
    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func filesAreTheirOwnersAlone() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        try spool.append(bytes("one"))
        #expect(try mode(folder) == 0o700 && spool.findings.openMode == nil)
        #expect(try mode("\(folder)/\(try #require(try segments(folder).first))") == 0o600)
    }

    @Test(arguments: [0o777, 0o750, 0o701])
    func aFolderThatIsOpenToOthersIsClosedAndTold(_ open: mode_t) throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        #expect(mkdir(folder, 0o700) == 0 && chmod(folder, open) == 0)
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        #expect(try mode(folder) == 0o700 && spool.findings.openMode == "0" + String(open, radix: 8))
    }

    @Test func aFolderOfAnotherUserIsRefused() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        try leave(["one"], in: folder)
        try #require(chown(folder, 12345, 12345) == 0, "the tests run as root")
        let error = #expect(throws: SystemError.self) { try Spool(folder: folder, maximumBytes: 1 << 20) }
        #expect(error?.description.contains("\(folder), which belongs to user 12345") == true)
        #expect(chown(folder, geteuid(), getegid()) == 0)
        #expect(try Spool(folder: folder, maximumBytes: 1 << 20).waiting == 1)
    }

    @Test func aFileOfAnotherUserIsSetAside() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        try leave(["one"], in: folder)
        try write(SpoolFormat.record(bytes("forged")) ?? [], to: "\(folder)/\(SpoolSegment.name(of: 2))")
        try #require(chown("\(folder)/\(SpoolSegment.name(of: 2))", 12345, 12345) == 0, "the tests run as root")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        #expect(spool.findings.setAside.count == 1)
        #expect(texts(try drain(SpoolReader(spool))) == ["one"])
    }

    @Test func whatNobodyTouchesIsNotWrittenAnew() throws {
        let scratch = try ScratchFolder()
        let spool = try Spool(folder: scratch.file("spool"), maximumBytes: 1 << 20)
        #expect(try !spool.restore())
        try spool.append(bytes("one"))
        #expect(try !spool.restore())
    }

    @Test(arguments: ["the folder", "a file", "moved", "replaced"])
    func whatIsRemovedInServiceIsWrittenAnewAndNothingLost(_ what: String) throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let large = String(repeating: "x", count: 30_000)
        do {
            let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
            let reader = SpoolReader(spool)
            for number in 0..<5 { try spool.append(bytes("\(number)" + large)) }
            let first = try #require(try reader.next())
            spool.acknowledge(through: first.end, count: 1)
            try spool.sync()
            let files = FileManager.default
            switch what {
            case "the folder": try files.removeItem(atPath: folder)
            case "a file": try files.removeItem(atPath: "\(folder)/\(try #require(try segments(folder).last))")
            case "moved": try files.moveItem(atPath: folder, toPath: scratch.file("elsewhere"))
            default:
                try files.removeItem(atPath: "\(folder)/\(try #require(try segments(folder).last))")
                try write(bytes("something"), to: "\(folder)/\(SpoolSegment.name(of: 3))")
            }
            #expect(try spool.restore())
            #expect(try !spool.restore())
            try spool.append(bytes("last"))
            try spool.sync()
            #expect(texts(try drain(reader)).map { $0.first } == ["1", "2", "3", "4", "l"])
        }
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        #expect(spool.findings == SpoolFindings() && spool.waiting == 5)
        #expect(texts(try drain(SpoolReader(spool))).map { $0.first } == ["1", "2", "3", "4", "l"])
    }

    @Test func aRemovedFolderIsTheSpoolsAloneAgain() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        try FileManager.default.removeItem(atPath: folder)
        #expect(try spool.restore())
        #expect(try mode(folder) == 0o700)
        #expect(throws: SystemError.self) { try Spool(folder: folder, maximumBytes: 1 << 20) }
    }

    @Test func whatComesBeforeTheRemovalIsNoticedIsKeptToo() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let large = String(repeating: "x", count: 30_000)
        do {
            let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
            try spool.append(bytes("0" + large))
            try FileManager.default.removeItem(atPath: folder)
            // The first of these has room in the file that is open, the others have not.
            for number in 1..<6 { try spool.append(bytes("\(number)" + large)) }
            #expect(spool.restorations == 1)
            #expect(try !spool.restore())
            #expect(texts(try drain(SpoolReader(spool))).map { $0.first } == ["0", "1", "2", "3", "4", "5"])
        }
        #expect(try Spool(folder: folder, maximumBytes: 1 << 20).waiting == 6)
    }

    /// Removes a spool's folder, or its lock alone, and has another process begin with it.
    private func takeOver(_ what: String, _ folder: String) throws -> Spool {
        try FileManager.default.removeItem(atPath: what == "the folder" ? folder : "\(folder)/lock")
        return try Spool(folder: folder, maximumBytes: 1 << 20)
    }

    @Test(arguments: ["the folder", "the lock"])
    func nothingIsWrittenToOrRemovedFromTheFolderOfAnotherProcess(_ what: String) throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        let reader = SpoolReader(spool)
        let large = String(repeating: "x", count: 30_000)
        for number in 0..<3 { try spool.append(bytes("\(number)" + large)) }
        let other = try takeOver(what, folder)
        for number in 5..<8 { try other.append(bytes("\(number)" + large)) }
        let files = try segments(folder)
        #expect(throws: SystemError.self) { try spool.restore() }
        let failure = #expect(throws: SpoolFailure.self) { try spool.append(bytes("lost")) }
        #expect(failure?.description.contains("lock, which another process holds") == true)
        // What was there before can still be delivered.
        let records = try drain(reader)
        #expect(texts(records).map { $0.first } == ["0", "1", "2"])
        spool.acknowledge(through: records[2].end, count: 3)
        #expect(throws: SystemError.self) { try spool.sync() }
        #expect(try segments(folder) == files && !FileManager.default.fileExists(atPath: "\(folder)/cursor"))
        try other.append(bytes("8"))
        #expect(texts(try drain(SpoolReader(other))).suffix(4).map { $0.first } == ["5", "6", "7", "8"])
    }

    @Test func aFolderThatAnotherProcessHasLetGoIsUsedAgain() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        try spool.append(bytes("one"))
        do {
            let other = try takeOver("the folder", folder)
            try other.append(bytes("other"))
            #expect(throws: SystemError.self) { try spool.restore() }
            withExtendedLifetime(other) {}
        }
        try spool.append(bytes("two"))
        #expect(spool.takeSetAside().count == 1 && spool.takeSetAside().isEmpty)
        #expect(texts(try drain(SpoolReader(spool))) == ["one", "two"])
    }

    @Test func aNumberThatSomebodyElseHasTakenIsPassedOver() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        for number: UInt64 in 1...3 { try write(bytes("foreign"), to: "\(folder)/\(SpoolSegment.name(of: number))") }
        try spool.append(bytes("one"))
        #expect(texts(try drain(SpoolReader(spool))) == ["one"])
        #expect(try content("\(folder)/\(SpoolSegment.name(of: 2))") == bytes("foreign"))
        #expect(try segments(folder).last == SpoolSegment.name(of: 4))
    }

    @Test func manyThreadsThatNoticeARemovalLoseNothing() async throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 24)
        let large = String(repeating: "x", count: 20_000)
        for number in 0..<3 { try spool.append(bytes("\(number)" + large)) }
        try FileManager.default.removeItem(atPath: folder)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { for _ in 0..<20 { try? spool.append(bytes("more" + large)) } }
            }
        }
        try spool.restore()
        #expect(spool.restorations == 1 && spool.waiting == 83)
        #expect(try drain(SpoolReader(spool)).filter(\.isWhole).count == 83)
    }

    @Test func aFolderThatCannotBeMadeAnewIsTriedAgain() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("spool")
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        try spool.append(bytes("one"))
        try FileManager.default.removeItem(atPath: folder)
        try write([], to: folder)
        #expect(throws: SystemError.self) { try spool.restore() }
        try FileManager.default.removeItem(atPath: folder)
        #expect(try spool.restore())
        #expect(texts(try drain(SpoolReader(spool))) == ["one"])
    }
}
