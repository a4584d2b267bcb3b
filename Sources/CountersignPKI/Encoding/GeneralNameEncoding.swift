extension DERWriter {
    /// Writes a GeneralName (RFC 5280 section 4.2.1.6).
    mutating func generalName(_ name: AlternativeName) {
        switch name {
        case .email(let text): self.field(DERTag.primitive(1), content: text.utf8)
        case .dns(let text): self.field(DERTag.primitive(2), content: text.utf8)
        // A Name is a CHOICE, so its tag is explicit.
        case .directory(let der): self.field(DERTag.constructed(4), content: der)
        case .uri(let text): self.field(DERTag.primitive(6), content: text.utf8)
        case .ip(let bytes): self.field(DERTag.primitive(7), content: bytes)
        case .other(_, let der): self.encoded(der)
        }
    }
}
