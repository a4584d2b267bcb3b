import CountersignHTTPServer
import CountersignPKI

/// Every revocation list that a verifier of this trust domain needs, in one PEM text.
///
/// Verifiers that look at each certificate of a chain need a list of each authority in it, the root's included, which is
/// signed offline.
enum RevocationListsAnswer {
    /// The lists of all issuers that answer, and those that were signed offline.
    static func pem(
        _ engine: AuthorityEngine,
        _ publisher: RevocationPublisher,
        _ request: ServerRequest
    ) -> ServerResponse {
        let published = publisher.allLists
        let lists = published.map(\.full) + engine.settings.offlineRevocationLists
        let text = lists.map { PEMBlock.text(label: "X509 CRL", der: $0) }.joined()
        let response = ServerResponse(
            status: 200,
            contentType: "application/x-pem-file",
            // Who asks has just been told of a revocation.
            fields: [("Cache-Control", "no-cache")],
            body: Array(text.utf8)
        )
        let tag = published.map { String($0.number) }.joined(separator: "-")
        return response.validated(by: ResponseValidators(entityTag: "lists-\(tag)"), for: request)
    }
}
