import CountersignForwarding

/// What is read can be written, and what is written is read as the same; a hostile name stays one name.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if let elements = try? XFCCParser.parse(input.span), !elements.contains(XFCCElement()) {
        checkRewriting(elements)
    }
    if let der = try? XFCCParser.parseRaw(input.span) {
        var text: [UInt8] = []
        Base64.encode(der.span, to: &text)
        precondition(text == input, "a raw value has two spellings")
    }
    checkHostileName(String(decoding: input.prefix(40), as: UTF8.self))
    return 0
}

private func checkRewriting(_ elements: [XFCCElement]) {
    let limits = XFCCLimits(bytes: .max)
    let written = XFCCWriter.envoy(elements)
    guard let again = try? XFCCParser.parse(written.span, limits: limits) else {
        preconditionFailure("what was written is not read")
    }
    precondition(again.count == elements.count, "an element became two, or two became one")
    for (one, other) in zip(elements, again) {
        precondition(one.hash == other.hash && one.certificate == other.certificate && one.chain == other.chain)
        precondition(one.by.count == other.by.count && one.uris.count == other.uris.count)
        precondition(one.dnsNames.count == other.dnsNames.count && (one.subject == nil) == (other.subject == nil))
    }
    precondition(XFCCWriter.envoy(again) == written, "writing is not stable")
}

private func checkHostileName(_ name: String) {
    let certificate = ForwardedCertificate(
        leafDER: [0x30, 0],
        sha256Hex: String(repeating: "0", count: 64),
        subject: name,
        issuer: name,
        serialDecimal: "1",
        notBefore: 0,
        notAfter: 1,
        uriNames: ["u" + name],
        dnsNames: ["d" + name],
        emailNames: [name],
        ipNames: [name]
    )
    for format in ForwardedHeaderFormat.allCases {
        for header in format.headers(for: certificate) {
            precondition(header.value.allSatisfy { (0x20...0x7E).contains($0) }, "a byte could end the header")
        }
    }
    let value = XFCCWriter.envoy(certificate, details: [.uri, .dns])
    guard let elements = try? XFCCParser.parse(value.span, limits: XFCCLimits(bytes: .max)) else {
        preconditionFailure("what was written is not read")
    }
    precondition(elements.count == 1 && elements[0].uris.count == 1 && elements[0].dnsNames.count == 1)
    precondition(elements[0].hash == certificate.sha256Hex && elements[0].by.isEmpty)
}
