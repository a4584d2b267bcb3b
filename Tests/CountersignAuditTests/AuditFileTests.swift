import CountersignTesting
import CountersignTransport
import Foundation
import Testing

@testable import CountersignAudit

/// The file of JSON lines.
@Suite struct AuditFileTests {
    private func content(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    @Test func linesAreAppendedToWhatIsThere() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("audit.jsonl")
        for text in ["one\n", "two\n"] {
            try AuditFile(AuditSettings.File(path: path)).append(Array(text.utf8))
        }
        #expect(content(path) == "one\ntwo\n")
    }

    @Test func aLineThatWasCutOffIsEndedFirst() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("audit.jsonl")
        try Data("one\ntw".utf8).write(to: URL(fileURLWithPath: path))
        let file = try AuditFile(AuditSettings.File(path: path))
        try file.append(Array("three\n".utf8))
        try file.append(Array("four\n".utf8))
        #expect(content(path) == "one\ntw\nthree\nfour\n")
    }

    @Test func aLineBehindAMoveIsInTheNewFile() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("audit.jsonl")
        let file = try AuditFile(AuditSettings.File(path: path))
        try file.append(Array("zero\n".utf8))
        for (number, text) in ["one\n", "two\n"].enumerated() {
            let moved = scratch.file("audit.\(number)")
            try FileManager.default.moveItem(atPath: path, toPath: moved)
            // Whoever compresses the file has read it to its end by now.
            let read = content(moved)
            try file.append(Array(text.utf8))
            #expect(!read.contains(text) && content(path) == text)
        }
        try file.sync()
        #expect(try file.reopenIfMoved(), "it is told once")
        #expect(try !file.reopenIfMoved())
    }

    @Test(arguments: [true, false])
    func aFileThatIsMovedBackIsWrittenToAgain(_ isSynced: Bool) throws {
        let scratch = try ScratchFolder()
        let (path, moved) = (scratch.file("audit.jsonl"), scratch.file("audit.1"))
        let file = try AuditFile(AuditSettings.File(path: path))
        try file.append(Array("one\n".utf8))
        #expect(rename(path, moved) == 0)
        try file.append(Array("two\n".utf8))
        #expect(content(path) == "two\n")
        if isSynced { try file.sync() }
        #expect(rename(moved, path) == 0)
        try file.append(Array("three\n".utf8))
        #expect(content(path) == "one\ntwo\nthree\n")
        #expect(try file.reopenIfMoved(), "it is told once")
        #expect(try !file.reopenIfMoved())
        // Its lock was kept.
        #expect(throws: SystemError.self) { _ = try AuditFile(AuditSettings.File(path: path)) }
    }

    @Test func aFileThatIsMovedBackAndLinkedToIsNotFollowed() throws {
        let scratch = try ScratchFolder()
        let (path, moved) = (scratch.file("audit.jsonl"), scratch.file("audit.1"))
        let file = try AuditFile(AuditSettings.File(path: path))
        try file.append(Array("one\n".utf8))
        #expect(rename(path, moved) == 0)
        try file.append(Array("two\n".utf8))
        #expect(unlink(path) == 0)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: moved)
        let error = #expect(throws: SystemError.self) { try file.append(Array("three\n".utf8)) }
        #expect(error?.code == ELOOP && content(moved) == "one\ntwo\n")
    }

    @Test func aLineBehindAMoveIsInTheFileThatSomebodyHasMadeMeanwhile() throws {
        let scratch = try ScratchFolder()
        let (path, moved) = (scratch.file("audit.jsonl"), scratch.file("audit.1"))
        let file = try AuditFile(AuditSettings.File(path: path))
        try FileManager.default.moveItem(atPath: path, toPath: moved)
        try Data("zero\n".utf8).write(to: URL(fileURLWithPath: path))
        try file.append(Array("one\n".utf8))
        #expect(content(path) == "zero\none\n")
    }

    @Test func aFileThatIsCutOffIsToldOnceAndGoesOn() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("audit.jsonl")
        try Data("zero\n".utf8).write(to: URL(fileURLWithPath: path))
        let file = try AuditFile(AuditSettings.File(path: path))
        try file.append(Array("one\n".utf8))
        #expect(try !file.reopenIfMoved() && !file.takeCut())
        #expect(truncate(path, 0) == 0)
        try file.append(Array("two\n".utf8))
        #expect(try !file.reopenIfMoved())
        #expect(file.takeCut() && !file.takeCut())
        try file.append(Array("three\n".utf8))
        #expect(try !file.reopenIfMoved() && !file.takeCut())
        #expect(content(path) == "two\nthree\n")
    }

    @Test func aMovedFileIsLeftAndAnUnmovedOneIsNot() throws {
        let scratch = try ScratchFolder()
        let (path, moved) = (scratch.file("audit.jsonl"), scratch.file("audit.1"))
        let file = try AuditFile(AuditSettings.File(path: path))
        #expect(try !file.reopenIfMoved())
        try file.append(Array("one\n".utf8))
        try FileManager.default.moveItem(atPath: path, toPath: moved)
        #expect(try file.reopenIfMoved())
        try file.append(Array("two\n".utf8))
        try file.sync()
        #expect(content(moved) == "one\n" && content(path) == "two\n")
    }

    @Test func aFileThatCannotBeMadeAnewLeavesTheOldOneInUse() throws {
        let scratch = try ScratchFolder()
        let (folder, path) = (scratch.file("logs"), scratch.file("logs/audit.jsonl"))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let file = try AuditFile(AuditSettings.File(path: path))
        try FileManager.default.moveItem(atPath: folder, toPath: scratch.file("moved"))
        #expect(throws: SystemError.self) { _ = try file.reopenIfMoved() }
        try file.append(Array("one\n".utf8))
        #expect(content(scratch.file("moved/audit.jsonl")) == "one\n")
    }

    @Test func aRemovedFileIsMadeAnewByTheNextLine() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("audit.jsonl")
        let file = try AuditFile(AuditSettings.File(path: path))
        for text in ["one\n", "two\n"] {
            try file.append(Array(text.utf8))
            #expect(content(path) == text)
            #expect(unlink(path) == 0)
        }
        try file.append(Array("three\n".utf8))
        #expect(try file.reopenIfMoved(), "it is told once")
        #expect(try !file.reopenIfMoved())
        #expect(content(path) == "three\n")
    }

    @Test(arguments: ["a folder in its place", "no folder"])
    func aRemovedFileThatCannotBeMadeAnewTakesNoLine(_ kind: String) throws {
        let scratch = try ScratchFolder()
        let (folder, path) = (scratch.file("logs"), scratch.file("logs/audit.jsonl"))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let file = try AuditFile(AuditSettings.File(path: path))
        try file.append(Array("one\n".utf8))
        try FileManager.default.removeItem(atPath: folder)
        if kind == "a folder in its place" {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        for _ in 0..<2 {
            let error = #expect(throws: SystemError.self) { try file.append(Array("two\n".utf8)) }
            #expect(error?.action == "open the audit file \(path)")
            #expect(throws: SystemError.self) { _ = try file.reopenIfMoved() }
        }
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try file.append(Array("three\n".utf8))
        #expect(content(path) == "three\n")
    }

    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func anotherModeIsKeptAndToldOnce() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("audit.jsonl")
        try Data("one\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(chmod(path, 0o644) == 0)
        let file = try AuditFile(AuditSettings.File(path: path))
        #expect(file.takeForeignMode() == AuditFile.ForeignMode(found: "0644", wanted: "0640", fault: nil))
        #expect(try file.takeForeignMode() == nil && mode(path) == 0o644)
    }

    /// What lets others than root and this process's user change what the file says.
    enum Openness: String, CaseIterable {
        case owner = "belongs to user 12345"
        case mode = "everybody may write"
        case group = "its group may write"

        func apply(_ path: String) throws {
            switch self {
            case .owner: try #require(chown(path, 12345, 12345) == 0, "the tests run as root")
            case .mode: #expect(chmod(path, 0o666) == 0)
            case .group: #expect(chmod(path, 0o660) == 0)
            }
        }
    }

    @Test(arguments: Openness.allCases)
    func aFileThatOthersMayChangeIsRefused(_ openness: Openness) throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("audit.jsonl")
        try Data("one\n".utf8).write(to: URL(fileURLWithPath: path))
        try openness.apply(path)
        let error = #expect(throws: SystemError.self) { _ = try AuditFile(AuditSettings.File(path: path)) }
        #expect(error?.action.contains(openness.rawValue) == true && error?.code == EPERM)
        #expect(content(path) == "one\n")
    }

    @Test(arguments: Openness.allCases)
    func aFileThatOthersMayChangeByNowIsTold(_ openness: Openness) throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("audit.jsonl")
        let file = try AuditFile(AuditSettings.File(path: path))
        try openness.apply(path)
        let error = #expect(throws: SystemError.self) { _ = try file.reopenIfMoved() }
        #expect(error?.action.contains(openness.rawValue) == true)
        #expect(chown(path, geteuid(), getegid()) == 0 && chmod(path, 0o640) == 0)
        #expect(try !file.reopenIfMoved())
    }

    @Test(arguments: [true, false])
    func aLinkIsNotFollowed(_ isThere: Bool) throws {
        let scratch = try ScratchFolder()
        let (path, target) = (scratch.file("audit.jsonl"), scratch.file("target"))
        if isThere {
            try Data("one\n".utf8).write(to: URL(fileURLWithPath: target))
            #expect(chmod(target, 0o600) == 0)
        }
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        let error = #expect(throws: SystemError.self) { _ = try AuditFile(AuditSettings.File(path: path)) }
        #expect(error?.action.contains("symbolic link") == true && error?.code == ELOOP)
        #expect(FileManager.default.fileExists(atPath: target) == isThere)
        if isThere { #expect(try content(target) == "one\n" && mode(target) == 0o600) }
    }

    @Test func aFolderMayBeReachedByALink() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.file("logs")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: scratch.file("link"), withDestinationPath: folder)
        try AuditFile(AuditSettings.File(path: scratch.file("link/audit.jsonl"))).append(Array("one\n".utf8))
        #expect(content("\(folder)/audit.jsonl") == "one\n")
    }

    @Test(arguments: [true, false])
    func theModeThatIsWantedIsNotTold(_ isGroupReadable: Bool) throws {
        let scratch = try ScratchFolder()
        let settings = AuditSettings.File(path: scratch.file("audit.jsonl"), isGroupReadable: isGroupReadable)
        for _ in 0..<2 {
            #expect(try AuditFile(settings).takeForeignMode() == nil)
            #expect(try mode(settings.path) == (isGroupReadable ? 0o640 : 0o600))
        }
    }

    @Test func oneWritesToAFile() throws {
        let scratch = try ScratchFolder()
        let (path, moved) = (scratch.file("audit.jsonl"), scratch.file("audit.1"))
        let first = try AuditFile(AuditSettings.File(path: path))
        let error = #expect(throws: SystemError.self) { _ = try AuditFile(AuditSettings.File(path: path)) }
        #expect(error?.description.contains("\(path), to which another process writes") == true)
        try FileManager.default.moveItem(atPath: path, toPath: moved)
        #expect(try first.reopenIfMoved())
        try AuditFile(AuditSettings.File(path: moved)).append(Array("two\n".utf8))
        #expect(throws: SystemError.self) { _ = try AuditFile(AuditSettings.File(path: path)) }
    }

    /// What another process does that has the file open: on Linux, locks of another open file count as another process's.
    enum Stranger: String, CaseIterable {
        case flock
        case reader
    }

    @Test(arguments: Stranger.allCases)
    func whoMayOnlyReadTheFileKeepsNobodyFromWriting(_ stranger: Stranger) throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("audit.jsonl")
        try Data("one\n".utf8).write(to: URL(fileURLWithPath: path))
        let other = open(path, O_RDONLY)
        switch stranger {
        case .flock: #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
        case .reader:
            var range = Glibc.flock()
            range.l_type = Int16(F_RDLCK)
            // F_OFD_SETLK
            #expect(fcntl(other, 37, &range) == 0)
        }
        let file = try AuditFile(AuditSettings.File(path: path))
        try file.append(Array("two\n".utf8))
        #expect(content(path) == "one\ntwo\n")
        close(other)
        // Once the reader has let go, the lock is taken, and keeps other writers away.
        #expect(try !file.reopenIfMoved())
        #expect(throws: SystemError.self) { _ = try AuditFile(AuditSettings.File(path: path)) }
    }

    @Test func nothingButAFileIsWrittenTo() throws {
        let scratch = try ScratchFolder()
        #expect(mkfifo(scratch.file("pipe"), 0o600) == 0)
        for path in [scratch.file("pipe"), scratch.path, "/dev/null", scratch.file("absent/audit.jsonl")] {
            #expect(throws: SystemError.self) { _ = try AuditFile(AuditSettings.File(path: path)) }
        }
    }
}
