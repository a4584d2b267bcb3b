/// A record of the control plane.
package enum ControlRecord: Sendable, Hashable {
    /// A domain.
    case domain(DomainRecord)
    /// A route.
    case route(RouteRecord)
    /// A permission of either side.
    case policy(PolicyRecord)
    /// A name.
    case name(NameRecord)

    /// What a record is found by.
    package struct Key: Sendable, Hashable {
        /// The kind of record.
        package let kind: Kind
        /// Its GUID.
        package let guid: String

        package init(_ kind: Kind, _ guid: String) {
            self.kind = kind
            self.guid = guid
        }
    }

    /// The kinds of record.
    package enum Kind: String, Sendable, CaseIterable {
        case domain
        case route
        case policy
        case organization
        case space
        case app
    }

    /// What the record is found by.
    package var key: Key {
        switch self {
        case .domain(let record): Key(.domain, record.header.guid)
        case .route(let record): Key(.route, record.header.guid)
        case .policy(let record): Key(.policy, record.header.guid)
        case .name(let record): Key(record.kind.recordKind, record.header.guid)
        }
    }
}

extension NameRecord.Kind {
    /// The kind of record that holds such a name.
    package var recordKind: ControlRecord.Kind {
        switch self {
        case .organization: .organization
        case .space: .space
        case .app: .app
        }
    }
}
