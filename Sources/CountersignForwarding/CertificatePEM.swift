/// Certificates in the textual form of RFC 7468, as the header formats embed it.
package enum CertificatePEM {
    /// Appends one certificate: markers, Base64 in lines of 64 characters, a line feed after each line.
    package static func encode(_ der: Span<UInt8>, to output: inout [UInt8]) {
        output.append(contentsOf: beginMarker)
        output.append(lineFeed)
        var body: [UInt8] = []
        Base64.encode(der, to: &body)
        var start = 0
        while start < body.count {
            let end = min(start + 64, body.count)
            output.append(contentsOf: body[start..<end])
            output.append(lineFeed)
            start = end
        }
        output.append(contentsOf: endMarker)
        output.append(lineFeed)
    }

    /// The certificates in `text`, each in DER, in order.
    ///
    /// Lines end with LF or CR LF and may have any length. Nothing but empty lines may stand outside the markers,
    /// and other kinds of block are refused. A text with `limit` certificates or more is refused, too.
    ///
    /// - Throws: ``ForwardedHeaderError/Code/invalidPEM``, `invalidBase64` or `tooMany`.
    package static func decode(_ text: Span<UInt8>, limit: Int) throws(ForwardedHeaderError) -> [[UInt8]] {
        var certificates: [[UInt8]] = []
        var body: [UInt8] = []
        var isInside = false
        var start = 0
        while start < text.count {
            var end = start
            while end < text.count, text[end] != lineFeed { end += 1 }
            let next = end + 1
            if end > start, text[end - 1] == carriageReturn { end -= 1 }
            let line = text.extracting(start..<end)
            if isInside, matches(line, endMarker) {
                certificates.append(try certificate(of: body, at: start))
                isInside = false
            } else if isInside {
                for index in line.indices { body.append(line[index]) }
            } else if matches(line, beginMarker) {
                guard certificates.count < limit else {
                    throw ForwardedHeaderError(.tooMany, "more than \(limit) certificates", offset: start)
                }
                body.removeAll(keepingCapacity: true)
                isInside = true
            } else if !line.isEmpty {
                throw ForwardedHeaderError(.invalidPEM, "text outside a CERTIFICATE block", offset: start)
            }
            start = next
        }
        guard !isInside else {
            throw ForwardedHeaderError(.invalidPEM, "a CERTIFICATE block has no end marker", offset: text.count)
        }
        guard !certificates.isEmpty else { throw ForwardedHeaderError(.empty, "there is no certificate") }
        return certificates
    }

    private static func certificate(of body: [UInt8], at offset: Int) throws(ForwardedHeaderError) -> [UInt8] {
        let der = try Base64.decode(body.span)
        guard !der.isEmpty else {
            throw ForwardedHeaderError(.invalidPEM, "a CERTIFICATE block is empty", offset: offset)
        }
        return der
    }

    private static func matches(_ line: Span<UInt8>, _ marker: [UInt8]) -> Bool {
        guard line.count == marker.count else { return false }
        for index in line.indices where line[index] != marker[index] { return false }
        return true
    }

    private static let beginMarker = Array("-----BEGIN CERTIFICATE-----".utf8)
    private static let endMarker = Array("-----END CERTIFICATE-----".utf8)
    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D
}
