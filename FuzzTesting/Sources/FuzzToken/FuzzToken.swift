import CountersignJSON
import CountersignPKI
import CountersignTokens

/// Reads the input as a token and as a key set; only the one token that was signed may pass, in its one spelling.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzToken(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: the fuzzer passes `size` readable bytes that stay as they are during the call.
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    for verifier in FixedIssuer.verifiers {
        if case .success(let token) = verifier.verify(input, atUnixSeconds: FixedIssuer.now) {
            precondition(input == FixedIssuer.token, "a token passed that nobody signed")
            precondition(token.binding(toCertificateSHA256: nil) == .certificateMissing, "the binding is lost")
        }
    }
    if let parsed = try? UnverifiedToken(parsing: input) {
        // Taken apart and put together it is the same text: nothing in it has a second spelling.
        let parts = input.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        precondition(Array(Base64.encodeURL(parsed.header).utf8) == Array(parts[0]), "a header has two spellings")
        precondition(Array(Base64.encodeURL(parsed.payload).utf8) == Array(parts[1]), "a payload has two spellings")
    }
    checkKeySet(input)
    if let binding = CertificateBinding(thumbprint: String(decoding: input, as: UTF8.self)) {
        precondition(Array(binding.thumbprint.utf8) == input, "a binding has two spellings")
    }
    return 0
}

private func checkKeySet(_ input: [UInt8]) {
    for set in [try? JSONWebKeySet(parsing: input), try? JSONWebKeySet(parsingSPIFFEBundle: input)] {
        guard let set else { continue }
        precondition(set.keys.count <= JSONWebKeySet.maximumKeys, "too many keys")
        precondition(set.keys.allSatisfy { $0.publicKey.isStrong && !$0.algorithms.isEmpty }, "a weak key")
        guard let text = try? set.json().compact, let again = try? JSONWebKeySet(parsing: Array(text.utf8)) else {
            preconditionFailure("a key set that is written is not read")
        }
        precondition(again.keys.map(\.keyID) == set.keys.map(\.keyID), "a key changed its name")
        precondition(
            again.keys.map(\.publicKey.derEncoded) == set.keys.map(\.publicKey.derEncoded),
            "a key changed"
        )
    }
}
