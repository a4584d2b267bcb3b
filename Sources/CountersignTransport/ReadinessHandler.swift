/// What owns a descriptor on an event loop.
package protocol ReadinessHandler: AnyObject {
    /// The descriptor can be read, can be written, or has failed; edge-triggered: told once for each change.
    func ready(_ readiness: Readiness)

    /// The deadline set with ``EventLoop/setDeadline(_:at:)`` has passed; it is forgotten by now.
    func deadlinePassed()
}

/// Who does something once for all that a turn of an event loop brought.
package protocol TurnEndHandler: AnyObject {
    /// All handlers of this turn have been told, and the loop is about to wait.
    func turnEnded()
}

/// The ways in which a descriptor has become ready.
@usableFromInline
package struct Readiness: OptionSet, Sendable {
    @usableFromInline package let rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Whether the descriptor has become ready in this way, which an event is asked a few times.
    @inlinable
    package func contains(_ way: Readiness) -> Bool {
        rawValue & way.rawValue == way.rawValue
    }

    package static let readable = Readiness(rawValue: 1)
    package static let writable = Readiness(rawValue: 2)
    /// The peer has ended its direction; reading comes to the end of the stream.
    package static let hangUp = Readiness(rawValue: 4)
    /// The connection has failed, or both directions have ended.
    package static let broken = Readiness(rawValue: 8)
}

/// A handler's place on its event loop; stale once the handler is removed.
package struct HandlerToken: Equatable, Sendable {
    let slot: Int32
    let generation: UInt32

    /// A place that no handler has.
    package static let none = HandlerToken(slot: -1, generation: 0)

    var eventData: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(bitPattern: slot)) }

    init(slot: Int32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    init(eventData: UInt64) {
        self.slot = Int32(bitPattern: UInt32(truncatingIfNeeded: eventData))
        self.generation = UInt32(truncatingIfNeeded: eventData >> 32)
    }
}
