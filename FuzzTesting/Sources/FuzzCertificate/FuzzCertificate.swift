import CountersignPKI
import SwiftASN1

/// Reads the input as a certificate, a request and a revocation list, describes what it found, and has it judged as a
/// chain (certificates one after the other): only the one leaf that was issued may pass.
///
/// What is read has to be DER to another implementation as well. The input is read as an OCSP request besides.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCertificate(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: the fuzzer passes `size` readable bytes that stay as they are during the call.
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    if let certificate = try? ParsedCertificate(der: input) {
        checkOtherReader(of: input)
        let description = CertificateDescription(certificate)
        checkText(description.text(atUnixSeconds: FixedTrust.now))
        checkText(description.json.text)
        // Trusting the input goes deeper into the rules; whatever comes of it, it has to end.
        if let trust = try? TrustStore(derCertificates: [input]) {
            let verifier = ChainVerifier(trust: trust, purpose: .client)
            _ = verifier.verify(UnverifiedPeerChain(derCertificates: [input]), atUnixSeconds: FixedTrust.now)
        }
    }
    if let request = try? SigningRequest(der: input) {
        checkOtherReader(of: input)
        checkText(CertificateDescription(request).text(atUnixSeconds: FixedTrust.now))
    }
    if let list = try? RevocationList(der: input) {
        checkOtherReader(of: input)
        checkText(RevocationListDescription(list).text(atUnixSeconds: FixedTrust.now))
        checkText(RevocationListDescription(list).json.text)
    }
    if (try? OCSPRequest(der: input)) != nil { checkOtherReader(of: input) }
    checkVerification(of: elements(input))
    return 0
}

private func checkOtherReader(of input: [UInt8]) {
    precondition((try? DER.parse(input)) != nil, "an encoding was read that is not DER")
}

/// What comes from the input can end no line and control no terminal.
private func checkText(_ text: String) {
    precondition(text.utf8.allSatisfy { $0 == 0x0A || ($0 >= 0x20 && $0 != 0x7F) }, "a control character")
}

private func checkVerification(of chain: [[UInt8]]) {
    for verifier in FixedTrust.verifiers {
        let verdict = verifier.verify(UnverifiedPeerChain(derCertificates: chain), atUnixSeconds: FixedTrust.now)
        guard case .success(let peer) = verdict else { continue }
        precondition(peer.sha256Hex == FixedTrust.knownLeaf, "a certificate was accepted that nobody issued")
    }
}

/// The DER elements that the input is made of; what is left over is one more.
private func elements(_ input: [UInt8]) -> [[UInt8]] {
    var found: [[UInt8]] = []
    var rest = input[...]
    while rest.count >= 4, found.count < 16, rest[rest.startIndex] == 0x30, rest[rest.startIndex + 1] == 0x82 {
        let length = 4 + (Int(rest[rest.startIndex + 2]) << 8 | Int(rest[rest.startIndex + 3]))
        guard length <= rest.count else { break }
        found.append(Array(rest.prefix(length)))
        rest = rest.dropFirst(length)
    }
    return rest.isEmpty ? found : found + [Array(rest)]
}
