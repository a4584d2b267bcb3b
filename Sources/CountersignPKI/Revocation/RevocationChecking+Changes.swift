extension RevocationChecking {
    /// What these lists revoke that `earlier` ones did not, by the names of the issuers.
    ///
    /// A hint where to look, and no verdict: whether a list counts is decided when a path is judged.
    package func newlyListed(since earlier: RevocationChecking) -> [RevocationKey] {
        var keys: [RevocationKey] = []
        for list in self.lists ?? [] {
            let before = (earlier.lists ?? []).filter { $0.issuerDER == list.issuerDER }
            if before.contains(where: { $0.der == list.der }) { continue }
            for serial in list.entries.keys where !before.contains(where: { $0.entries[serial] != nil }) {
                keys.append(RevocationKey(issuerDER: list.issuerDER, serial: serial))
            }
        }
        return keys
    }
}
