import CountersignTransport

/// What a connection has written and the system has not taken.
enum Unsent {
    case nothing
    /// It is sent when the turn of the loop ends, with what other connections have to send.
    case due(ByteQueue)
    /// The socket is full: it is sent when that says that it has room.
    case held(ByteQueue)

    /// Up to how many bytes wait for the end of a turn; one record's content.
    static let mostDue = 16 * 1024

    var isNothing: Bool {
        if case .nothing = self { true } else { false }
    }

    var isHeld: Bool {
        if case .held = self { true } else { false }
    }

    /// The number of bytes that the socket did not take.
    var heldCount: Int {
        if case .held(let queue) = self { queue.count } else { 0 }
    }

    /// What is due, which is the caller's to send now.
    mutating func takeDue() -> ByteQueue? {
        guard case .due(let queue) = self else { return nil }
        self = .nothing
        return queue
    }

    /// All that there is, as the connection ends.
    mutating func takeAll() -> ByteQueue? {
        defer { self = .nothing }
        return switch self {
        case .nothing: nil
        case .due(let queue), .held(let queue): queue
        }
    }
}
