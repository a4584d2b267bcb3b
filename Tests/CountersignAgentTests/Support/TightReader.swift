import CountersignFiles
import CountersignTransport
import Synchronization

/// Reads a file again and again on a thread of its own until it is told to stop.
final class TightReader: Sendable {
    private let isOver = Atomic<Bool>(false)
    private let done = Completion()

    init(_ path: String) throws {
        try spawn(name: "reader") { [self] in
            while !isOver.load(ordering: .relaxed) { _ = try? FileContent.read(path, maximumBytes: 1 << 20) }
            done.finish()
        }
    }

    func stop() {
        isOver.store(true, ordering: .relaxed)
        _ = done.wait()
    }
}
