import Logging

extension Logger {
    /// A logger whose lines go nowhere.
    static var silent: Logger { Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() } }
}
