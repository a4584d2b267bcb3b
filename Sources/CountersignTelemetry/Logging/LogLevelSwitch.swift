package import Logging
import Synchronization

/// The process's log level, which may change while it runs.
package final class LogLevelSwitch: Sendable {
    private let ordinal: Atomic<Int>

    /// Creates a switch.
    package init(_ level: Logger.Level = .info) {
        self.ordinal = Atomic(Self.ordinal(of: level))
    }

    /// The level; loggers made before a change follow it too.
    package var level: Logger.Level {
        get { Logger.Level.allCases[self.ordinal.load(ordering: .relaxed)] }
        set { self.ordinal.store(Self.ordinal(of: newValue), ordering: .relaxed) }
    }

    private static func ordinal(of level: Logger.Level) -> Int {
        Logger.Level.allCases.firstIndex(of: level) ?? 0
    }
}
