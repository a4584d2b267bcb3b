import Foundation

/// The system's clock, read once per command.
enum SystemTime {
    /// The current time in Unix seconds.
    static var unixSeconds: Int64 {
        Int64(Date().timeIntervalSince1970)
    }
}
