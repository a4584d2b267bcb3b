/// Counts the content of a message with a Content-Length down to its end.
package struct BodyCounter: Equatable, Sendable {
    /// How many bytes of the content are still to come.
    package private(set) var remaining: UInt64

    /// Makes a counter for content of `length` bytes.
    package init(length: UInt64) {
        self.remaining = length
    }

    /// Whether all of the content has been taken.
    package var isFinished: Bool { remaining == 0 }

    /// Takes what belongs to the content from the front of `available` bytes; returns how many bytes that are.
    ///
    /// What is left of the bytes belongs to the next message. A negative number counts as 0.
    package mutating func take(available: Int) -> Int {
        let taken = min(remaining, UInt64(max(available, 0)))
        remaining &-= taken
        return Int(truncatingIfNeeded: taken)
    }
}
