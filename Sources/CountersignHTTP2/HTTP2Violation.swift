/// What a peer did that ends a stream or the whole connection; the raw value is the label for metrics and logs.
package enum HTTP2Violation: String, Error, CaseIterable, Sendable {
    // Framing.
    case malformedPreface = "h2_malformed_preface"
    case missingSettings = "h2_missing_settings"
    case frameTooLarge = "h2_frame_too_large"
    case malformedFrame = "h2_malformed_frame"
    case misplacedFrame = "h2_misplaced_frame"
    case malformedSettings = "h2_malformed_settings"
    case malformedPadding = "h2_malformed_padding"
    case unexpectedPush = "h2_unexpected_push"
    case reusedStream = "h2_reused_stream"
    case closedStream = "h2_closed_stream"
    case selfDependency = "h2_self_dependency"

    // Flow control.
    case windowExceeded = "h2_window_exceeded"
    case windowOverflow = "h2_window_overflow"
    case emptyWindowUpdate = "h2_empty_window_update"

    // Header blocks and messages.
    case malformedHeaderBlock = "h2_malformed_header_block"
    case headerBlockTooLarge = "h2_header_block_too_large"
    case headerExpansion = "h2_header_expansion"
    case malformedField = "h2_malformed_field"
    case malformedPseudoField = "h2_malformed_pseudo_field"
    case connectionSpecificField = "h2_connection_specific_field"
    case conflictingAuthority = "h2_conflicting_authority"
    case contentLengthMismatch = "h2_content_length_mismatch"
    case malformedTrailers = "h2_malformed_trailers"

    // What costs more than it is worth.
    case tooManyStreams = "h2_too_many_streams"
    case resetFlood = "h2_reset_flood"
    case continuationFlood = "h2_continuation_flood"
    case emptyFrameFlood = "h2_empty_frame_flood"
    case controlFrameFlood = "h2_control_frame_flood"
    case windowUpdateFlood = "h2_window_update_flood"

    /// What the peer is told.
    package var errorCode: HTTP2ErrorCode {
        switch self {
        case .frameTooLarge: .frameSizeError
        case .closedStream: .streamClosed
        case .windowExceeded, .windowOverflow: .flowControlError
        case .malformedHeaderBlock: .compressionError
        case .tooManyStreams: .refusedStream
        case .headerBlockTooLarge, .headerExpansion, .resetFlood, .continuationFlood, .emptyFrameFlood,
            .controlFrameFlood, .windowUpdateFlood:
            .enhanceYourCalm
        default: .protocolError
        }
    }

    /// Whether it is no mistake, but more work than is accepted from one peer.
    package var isAbuse: Bool { errorCode == .enhanceYourCalm }

    /// A short constant name without data of the peer, for a metric's label.
    package var metricLabel: String { rawValue }
}

extension HTTP2Violation {
    /// What is wrong and what would be right, in one clause without a final stop.
    package var reason: StaticString {
        switch self {
        case .malformedPreface: "the connection does not begin with the HTTP/2 preface"
        case .missingSettings: "the first frame is not SETTINGS"
        case .frameTooLarge: "a frame is longer than the 16384 bytes that are accepted"
        case .malformedFrame: "a frame has a length or a stream that its type does not allow"
        case .misplacedFrame: "a frame came where its type may not stand"
        case .malformedSettings: "a setting has a value that it may not have"
        case .malformedPadding: "the padding of a frame is longer than the frame"
        case .unexpectedPush: "the server pushes, which it was told not to"
        case .reusedStream: "a stream's number is not larger than those before it, or is of the wrong kind"
        case .closedStream: "a frame came for a stream that its sender had ended"
        case .selfDependency: "a stream depends on itself"
        case .windowExceeded: "more content came than the flow-control window allowed"
        case .windowOverflow: "a flow-control window is larger than 2147483647 bytes"
        case .emptyWindowUpdate: "a WINDOW_UPDATE adds nothing"
        case .malformedHeaderBlock: "a header block cannot be decoded"
        case .headerBlockTooLarge: "a header block is longer than the limit"
        case .headerExpansion: "a header block comes to many times the size that is accepted"
        case .malformedField: "a field has an upper-case or otherwise invalid name, or an invalid value"
        case .malformedPseudoField: "a pseudo-header field is missing, repeated, unknown, misplaced or invalid"
        case .connectionSpecificField: "a connection-specific field stands in an HTTP/2 message"
        case .conflictingAuthority: "the Host field and :authority differ"
        case .contentLengthMismatch: "the content is not as long as Content-Length says"
        case .malformedTrailers: "a trailer section does not end its stream or holds a pseudo-header field"
        case .tooManyStreams: "more streams are open than the limit"
        case .resetFlood: "streams are opened and reset faster than is accepted"
        case .continuationFlood: "a header block comes in more frames than are accepted"
        case .emptyFrameFlood: "more empty frames came than are accepted"
        case .controlFrameFlood: "more control frames came than are accepted"
        case .windowUpdateFlood: "more WINDOW_UPDATE frames came than the content sent gives reason for"
        }
    }
}
