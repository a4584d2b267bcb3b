/// One level of a distinguished name: one attribute, or several that belong together.
public struct RelativeDistinguishedName: Hashable, Sendable {
    /// The attributes in the order of their encoding; never empty when they come from a certificate.
    public let attributes: [NameAttribute]

    /// A level with these attributes.
    public init(_ attributes: [NameAttribute]) {
        self.attributes = attributes
    }

    /// A level with one character string.
    public init(_ type: NameAttributeType, _ text: String) {
        self.init([NameAttribute(type, text)])
    }
}
