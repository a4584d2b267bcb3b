/// A captured value.
package struct Capture: Sendable, Hashable {
    /// The capture's name.
    package let name: String
    /// What it stands for: letters, digits, `.`, `_` and `-`, and never `.` or `..` alone.
    package let value: String
}

/// What became of comparing a value with a pattern.
package enum PatternMatch: Sendable, Hashable {
    /// The whole value fits.
    case match([Capture])
    /// It does not.
    case mismatch(PatternMismatch)
}

/// Why a value does not fit a pattern; offsets are in bytes of the value.
package enum PatternMismatch: Sendable, Hashable, CustomStringConvertible {
    /// The value is not what the pattern has there.
    case differs(at: Int)
    /// The value goes on after the pattern's end.
    case longer(at: Int)
    /// The value ends where a capture begins.
    case empty(capture: String)
    /// A capture begins with a byte that it cannot take.
    case unfit(capture: String, at: Int)
    /// A captured value is too long.
    case tooLong(capture: String)
    /// A captured value is `.` or `..`.
    case dots(capture: String)

    /// The reason in words.
    package var description: String {
        switch self {
        case .differs(let offset): "it differs from the pattern at byte \(offset)"
        case .longer(let offset):
            "it goes on at byte \(offset), where the pattern ends or a capture cannot take the byte"
        case .empty(let name): "there is nothing for {\(name)}"
        case .unfit(let name, let offset): "{\(name)} cannot take what stands at byte \(offset)"
        case .tooLong(let name): "{\(name)} would be longer than \(IdentityPattern.maximumCapture) bytes"
        case .dots(let name): "{\(name)} would be . or .."
        }
    }
}
