import CountersignHTTPServer
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Logging

/// The OCSP responder over HTTP (RFC 6960 appendix A): POST with the request, GET with it in the path.
struct OCSPSurface: Sendable {
    /// One issuer's certificates and who answers for them.
    private struct Desk: Sendable {
        let keyID: String
        let responder: OCSPResponder
    }

    private let engine: AuthorityEngine
    private let path: String
    private let desks: [Desk]
    private let cache = OCSPAnswerCache(freshSeconds: Self.caching.seconds)

    /// A responder at a path.
    init(engine: AuthorityEngine, path: String = PublicPaths.ocsp) {
        self.engine = engine
        self.path = path
        self.desks = engine.issuer.answering.map { issuer in
            Desk(keyID: issuer.subjectKeyIdentifierHex, responder: OCSPResponder(issuer: issuer))
        }
    }

    /// Adds the route of requests by POST.
    func add(to routes: inout RouteList) {
        routes.post(path) { http, _ in
            answer(http) { () throws(PKIError) in try OCSPRequest(der: http.body) }
        }
    }

    /// The answer to a request by GET; nil when it is not one.
    ///
    /// It does not come by way of routes: a request in a path is Base64 whose slashes are escaped by some clients and not
    /// by others (RFC 6960 appendix A.1), and no route can be written with an escaped slash.
    func answer(get http: ServerRequest) -> ServerResponse? {
        let folder = "\(path)/"
        let asked = http.path
        guard http.isRead, asked.hasPrefix(folder) else { return nil }
        return answer(http) { () throws(PKIError) in try OCSPRequest(path: asked.utf8.dropFirst(folder.utf8.count)) }
    }

    private func answer(_ http: ServerRequest, _ read: () throws(PKIError) -> OCSPRequest) -> ServerResponse {
        let request: OCSPRequest
        do {
            request = try read()
        } catch {
            return uncached(OCSPErrorStatus.malformedRequest.der, "malformed")
        }
        guard let desk = desks.first(where: { $0.responder.answers(request) }) else {
            return uncached(OCSPErrorStatus.unauthorized.der, "unauthorized")
        }
        do {
            return try answer(request, desk, http)
        } catch {
            engine.logger.error("an OCSP request is not answered", metadata: ["reason": "\(error)"])
            return uncached(OCSPErrorStatus.tryLater.der, "try_later")
        }
    }

    private func answer(_ request: OCSPRequest, _ desk: Desk, _ http: ServerRequest) throws -> ServerResponse {
        let now = engine.clock.now()
        var known: [String: OCSPStatus] = [:]
        for id in request.certificates { known[id.serialHex] = try status(of: id.serialHex, issuer: desk.keyID) }
        let sign = { () throws(PKIError) in
            try desk.responder.response(
                to: request,
                now: now,
                lifetimeSeconds: engine.settings.ocspLifetimeSeconds
            ) { id in known[id.serialHex] ?? .unknown }
        }
        guard request.nonce == nil, request.certificates.count == 1, let id = request.certificates.first,
            let status = known[id.serialHex]
        else {
            let word = known.count == 1 ? known.values.first.map(Self.word) ?? "unknown" : "several"
            return uncached(try sign(), word)
        }
        let answer = try cache.answer(about: id, status: status, now: now, sign: sign)
        guard http.isRead else { return uncached(answer.body, Self.word(status)) }
        var response = response(answer.body, Self.word(status))
        // A cache that kept it since it was signed has it no longer than one that gets it now.
        response.fields += Self.caching.fields(now: now)
        return response.validated(
            by: ResponseValidators(entityTag: answer.tag, lastModified: answer.thisUpdate),
            for: http
        )
    }

    /// What is known of a serial number: the revoked set is asked first, as it is never behind.
    private func status(of serial: String, issuer keyID: String) throws(StoreError) -> OCSPStatus {
        if let event = engine.revocations.entry(serial: serial), event.issuerKeyID == keyID {
            return .revoked(date: event.date, reason: event.reason)
        }
        guard let record = try engine.store.certificate(serial: serial), record.issuerKeyID == keyID else {
            return .unknown
        }
        if let mark = record.revocation { return .revoked(date: mark.date, reason: mark.reason) }
        return .good
    }

    private func uncached(_ body: [UInt8], _ status: String) -> ServerResponse {
        var response = response(body, status)
        response.fields.append((name: "Cache-Control", value: "no-store"))
        return response
    }

    private func response(_ body: [UInt8], _ status: String) -> ServerResponse {
        engine.metrics.ocspResponses.child(status).add()
        return ServerResponse(status: 200, contentType: "application/ocsp-response", fields: [], body: body)
    }

    private static func word(_ status: OCSPStatus) -> String {
        switch status {
        case .good: "good"
        case .revoked: "revoked"
        case .unknown: "unknown"
        }
    }

    /// Short, so that a revocation reaches those who ask again; an answer itself is good for longer.
    private static let caching = PublicCaching(seconds: 30)
}
