/// Why a stream was reset or a connection ended, as the protocol says it (RFC 9113 section 7).
package struct HTTP2ErrorCode: RawRepresentable, Equatable, Hashable, Sendable {
    /// The code on the wire.
    package let rawValue: UInt32

    /// Takes any code; unknown ones have no meaning of their own.
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Nothing is wrong.
    package static let noError = HTTP2ErrorCode(rawValue: 0x0)
    /// The peer broke the protocol.
    package static let protocolError = HTTP2ErrorCode(rawValue: 0x1)
    /// Something of the endpoint's own failed.
    package static let internalError = HTTP2ErrorCode(rawValue: 0x2)
    /// The peer sent more than its window allowed.
    package static let flowControlError = HTTP2ErrorCode(rawValue: 0x3)
    /// A frame came for a stream whose sender had ended it.
    package static let streamClosed = HTTP2ErrorCode(rawValue: 0x5)
    /// A frame has a size that it may not have.
    package static let frameSizeError = HTTP2ErrorCode(rawValue: 0x6)
    /// The request was not looked at and may be sent again.
    package static let refusedStream = HTTP2ErrorCode(rawValue: 0x7)
    /// The stream is not needed any more.
    package static let cancel = HTTP2ErrorCode(rawValue: 0x8)
    /// The header compression of both sides disagrees.
    package static let compressionError = HTTP2ErrorCode(rawValue: 0x9)
    /// The peer causes more work than its requests are worth.
    package static let enhanceYourCalm = HTTP2ErrorCode(rawValue: 0xB)
    /// HTTP/1.1 is to be used instead.
    package static let http11Required = HTTP2ErrorCode(rawValue: 0xD)
}
