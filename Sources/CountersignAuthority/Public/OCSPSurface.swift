import CountersignHTTPServer
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Logging

/// The OCSP responder over HTTP (RFC 6960 appendix A): POST with the request, GET with it in the path.
struct OCSPSurface: Sendable {
    private let engine: AuthorityEngine
    private let responder: OCSPResponder

    init(engine: AuthorityEngine) {
        self.engine = engine
        self.responder = OCSPResponder(issuer: engine.issuer.authority)
    }

    /// Adds the responder's routes.
    func add(to routes: inout RouteList, at base: String = PublicPaths.ocsp) {
        routes.post(base) { request, _ in
            answer(isCacheable: false) { () throws(PKIError) in try OCSPRequest(der: request.body) }
        }
        routes.get("\(base)/{request...}") { request, _ in
            // The raw path, as Base64 may hold escaped and unescaped slashes alike.
            let encoded = Array(request.path.utf8.dropFirst(base.utf8.count))
            return answer(isCacheable: true) { () throws(PKIError) in try OCSPRequest(path: encoded) }
        }
    }

    private func answer(isCacheable: Bool, _ read: () throws(PKIError) -> OCSPRequest) -> ServerResponse {
        let request: OCSPRequest
        do {
            request = try read()
        } catch {
            return response(OCSPErrorStatus.malformedRequest.der, "malformed", maxAge: nil)
        }
        guard responder.answers(request) else {
            return response(OCSPErrorStatus.unauthorized.der, "unauthorized", maxAge: nil)
        }
        do {
            var known: [String: OCSPStatus] = [:]
            for id in request.certificates { known[id.serialHex] = try status(of: id.serialHex) }
            let body = try responder.response(
                to: request,
                now: engine.clock.now(),
                lifetimeSeconds: engine.settings.ocspLifetimeSeconds
            ) { id in known[id.serialHex] ?? .unknown }
            let word = known.count == 1 ? known.values.first.map(Self.word) ?? "unknown" : "several"
            return response(body, word, maxAge: isCacheable && request.nonce == nil ? Self.cacheSeconds : nil)
        } catch {
            engine.logger.error("an OCSP request is not answered", metadata: ["reason": "\(error)"])
            return response(OCSPErrorStatus.tryLater.der, "try_later", maxAge: nil)
        }
    }

    /// What is known of a serial number: the revoked set is asked first, as it is never behind.
    private func status(of serial: String) throws(StoreError) -> OCSPStatus {
        if let event = engine.revocations.entry(serial: serial) {
            return .revoked(date: event.date, reason: event.reason)
        }
        guard let record = try engine.store.certificate(serial: serial) else { return .unknown }
        if let mark = record.revocation { return .revoked(date: mark.date, reason: mark.reason) }
        return .good
    }

    private func response(_ body: [UInt8], _ status: String, maxAge: Int?) -> ServerResponse {
        engine.metrics.ocspResponses.child(status).add()
        let caching = maxAge.map { "public, max-age=\($0), must-revalidate" } ?? "no-store"
        return ServerResponse(
            status: 200,
            contentType: "application/ocsp-response",
            fields: [("Cache-Control", caching)],
            body: body
        )
    }

    private static func word(_ status: OCSPStatus) -> String {
        switch status {
        case .good: "good"
        case .revoked: "revoked"
        case .unknown: "unknown"
        }
    }

    private static let cacheSeconds = 30
}
