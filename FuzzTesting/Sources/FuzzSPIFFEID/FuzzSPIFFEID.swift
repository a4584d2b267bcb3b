import CountersignIdentity

/// Whatever parses as a SPIFFE ID is within the limits and the alphabet, parses again to itself, and is matched by the
/// pattern made of it; whatever parses as a pattern matches no ID of another trust domain.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    if let id = try? SPIFFEID(parsing: text) { check(id, text) }
    if let pattern = try? SPIFFEIDPattern(parsing: text) { check(pattern, text) }
    return 0
}

private func check(_ id: SPIFFEID, _ text: String) {
    precondition(id.description.utf8.elementsEqual(text.utf8), "an ID changed its text")
    precondition(text.utf8.count <= SPIFFEID.maximumLength, "an ID is longer than the limit")
    precondition(text.utf8.allSatisfy { (0x2D...0x7A).contains($0) }, "an ID has a byte outside its alphabet")
    precondition("spiffe://\(id.trustDomain)\(id.path)" == text, "the parts of an ID are not the whole")
    precondition(id.path.split(separator: "/").allSatisfy { $0 != "." && $0 != ".." }, "an ID has a dot segment")
    guard id.namesWorkload else {
        precondition((try? SPIFFEIDPattern(exactly: id)) == nil, "an ID without a path became a pattern")
        return
    }
    guard let pattern = try? SPIFFEIDPattern(exactly: id) else {
        preconditionFailure("an ID of a workload is not a pattern of itself")
    }
    precondition(pattern.exactID == id && pattern.matches(id), "an ID does not match itself")
}

private func check(_ pattern: SPIFFEIDPattern, _ text: String) {
    precondition(pattern.description == text, "a pattern changed its text")
    // Every wildcard filled in gives an ID that matches, and the same path elsewhere does not.
    let path = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3)
        .map { $0 == "*" ? "x" : String($0) }.joined(separator: "/")
    if let own = try? SPIFFEID(parsing: "spiffe://\(pattern.trustDomain)/\(path)") {
        precondition(pattern.matches(own), "a pattern does not match its own filling")
    }
    if let foreign = try? SPIFFEID(parsing: "spiffe://\(pattern.trustDomain)x/\(path)") {
        precondition(!pattern.matches(foreign), "a pattern reaches into another trust domain")
    }
}
