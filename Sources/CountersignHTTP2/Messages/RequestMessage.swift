/// Writes a request as HTTP/1.1 does, from the fields of its header block (RFC 9113 section 8.3.1).
///
/// What it refuses would be read in two ways, or cannot be said in HTTP/1.1. Everything else is for the scanner of
/// HTTP/1.1 to judge: both versions pass through the same one.
enum RequestMessage {
    /// Writes the head of a request, as HTTP/1.1 has it, in place of what `output` holds.
    ///
    /// Content without a length is announced as chunked, which says that its end is told otherwise.
    ///
    /// - Parameter isEnd: whether there is no content.
    /// - Returns: the length that the content must have; negative where none is said.
    static func write(
        _ block: FieldBlock,
        isEnd: Bool,
        to output: inout [UInt8]
    ) throws(HTTP2Violation) -> Int64 {
        let bytes = block.bytes.span
        let pseudo = try Pseudo(block)
        output.removeAll(keepingCapacity: true)
        try pseudo.writeRequestLine(bytes, to: &output)
        var length: Int64?
        var hasLength = false
        var hasCookies = false
        for field in block.fields[pseudo.count...] {
            try MessageField.check(bytes, value: field.value)
            switch try MessageField.kind(bytes, field.name) {
            case .connectionSpecific: throw .connectionSpecificField
            case .te:
                guard bytes.equals(field.value, "trailers") else { throw .connectionSpecificField }
            case .host:
                guard let authority = pseudo.authority else { break }
                // Written once, by the authority; whoever names two different ones could be understood in two ways.
                guard sameAuthority(bytes, authority, field.value) else { throw .conflictingAuthority }
                continue
            case .cookie:
                hasCookies = true
                continue
            case .contentLength:
                length = try MessageField.contentLength(bytes, field.value)
                hasLength = true
            case .other: break
            }
            writeLine(bytes, field, to: &output)
        }
        if hasCookies { writeCookies(block, to: &output) }
        if !isEnd, !hasLength, !pseudo.isConnect { output.append("transfer-encoding: chunked\r\n") }
        output.append("\r\n")
        return length ?? -1
    }

    /// Writes a field as a line.
    static func writeLine(_ bytes: Span<UInt8>, _ field: FieldBlock.Field, to output: inout [UInt8]) {
        output.append(bytes, field.name)
        output.append(": ")
        output.append(bytes, field.value)
        output.append("\r\n")
    }

    /// Cookies that were sent one by one become one field again (RFC 9113 section 8.2.3).
    private static func writeCookies(_ block: FieldBlock, to output: inout [UInt8]) {
        let bytes = block.bytes.span
        var isFirst = true
        for field in block.fields where field.name.count == 6 && bytes.equals(field.name, "cookie") {
            output.append(isFirst ? "cookie: " : "; ")
            isFirst = false
            output.append(bytes, field.value)
        }
        output.append("\r\n")
    }

    private static func sameAuthority(_ bytes: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count {
            let (one, other) = (bytes[left.lowerBound + index], bytes[right.lowerBound + index])
            guard one.lowercasedLetter == other.lowercasedLetter else { return false }
        }
        return true
    }
}

/// The pseudo-header fields of a request, which stand before all others.
private struct Pseudo {
    private(set) var method: Range<Int>?
    private(set) var scheme: Range<Int>?
    private(set) var authority: Range<Int>?
    private(set) var path: Range<Int>?
    private(set) var isConnect = false
    /// How many of the fields they are.
    private(set) var count = 0

    init(_ block: FieldBlock) throws(HTTP2Violation) {
        let bytes = block.bytes.span
        for field in block.fields {
            guard let first = field.name.first, bytes[first] == UInt8(ascii: ":") else { break }
            try take(bytes, field)
            count += 1
        }
        guard let method, !method.isEmpty else { throw .malformedPseudoField }
        isConnect = bytes.equals(method, "CONNECT")
        if isConnect {
            // A CONNECT names its target by the authority alone (RFC 9113 section 8.5).
            guard scheme == nil, path == nil, authority != nil else { throw .malformedPseudoField }
            return
        }
        guard let scheme, bytes.equals(scheme, "https") || bytes.equals(scheme, "http") else {
            throw .malformedPseudoField
        }
        guard let path, let first = path.first, bytes[first] == UInt8(ascii: "/") || bytes.equals(path, "*") else {
            throw .malformedPseudoField
        }
    }

    private mutating func take(_ bytes: Span<UInt8>, _ field: FieldBlock.Field) throws(HTTP2Violation) {
        for index in field.value {
            // In a request line a space would end what it stands in.
            guard bytes[index] > 0x20, bytes[index] != 0x7F else { throw .malformedPseudoField }
        }
        if bytes.equals(field.name, ":method"), method == nil {
            method = field.value
        } else if bytes.equals(field.name, ":scheme"), scheme == nil {
            scheme = field.value
        } else if bytes.equals(field.name, ":authority"), authority == nil {
            guard !field.value.isEmpty else { throw .malformedPseudoField }
            authority = field.value
        } else if bytes.equals(field.name, ":path"), path == nil {
            path = field.value
        } else {
            throw .malformedPseudoField
        }
    }

    func writeRequestLine(_ bytes: Span<UInt8>, to output: inout [UInt8]) throws(HTTP2Violation) {
        guard let method, let target = isConnect ? authority : path else { throw .malformedPseudoField }
        output.append(bytes, method)
        output.append(" ")
        output.append(bytes, target)
        output.append(" HTTP/1.1\r\n")
        guard let authority else { return }
        output.append("host: ")
        output.append(bytes, authority)
        output.append("\r\n")
    }
}
