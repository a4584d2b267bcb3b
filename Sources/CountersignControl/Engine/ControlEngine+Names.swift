package import CountersignControlModel
import CountersignIdentity

extension ControlEngine {
    /// Notes what an organization, a space or an app is called.
    ///
    /// - Parameters:
    ///   - guid: what identifies it.
    ///   - kind: what it is.
    ///   - name: what it is called from now on.
    ///   - parent: the GUID of the organization of a space, or of the space of an app.
    ///   - caller: who says so.
    ///   - completion: takes the record, and whether it is new.
    package func put(
        name guid: String,
        _ kind: NameRecord.Kind,
        _ name: String,
        in parent: String?,
        by caller: ControlCaller,
        completion: @escaping Completion<(record: NameRecord, isNew: Bool)>
    ) {
        change("\(kind.rawValue).put", by: caller) { context throws(ControlError) in
            try Self.edit(naming: guid, kind, name, in: parent, context)
        } completion: {
            completion($0)
        }
    }

    /// What giving a name comes to.
    static func edit(
        naming guid: String,
        _ kind: NameRecord.Kind,
        _ name: String,
        in parent: String?,
        _ context: EditContext
    ) throws(ControlError) -> ControlEdit<(record: NameRecord, isNew: Bool)> {
        guard let known = try? CloudFoundryGUID(parsing: guid) else {
            throw .unprocessable("The GUID has to be 1 to 128 letters, digits, dots, hyphens and underscores")
        }
        guard !known.isUUIDInUpperCase else { throw .unprocessable("The GUID has to be in lower case") }
        guard (1...250).contains(name.unicodeScalars.count), !name.unicodeScalars.contains(where: { $0.value < 32 })
        else { throw .unprocessable("Name has to have 1 to 250 characters, and no control characters") }
        if let parentKind = kind.parentKind {
            guard let parent, context.state.names[parentKind]?[parent] != nil else {
                throw .unprocessable("The \(parentKind.rawValue) of the \(kind.rawValue) has no name yet")
            }
        }
        if let other = context.state.name(kind, name, in: parent), other.header.guid != guid {
            throw .notUnique("The \(kind.rawValue) name \"\(name)\" is already taken by \(other.header.guid)")
        }
        let former = context.state.names[kind]?[guid]
        var record = NameRecord(
            header: former?.header ?? context.header(guid: guid),
            kind: kind,
            name: name,
            parent: parent
        )
        guard former?.name != name || former?.parent != parent else {
            return ControlEdit(target: guid, value: (record, false))
        }
        record.header.updatedAt = context.now
        return ControlEdit(puts: [.name(record)], target: guid, detail: name, value: (record, former == nil))
    }

    /// Forgets a name, and those of what belongs to it.
    package func deleteName(
        _ guid: String,
        _ kind: NameRecord.Kind,
        by caller: ControlCaller,
        completion: @escaping Completion<Void>
    ) {
        change("\(kind.rawValue).delete", by: caller) { context throws(ControlError) in
            guard context.state.names[kind]?[guid] != nil else {
                throw .notFound("\(kind.rawValue.capitalizedFirst) not found")
            }
            var deletes = [ControlRecord.Key(kind.recordKind, guid)]
            var parents: Set = [guid]
            for child in NameRecord.Kind.allCases where child != .organization {
                // Kinds come from the outermost to the innermost, so that children of children are found.
                let found = (context.state.names[child] ?? [:]).values.filter { parents.contains($0.parent ?? "") }
                    .filter { $0.kind.isBelow(kind) }
                deletes += found.map { ControlRecord.Key(child.recordKind, $0.header.guid) }
                parents.formUnion(found.map(\.header.guid))
            }
            return ControlEdit(deletes: deletes, target: guid, detail: "\(deletes.count) names", value: ())
        } completion: {
            completion($0)
        }
    }
}

extension NameRecord.Kind {
    /// Whether one of these belongs to one of the other kind, however many levels up.
    fileprivate func isBelow(_ other: NameRecord.Kind) -> Bool {
        guard let parentKind else { return false }
        return parentKind == other || parentKind.isBelow(other)
    }
}

extension String {
    /// The text with its first character in upper case.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
