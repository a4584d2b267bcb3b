import Synchronization

/// How many tokens have named a key that the issuer's key set does not have.
///
/// Whoever keeps the key set up to date looks at it: such a key may have been published since.
package final class UnknownTokenKeys: Sendable {
    private let number = Atomic<UInt64>(0)

    /// None so far.
    package init() {}

    /// One more token has.
    package func note() { number.wrappingAdd(1, ordering: .relaxed) }

    /// How many there were.
    package var count: UInt64 { number.load(ordering: .relaxed) }
}
