import CountersignPKI

/// Whatever reads as PEM reads back from its own text, and no reader of PEM traps.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPEM(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: the fuzzer passes `size` readable bytes that stay as they are during the call.
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    let documents = try? PEMDocuments(parsing: input)
    if let documents {
        checkRewriting(documents)
    }
    let key = try? PrivateKey(pem: input)
    let chain = try? CertificateChain(pem: input)
    let request = try? SigningRequest(pem: input)
    let lists = try? RevocationList.lists(pem: input)
    let trust = try? TrustStore(pem: input)
    let found = key != nil || chain != nil || request != nil || lists != nil || trust != nil
    precondition(!found || documents != nil, "something was found in a text that is not PEM")
    if let key {
        precondition((try? PrivateKey(derPKCS8: key.derPKCS8)) != nil, "a key does not read back")
    }
    if let trust {
        precondition(!trust.authoritiesDER.isEmpty, "a store that trusts nobody")
    }
    return 0
}

private func checkRewriting(_ documents: PEMDocuments) {
    precondition(!documents.blocks.isEmpty && documents.blocks.count <= PEMDocuments.maximumBlocks, "too few or many")
    let text = documents.blocks.map(\.text).joined()
    guard let again = try? PEMDocuments(parsing: text) else {
        preconditionFailure("what was written is not read")
    }
    precondition(again.blocks.map(\.label) == documents.blocks.map(\.label), "a label changed")
    precondition(again.blocks.map(\.der) == documents.blocks.map(\.der), "content changed")
}
