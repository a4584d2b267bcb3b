import CountersignIdentity

/// Whatever parses as a distinguished name reads back from every text form of it, and no text form has a byte that
/// could end a header line.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let name = try? DistinguishedName(parsing: input) else { return 0 }
    precondition(name.attributes.count <= DistinguishedName.maximumAttributes, "a name has too many attributes")
    for style in [DistinguishedName.TextStyle.rfc4514, .rfc2253, .rfc2253Flattened] {
        let text = name.rendered(style)
        precondition(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a text form has a control character")
        if style.escapesNonASCII {
            precondition(text.utf8.allSatisfy { $0 < 0x80 }, "an ASCII form has another byte")
        }
        // Escapes make a text longer than its input; what is too long for the parser cannot be read back.
        guard text.utf8.count <= DistinguishedName.maximumTextLength else { continue }
        guard let again = try? DistinguishedName(parsing: text) else {
            preconditionFailure("a text form does not parse")
        }
        if style.flattensLevels {
            precondition(Set(again.attributes) == Set(name.attributes), "flattening changed the attributes")
        } else {
            precondition(again == name, "a text form reads back as another name")
        }
    }
    let identity = CallerIdentity(subject: name, uriNames: [], trustDomains: .unrestricted)
    precondition(identity.ambiguity == nil || !identity.isIdentified, "an ambiguous name gave an identity")
    return 0
}
