extension ProtocolViolation.Code {
    /// What is wrong and what would be right, in one clause without a final stop.
    package var reason: StaticString {
        switch self {
        case .emptyRequestLine: "more than one empty line before the request; at most one is skipped"
        case .malformedRequestLine:
            "the request line is not a method, a target and a version with one space between them"
        case .malformedMethod: "the method is not a token followed by one space"
        case .malformedTarget:
            "the target is not a path, an http or https URI, host:port or *, or something in it must be percent-encoded"
        case .unexpectedTargetForm:
            "the form of the target does not fit the method; * is for OPTIONS alone, host:port for CONNECT alone"
        case .malformedVersion: "the protocol version is not HTTP/1.0 or HTTP/1.1"
        case .unsupportedVersion: "the protocol version is not supported; HTTP/1.0 and HTTP/1.1 are"
        case .requestLineTooLong: "the request line is longer than the limit"
        case .malformedStatusLine:
            "the status line is not a version, a status from 100 to 599 and a reason with one space between them"
        case .statusLineTooLong: "the status line is longer than the limit"
        case .forbiddenContent: "a response that can have no content announces some"
        case .bareLineFeed: "a line ends with LF alone; CR LF is required"
        case .bareCarriageReturn: "a CR is not followed by LF"
        case .controlByte: "a control byte stands where only visible characters, spaces and tabs may"
        case .lineFolding: "a field line begins with whitespace; folded lines are not accepted"
        case .leadingWhitespace: "whitespace stands between the first line and the first field"
        case .spaceBeforeColon: "whitespace stands between a field name and its colon"
        case .emptyFieldName: "a field line has no name before its colon"
        case .malformedFieldName: "a field name is not a token followed by a colon"
        case .fieldLineTooLong: "a field line is longer than the limit"
        case .tooManyFields: "there are more field lines than the limit"
        case .headTooLarge: "the head is larger than the limit"
        case .missingHost: "there is no Host field; exactly one is required"
        case .repeatedHost: "the Host field is repeated; exactly one is required"
        case .malformedHost: "the host is not one name or address with an optional port from 1 to 65535"
        case .conflictingHost: "the Host field and the authority in the target differ"
        case .malformedContentLength: "Content-Length is not one decimal number"
        case .contentLengthOverflow: "Content-Length is larger than a 64-bit number"
        case .repeatedContentLength: "Content-Length is repeated; at most one is allowed, even with equal values"
        case .lengthAndTransferEncoding:
            "both Content-Length and Transfer-Encoding are present; at most one of them is allowed"
        case .malformedTransferEncoding: "Transfer-Encoding is not the single word chunked"
        case .repeatedTransferEncoding: "Transfer-Encoding is repeated; at most one is allowed"
        case .unsupportedTransferCoding: "Transfer-Encoding names a coding other than chunked"
        case .transferEncodingInHTTP10: "an HTTP/1.0 message has a Transfer-Encoding"
        case .disguisedFramingField: "a field is spelled like a framing field with _ for -"
        case .contentOnConnect: "a CONNECT request announces content; it has none"
        case .malformedConnection: "Connection is not a list of tokens"
        case .tooManyConnectionOptions: "Connection names more fields than are accepted"
        case .nominatedFramingField: "Connection names Host, Content-Length or Transfer-Encoding as hop-by-hop"
        case .unsupportedExpectation: "the expectation is not 100-continue"
        case .malformedChunkSize: "a chunk does not begin with a hexadecimal size followed by ; or CR LF"
        case .chunkSizeOverflow: "a chunk size has more than 16 digits or more than 63 bits"
        case .chunkExtensionsTooLong: "the chunk extensions are longer than the limit"
        case .missingChunkTerminator: "the data of a chunk is not followed by CR LF"
        case .forbiddenTrailer: "a framing or routing field stands in the trailer section"
        case .trailersTooLarge: "the trailer section is larger than the limit"
        case .tooManyTrailers: "there are more trailer fields than the limit"
        }
    }
}
