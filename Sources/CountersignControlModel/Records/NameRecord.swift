/// What an organization, a space or an app is called.
package struct NameRecord: Sendable, Hashable {
    /// What is named.
    package enum Kind: String, Sendable, CaseIterable {
        case organization
        case space
        case app
    }

    /// Identity and times.
    package var header: RecordHeader
    /// What is named.
    package let kind: Kind
    /// The name; unique among its siblings.
    package var name: String
    /// The GUID of the organization of a space, or of the space of an app.
    package var parent: String?

    package init(header: RecordHeader, kind: Kind, name: String, parent: String?) {
        self.header = header
        self.kind = kind
        self.name = name
        self.parent = parent
    }
}

extension NameRecord.Kind {
    /// The kind of what one of these belongs to.
    package var parentKind: NameRecord.Kind? {
        switch self {
        case .organization: nil
        case .space: .organization
        case .app: .space
        }
    }
}
