import CountersignAuthority
import Synchronization

/// Signing keys kept in memory, by something that can fail.
final class MemoryTokenKeys: TokenKeyKeeping {
    struct Failure: Error {}

    private let state = Mutex<(content: [UInt8]?, fails: Bool, saves: Int)>((nil, false, 0))

    var content: [UInt8]? { state.withLock { $0.content } }
    var saves: Int { state.withLock { $0.saves } }

    func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }
    func replace(_ content: [UInt8]) { state.withLock { $0.content = content } }
    func load() throws -> [UInt8]? { content }

    func save(_ content: [UInt8]) throws {
        try state.withLock { state in
            guard !state.fails else { throw Failure() }
            state.content = content
            state.saves += 1
        }
    }
}
