extension ProtocolViolation {
    /// What is wrong with a message; the raw value is the label for metrics.
    ///
    /// ``reason`` says of each what is wrong and what would be right.
    package enum Code: String, CaseIterable, Sendable {
        // The first line of a request.
        case emptyRequestLine = "empty_request_line"
        case malformedRequestLine = "malformed_request_line"
        case malformedMethod = "malformed_method"
        case malformedTarget = "malformed_target"
        case unexpectedTargetForm = "unexpected_target_form"
        case malformedVersion = "malformed_version"
        case unsupportedVersion = "unsupported_version"
        case requestLineTooLong = "request_line_too_long"

        // Responses.
        case malformedStatusLine = "malformed_status_line"
        case statusLineTooLong = "status_line_too_long"
        case forbiddenContent = "forbidden_content"

        // Lines and fields.
        case bareLineFeed = "bare_lf"
        case bareCarriageReturn = "bare_cr"
        case controlByte = "control_byte"
        case lineFolding = "line_folding"
        case leadingWhitespace = "leading_whitespace"
        case spaceBeforeColon = "space_before_colon"
        case emptyFieldName = "empty_field_name"
        case malformedFieldName = "malformed_field_name"
        case fieldLineTooLong = "field_line_too_long"
        case tooManyFields = "too_many_fields"
        case headTooLarge = "head_too_large"

        // Routing and framing.
        case missingHost = "missing_host"
        case repeatedHost = "repeated_host"
        case malformedHost = "malformed_host"
        case conflictingHost = "conflicting_host"
        case malformedContentLength = "malformed_content_length"
        case contentLengthOverflow = "content_length_overflow"
        case repeatedContentLength = "repeated_content_length"
        case lengthAndTransferEncoding = "length_and_transfer_encoding"
        case malformedTransferEncoding = "malformed_transfer_encoding"
        case repeatedTransferEncoding = "repeated_transfer_encoding"
        case unsupportedTransferCoding = "unsupported_transfer_coding"
        case transferEncodingInHTTP10 = "transfer_encoding_in_http10"
        case disguisedFramingField = "disguised_framing_field"
        case contentOnConnect = "content_on_connect"
        case malformedConnection = "malformed_connection"
        case tooManyConnectionOptions = "too_many_connection_options"
        case nominatedFramingField = "nominated_framing_field"
        case unsupportedExpectation = "unsupported_expectation"

        // Chunked content.
        case malformedChunkSize = "malformed_chunk_size"
        case chunkSizeOverflow = "chunk_size_overflow"
        case chunkExtensionsTooLong = "chunk_extensions_too_long"
        case missingChunkTerminator = "missing_chunk_terminator"
        case forbiddenTrailer = "forbidden_trailer"
        case trailersTooLarge = "trailers_too_large"
        case tooManyTrailers = "too_many_trailers"

        /// A short constant name without data from the message, for a metric's label.
        package var metricLabel: String { rawValue }
    }
}

extension ProtocolViolation.Code {
    /// The status to answer a client with; see ``ProtocolViolation/status``.
    package var status: Int {
        switch self {
        case .requestLineTooLong: 414
        case .unsupportedExpectation: 417
        case .fieldLineTooLong, .tooManyFields, .headTooLarge, .trailersTooLarge, .tooManyTrailers: 431
        case .unsupportedTransferCoding: 501
        case .malformedStatusLine, .statusLineTooLong, .forbiddenContent: 502
        case .unsupportedVersion: 505
        default: 400
        }
    }
}
