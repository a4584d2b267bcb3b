import CountersignControlModel
import CountersignPolicy
import CountersignTesting
import CountersignTransport
import Foundation
import Testing

@testable import CountersignRuntime

@Suite struct ControlCopyTests {
    private let folder: ScratchFolder
    private var path: String { folder.file("routes") }

    init() throws {
        folder = try ScratchFolder()
    }

    private static func route(_ pattern: String, port: UInt16 = 1) -> ControlledRoute {
        let destination = RouteDestination(guid: "d", host: "10.0.0.1", port: port)
        return ControlledRoute(pattern: pattern, destinations: [destination], options: .empty)
    }

    private static func content(_ routes: ControlledRoute..., domains: [ControlledDomain] = []) -> ControlledContent {
        var content = ControlledContent()
        content.apply(RoutingPosition.Batch(isReset: true, routes: routes, domains: domains))
        return content
    }

    /// A copy with two routes that was written whole, and then a change of one that was appended.
    private func fill() throws {
        var copy = ControlCopy(path: path)
        #expect(try copy.load().content.routes.isEmpty)
        var routes = Self.content(
            Self.route("a"),
            Self.route("b"),
            domains: [ControlledDomain(name: "d", enforcesPolicies: true)]
        )
        let first = routes.whole
        try copy.keep(first, after: nil, ("e", 5), of: routes)
        let second = RoutingPosition.Batch(removed: ["b"], routes: [Self.route("a", port: 2)])
        routes.apply(second)
        try copy.keep(second, after: 5, ("e", 6), of: routes)
    }

    @Test func `what was kept is there`() throws {
        try fill()
        var copy = ControlCopy(path: path)
        let (position, content) = try copy.load()
        #expect(position.known?.epoch == "e" && position.known?.sequence == 6)
        #expect(content.routes == ["a": Self.route("a", port: 2)] && content.domains["d"]?.enforcesPolicies == true)
    }

    @Test func `a file cut off anywhere has the last batch that is whole`() throws {
        try fill()
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let secondBegin = try #require(whole.range(of: Data(RoutingLine.removed("b").bytes))).lowerBound
        for length in 0...whole.count {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            var copy = ControlCopy(path: path)
            let (position, content) = try copy.load()
            // The last line counts with its line feed or without it.
            let sequence: Int64? = length >= whole.count - 1 ? 6 : length >= secondBegin - 1 ? 5 : nil
            #expect(position.known?.sequence == sequence, "cut at \(length)")
            #expect(content.routes.count == (sequence == 6 ? 1 : sequence == 5 ? 2 : 0))
            // A cut is no damage where a batch is whole.
            #expect((copy.damage != nil) == (sequence == nil), "cut at \(length)")
        }
    }

    @Test func `what follows a cut is kept whole again`() throws {
        try fill()
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"type":"remo"#.utf8))
        try handle.close()
        var copy = ControlCopy(path: path)
        var (position, routes) = try copy.load()
        let batch = RoutingPosition.Batch(routes: [Self.route("c")])
        _ = position.take(.route(Self.route("c")))
        _ = position.take(.sync(epoch: "e", after: 6, sequence: 7))
        routes.apply(batch)
        try copy.keep(batch, after: 6, ("e", 7), of: routes)
        let again = try {
            var copy = ControlCopy(path: path)
            return try copy.load()
        }()
        #expect(again.position.known?.sequence == 7)
        #expect(again.content.routes.keys.sorted() == ["a", "c"])
    }

    @Test func `a version that changes no route is kept, so that the next batch follows`() throws {
        var copy = ControlCopy(path: path)
        var (position, routes) = try copy.load()
        let lines: [RoutingLine] = [
            .reset, .route(Self.route("a")), .sync(epoch: "e", after: 0, sequence: 1),
            .sync(epoch: "e", after: 1, sequence: 2),
            .removed("a"), .sync(epoch: "e", after: 2, sequence: 3),
        ]
        for line in lines {
            let before = position.known?.sequence
            guard case .apply(let batch) = position.take(line) else { continue }
            routes.apply(batch)
            try copy.keep(batch, after: before, try #require(position.known), of: routes)
        }
        var again = ControlCopy(path: path)
        let kept = try again.load()
        #expect(kept.position.known?.sequence == 3 && kept.content.routes.isEmpty && again.damage == nil)
    }

    @Test func `a file with a gap does not count`() throws {
        try fill()
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(RoutingLine.sync(epoch: "e", after: 7, sequence: 8).bytes))
        try handle.close()
        var copy = ControlCopy(path: path)
        let (position, content) = try copy.load()
        #expect(position.known == nil && content == ControlledContent())
        #expect(copy.damage?.contains("from 7 to 8") == true)
    }

    @Test func `a file with a damaged line does not count`() throws {
        try fill()
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        // A nul, and another byte that may well leave JSON that can be read.
        for (index, byte) in whole.enumerated() {
            for other in [0, byte == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")] {
                try check(whole, index, other)
            }
        }
    }

    @Test func `a file that lacks a line does not count`() throws {
        try fill()
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let lines = whole.split(separator: UInt8(ascii: "\n"))
        for index in lines.indices.dropLast() {
            var fewer = lines
            fewer.remove(at: index)
            try Data((fewer.joined(separator: Data("\n".utf8)) + Data("\n".utf8))).write(to: URL(fileURLWithPath: path))
            var copy = ControlCopy(path: path)
            #expect(try copy.load().content.routes.isEmpty && copy.damage != nil, "line \(index)")
        }
        try (whole + whole).write(to: URL(fileURLWithPath: path))
        var copy = ControlCopy(path: path)
        // Everything from its beginning, again: nothing is missing.
        #expect(try copy.load().position.known?.sequence == 6)
    }

    private func check(_ whole: Data, _ index: Int, _ byte: UInt8) throws {
        var damaged = whole
        damaged[index] = byte
        try damaged.write(to: URL(fileURLWithPath: path))
        var copy = ControlCopy(path: path)
        let (position, content) = try copy.load()
        #expect(position.known == nil && content == ControlledContent() && copy.damage != nil, "byte \(index)")
    }

    @Test(arguments: [nil, "", "{}\n"])
    func `a file that is gone or was changed is written whole`(text: String?) throws {
        var copy = ControlCopy(path: path)
        var routes = Self.content(Self.route("a"))
        try copy.keep(RoutingPosition.Batch(isReset: true), after: nil, ("e", 5), of: routes)
        try FileManager.default.removeItem(atPath: path)
        if let text { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
        routes.apply(RoutingPosition.Batch(routes: [Self.route("b")]))
        try copy.keep(RoutingPosition.Batch(routes: [Self.route("b")]), after: 5, ("e", 6), of: routes)
        var again = ControlCopy(path: path)
        #expect(try again.load().content == routes)
    }

    @Test func `a write that has failed is followed by the whole`() throws {
        let nested = folder.file("nested")
        try FileManager.default.createDirectory(atPath: nested, withIntermediateDirectories: false)
        var copy = ControlCopy(path: nested + "/routes")
        var routes = Self.content(Self.route("a"))
        try copy.keep(RoutingPosition.Batch(isReset: true), after: nil, ("e", 5), of: routes)
        try FileManager.default.moveItem(atPath: nested, toPath: nested + "-away")
        routes.apply(RoutingPosition.Batch(routes: [Self.route("b")]))
        #expect(throws: SystemError.self) {
            try copy.keep(RoutingPosition.Batch(routes: [Self.route("b")]), after: 5, ("e", 6), of: routes)
        }
        try FileManager.default.moveItem(atPath: nested + "-away", toPath: nested)
        routes.apply(RoutingPosition.Batch(removed: ["a"]))
        try copy.keep(RoutingPosition.Batch(removed: ["a"]), after: 6, ("e", 7), of: routes)
        var again = ControlCopy(path: nested + "/routes")
        let kept = try again.load()
        #expect(kept.position.known?.sequence == 7 && kept.content == routes && again.damage == nil)
    }

    @Test func `a file that has grown is written anew`() throws {
        var copy = ControlCopy(path: path)
        _ = try copy.load()
        let routes = Self.content(Self.route(String(repeating: "a", count: 100_000)))
        try copy.keep(RoutingPosition.Batch(isReset: true), after: nil, ("e", 0), of: routes)
        for sequence: Int64 in 1...40 {
            let batch = RoutingPosition.Batch(routes: Array(routes.routes.values))
            try copy.keep(batch, after: sequence - 1, ("e", sequence), of: routes)
        }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(try #require(size) < 2_000_000)
        var again = ControlCopy(path: path)
        #expect(try again.load().position.known?.sequence == 40)
    }
}
