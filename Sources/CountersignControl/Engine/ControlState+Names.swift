import CountersignControlModel

extension ControlState {
    /// The GUID of what names lead to; nil when nothing is named so.
    func guid(_ path: NamePath) -> String? { guid(path.kind, path.names[...]) }

    private func guid(_ kind: NameRecord.Kind, _ names: ArraySlice<String>) -> String? {
        guard let last = names.last else { return nil }
        guard let parentKind = kind.parentKind else {
            return names.count == 1 ? name(kind, last, in: nil)?.header.guid : nil
        }
        guard let parent = guid(parentKind, names.dropLast()) else { return nil }
        return name(kind, last, in: parent)?.header.guid
    }

    /// A source as policies have it, with the GUIDs of what it names.
    ///
    /// - Throws: ``ControlError`` with 422 for names that nobody has, and for what is a name and may be a GUID.
    func resolved(source text: String) throws(ControlError) -> String {
        if let path = NamePath(source: text) {
            guard let guid = guid(path) else {
                throw .unprocessable(
                    "Source is not usable: nothing is named \(path); names are put at /v3/organizations, /v3/spaces, /v3/apps"
                )
            }
            return "cf:\(path.kind.prefix):\(guid)"
        }
        let organization = text.hasPrefix("cf:org:") ? String(text.dropFirst("cf:org:".count)) : ""
        if let named = name(.organization, organization, in: nil), named.header.guid != organization,
            names[.organization]?[organization] == nil
        {
            throw .unprocessable(
                "Source is ambiguous: \(text) is written as a GUID, and an organization has that name; write "
                    + "\(NamePath(kind: .organization, names: [organization])), or cf:org:\(named.header.guid)"
            )
        }
        return text
    }
}
