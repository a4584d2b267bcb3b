import CountersignControlModel
import CountersignFiles
import CountersignJSON
import CountersignTransport
import Glibc

/// The lines that a control plane has told, on disk: a router starts from them when nobody is there to tell.
///
/// A batch is appended and flushed when it was applied. A file that has grown to three times what it says is written anew
/// in one step. What a crash has cut off at the end is not a whole batch, and counts for nothing.
struct ControlCopy {
    private let path: String
    private var size = 0
    private var freshSize = 0

    init(path: String) {
        self.path = path
    }

    /// The batches that were kept, fed to a position; none when there is no file.
    ///
    /// - Returns: what was known last, and every route.
    /// - Throws: ``SystemError`` when there is a file that cannot be read.
    mutating func load() throws(SystemError) -> (position: RoutingPosition, routes: [String: ControlledRoute]) {
        var position = RoutingPosition()
        var routes: [String: ControlledRoute] = [:]
        guard unsafe access(path, F_OK) == 0 else { return (position, routes) }
        let bytes = try FileContent.read(path, maximumBytes: Self.maximumBytes).bytes
        size = bytes.count
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            do throws(JSONError) {
                guard let line = try RoutingLine.read(Array(line)) else { continue }
                if case .apply(let batch) = position.take(line) { routes.apply(batch) }
            } catch {
                break
            }
        }
        position.dropUnfinished()
        // The next batch cannot follow what a crash has cut off, so that the file is begun anew.
        freshSize = 0
        return (position, routes)
    }

    /// Keeps a batch that leads to what is known now.
    ///
    /// - Parameters:
    ///   - batch: what has changed.
    ///   - before: the version before it; nil when the batch is everything.
    ///   - known: the numbering and the version after it.
    ///   - routes: every route after it.
    /// - Throws: ``SystemError`` when the file cannot be written.
    mutating func keep(
        _ batch: RoutingPosition.Batch,
        after before: Int64?,
        _ known: (epoch: String, sequence: Int64),
        of routes: [String: ControlledRoute]
    ) throws(SystemError) {
        if let before, !batch.isReset, freshSize > 0, size < freshSize * 3 + Self.slack {
            var bytes: [UInt8] = []
            for pattern in batch.removed { bytes += RoutingLine.removed(pattern).bytes }
            for route in batch.routes { bytes += RoutingLine.route(route).bytes }
            bytes += RoutingLine.sync(epoch: known.epoch, after: before, sequence: known.sequence).bytes
            try append(bytes)
            size += bytes.count
            return
        }
        var bytes = RoutingLine.reset.bytes
        for route in routes.values { bytes += RoutingLine.route(route).bytes }
        bytes += RoutingLine.sync(epoch: known.epoch, after: 0, sequence: known.sequence).bytes
        try AtomicFile.write(bytes, to: path, mode: 0o600)
        size = bytes.count
        freshSize = bytes.count
    }

    private func append(_ bytes: [UInt8]) throws(SystemError) {
        let action = "write \(path)"
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw SystemError(action: action) }
        defer { close(descriptor) }
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError(action: action) }
            sent += count
        }
        guard fdatasync(descriptor) == 0 else { throw SystemError(action: action) }
    }

    private static let maximumBytes = 1024 * 1024 * 1024
    private static let slack = 1024 * 1024
}

extension [String: ControlledRoute] {
    /// Makes the changes of a batch.
    mutating func apply(_ batch: RoutingPosition.Batch) {
        if batch.isReset { removeAll() }
        for pattern in batch.removed { self[pattern] = nil }
        for route in batch.routes { self[route.pattern] = route }
    }
}
