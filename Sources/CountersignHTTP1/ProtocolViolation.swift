/// Why bytes from a peer were refused: what is wrong, where, and what would be right.
///
/// It holds no bytes of the message, so it can be logged as it is. After a violation the connection is closed: where
/// the next message would begin is not known.
package struct ProtocolViolation: Error, Sendable {
    /// What is wrong.
    package let code: Code

    /// The offset, from the start of the scanned bytes, at which it was found; for logs.
    package let offset: Int

    /// Makes a violation found at `offset`.
    package init(_ code: Code, at offset: Int = 0) {
        self.code = code
        self.offset = offset
    }

    /// The status to answer with when the peer is a client.
    ///
    /// A violation in a response is the upstream's, and the client is answered with 502 whatever this says.
    package var status: Int { code.status }

    /// What is wrong and what would be right, in one clause without a final stop.
    package var reason: StaticString { code.reason }
}

extension ProtocolViolation: Equatable {
    /// Two violations are equal when their codes are; where they were found does not matter.
    package static func == (left: ProtocolViolation, right: ProtocolViolation) -> Bool {
        left.code == right.code
    }
}

extension ProtocolViolation: CustomStringConvertible {
    /// The reason and the offset, for logs.
    package var description: String { "\(reason) (at byte \(offset))" }
}
