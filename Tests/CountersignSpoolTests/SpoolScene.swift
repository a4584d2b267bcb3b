import CountersignSpool
import Foundation
import Testing

/// What tests of spools do again and again.
protocol SpoolScene {}

extension SpoolScene {
    func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Takes out what a reader has.
    func drain(_ reader: SpoolReader) throws -> [SpoolRecord] {
        var records: [SpoolRecord] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }

    /// The whole records among these.
    func texts(_ records: [SpoolRecord]) -> [String] {
        records.compactMap { record in
            guard case .whole(let payload) = record.content else { return nil }
            return String(decoding: payload, as: UTF8.self)
        }
    }

    /// The names of a folder's segments.
    func segments(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("segment-") }.sorted()
    }

    func content(_ path: String) throws -> [UInt8] {
        Array(try #require(FileManager.default.contents(atPath: path)))
    }

    func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// Makes a spool with records, and lets it go.
    ///
    /// - Parameters:
    ///   - texts: what is put in.
    ///   - folder: where.
    ///   - delivered: how many of them are acknowledged.
    func leave(_ texts: [String], in folder: String, delivered: Int = 0) throws {
        let spool = try Spool(folder: folder, maximumBytes: 1 << 20)
        for text in texts { try spool.append(bytes(text)) }
        if delivered > 0 {
            let reader = SpoolReader(spool)
            for _ in 0..<delivered {
                let record = try #require(try reader.next())
                spool.acknowledge(through: record.end, count: 1)
            }
        }
        try spool.sync()
    }
}
