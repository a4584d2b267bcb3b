import CountersignForwarding

/// Each format that is read and then written gives the value that was read, and no spelling of a name gets past.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    checkName(input)
    if let certificates = try? TraefikHeaders.parseCertificates(input.span), let leaf = certificates.first {
        let written = TraefikHeaders.certificateHeader(for: certificate(leaf, chain: Array(certificates.dropFirst())))
        precondition(written.value == input, "a value has two spellings")
    }
    if let leaf = try? NginxHeaders.parse(certificate: input.span, verify: Array("SUCCESS".utf8).span) {
        let written = NginxHeaders.headers(for: certificate(leaf))[0]
        let again = try? NginxHeaders.parse(certificate: written.value.span, verify: Array("SUCCESS".utf8).span)
        precondition(again == leaf, "what was written is not read")
    }
    precondition((try? NginxHeaders.parse(certificate: input.span, verify: input.span)) == nil, "not verified")
    if let leaf = try? ClientCertFields.parseCertificate(input.span) {
        let written = ClientCertFields.headers(for: certificate(leaf))[0]
        precondition(trimmed(input) == written.value, "a value has two spellings")
    }
    var chain: [[UInt8]] = []
    if (try? ClientCertFields.parseChain(input.span, appendingTo: &chain)) != nil {
        let written = ClientCertFields.headers(for: certificate([0], chain: chain))[1]
        var again: [[UInt8]] = []
        try? ClientCertFields.parseChain(written.value.span, appendingTo: &again)
        precondition(again == chain, "what was written is not read")
    }
    return 0
}

private func checkName(_ name: [UInt8]) {
    let folded = name.map { byte -> UInt8 in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
        default: UInt8(ascii: "-")
        }
    }
    let isIdentity = IdentityHeaders.contains(name.span)
    precondition(isIdentity == IdentityHeaders.contains(folded.span), "a spelling decides")
    if String(decoding: folded, as: UTF8.self).hasPrefix("x-forwarded-client-cert") {
        precondition(isIdentity, "an identity header gets past")
    }
    precondition(isIdentity || !IdentityHeaders.isForwardedClientCert(name.span))
}

private func certificate(_ leaf: [UInt8], chain: [[UInt8]] = []) -> ForwardedCertificate {
    ForwardedCertificate(
        leafDER: leaf,
        chainDER: chain,
        sha256Hex: "",
        subject: "",
        issuer: "",
        serialDecimal: "1",
        notBefore: 0,
        notAfter: 1
    )
}

private func trimmed(_ value: [UInt8]) -> [UInt8] {
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    return Array(Array(value.drop(while: isSpace).reversed()).drop(while: isSpace).reversed())
}
