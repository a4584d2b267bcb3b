import CountersignConfiguration
import Foundation
import Testing

@Suite struct SystemFileReaderTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("countersign-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private func write(_ bytes: [UInt8], _ path: String, mode: Int = 0o600) {
        #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
        #expect(throws: Never.self) {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
    }

    @Test(
        "bytes and permissions are the file's",
        arguments: [(0o600, false), (0o400, false), (0o640, true), (0o604, true)]
    )
    func reads(_ mode: Int, _ isOpen: Bool) throws {
        try withFolder { folder in
            let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
            write(bytes, "\(folder)/file", mode: mode)
            let contents = try SystemFileReader().read("\(folder)/file", maximumBytes: 200_000)
            #expect(contents.bytes == bytes)
            #expect(contents.permissions == UInt32(mode))
            #expect(contents.isOpenToOthers == isOpen)
        }
    }

    @Test func whatIsNoFileIsRefused() throws {
        try withFolder { folder in
            let reader = SystemFileReader()
            #expect(throws: FileReadError.missing) { try reader.read("\(folder)/none", maximumBytes: 10) }
            #expect(throws: FileReadError.notAFile) { try reader.read(folder, maximumBytes: 10) }
            #expect(throws: FileReadError.notAFile) { try reader.read("/dev/zero", maximumBytes: 10) }
            #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
            #expect(throws: FileReadError.notAFile) { try reader.read("\(folder)/pipe", maximumBytes: 10) }
        }
    }

    @Test func aFileThatIsTooLongIsRefused() throws {
        try withFolder { folder in
            write([1, 2, 3], "\(folder)/file")
            let whole = try SystemFileReader().read("\(folder)/file", maximumBytes: 3)
            #expect(whole.bytes == [1, 2, 3])
            #expect(throws: FileReadError.tooLong(2)) {
                try SystemFileReader().read("\(folder)/file", maximumBytes: 2)
            }
        }
    }
}
