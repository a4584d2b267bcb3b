import Synchronization

/// A clock that stands until a test moves it, in Unix milliseconds.
final class TestTime: Sendable {
    private let milliseconds = Atomic<Int64>(1_769_860_800_000)

    var now: Int64 { milliseconds.load(ordering: .relaxed) }
    var seconds: Int64 { now / 1000 }

    func advance(to moment: Int64) {
        milliseconds.store(max(moment, now), ordering: .relaxed)
    }
}
