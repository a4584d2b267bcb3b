package import CountersignPKI

/// Revocation lists as an authority hands them out, and whose they may be; nothing of it is verified.
package struct OfferedRevocationLists: Sendable {
    /// The lists.
    package var lists: [RevocationList]
    /// Intermediate authorities that may have signed some of them; empty where they are not needed.
    package var intermediates: [ParsedCertificate]

    /// Fetches the lists, and the intermediates when one of the lists is of nobody that is known.
    ///
    /// - Parameters:
    ///   - client: the authority.
    ///   - known: whose lists can be verified already.
    /// - Returns: nil when the authority hands out none.
    /// - Throws: ``AuthorityCallError``; with `malformed` for what cannot be read.
    static func fetch(
        from client: any AuthorityClient,
        beside known: RevocationListIssuers
    ) throws(AuthorityCallError) -> OfferedRevocationLists? {
        guard let pem = try client.revocationLists() else { return nil }
        let lists = try read { () throws(PKIError) in try RevocationList.lists(pem: pem) }
        guard !lists.allSatisfy({ known.signer(of: $0) != nil }) else {
            return OfferedRevocationLists(lists: lists, intermediates: [])
        }
        let above = try client.intermediates()
        guard !above.isEmpty else { return OfferedRevocationLists(lists: lists, intermediates: []) }
        let intermediates = try read { () throws(PKIError) in try CertificateChain(pem: above).certificates }
        return OfferedRevocationLists(lists: lists, intermediates: intermediates)
    }

    private static func read<Content>(_ body: () throws(PKIError) -> Content) throws(AuthorityCallError) -> Content {
        do throws(PKIError) {
            return try body()
        } catch {
            throw AuthorityCallError(.malformed, "the authority's revocation lists cannot be used: \(error)")
        }
    }
}
