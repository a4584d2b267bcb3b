import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import CountersignTransport
import Crypto

extension CFSSLSurface {
    /// `newkey`: a key and a certificate request for it.
    func newkey(_ request: ServerRequest, _ responder: Responder) throws(CFSSLError) {
        let wanted = try CFSSLKeyRequest(try object(request))
        _ = try authentication.caller(of: request)
        try makeKey(wanted, responder) { key, csr in
            let result = JSONValue.object([
                .init("private_key", .string(key.pemTraditional)),
                .init("certificate_request", .string(csr.pem)),
                .init("sums", .object([.init("certificate_request", Self.sums(of: csr.der))])),
            ])
            responder.answer(CFSSLEnvelope.success(result))
        }
    }

    /// `newcert`: a key, and a certificate for it.
    func newcert(_ request: ServerRequest, _ responder: Responder) throws(CFSSLError) {
        let (wanted, outer) = try certificateRequest(request)
        let profile = try profile(outer.profile)
        let caller = try authentication.caller(of: request)
        guard caller.satisfies(settings.profileKeys[profile.name]) else { throw .authenticationRequired }
        try makeKey(wanted, responder) { [self] key, csr throws(CFSSLError) in
            let order = try order(outer, csr, key: key, for: caller)
            engine.issue(order, for: caller.caller) { [self] result in
                switch result {
                case .success(let issuance):
                    responder.answer(answer(issuance, key, csr, outer, hasHosts: !wanted.hosts.isEmpty))
                case .failure(let error): responder.answer(CFSSLEnvelope.failure(CFSSLError(error)))
                }
            }
        }
    }

    private func certificateRequest(
        _ request: ServerRequest
    ) throws(CFSSLError) -> (CFSSLKeyRequest, CFSSLSignRequest) {
        let object = try object(request)
        do {
            guard let inner = try object.object("request", known: nil) else {
                throw CFSSLError.badRequest("missing request section")
            }
            let outer = CFSSLSignRequest(
                profile: try object.string("profile"),
                wantsBundle: try object.bool("bundle") ?? false
            )
            return (try CFSSLKeyRequest(inner), outer)
        } catch let error as CFSSLError {
            throw error
        } catch let error as JSONError {
            throw CFSSLError(error, isEmpty: false)
        } catch {
            throw CFSSLError(status: 500, code: 0, "internal error")
        }
    }

    private func answer(
        _ issuance: Issuance,
        _ key: PrivateKey,
        _ csr: SigningRequest,
        _ wanted: CFSSLSignRequest,
        hasHosts: Bool
    ) -> ServerResponse {
        var members: [JSONValue.Member] = [
            .init("certificate", .string(issuance.certificate.certificatePEM)),
            .init("certificate_request", .string(csr.pem)),
            .init("private_key", .string(key.pemTraditional)),
            .init(
                "sums",
                .object([
                    .init("certificate", Self.sums(of: issuance.certificate.der)),
                    .init("certificate_request", Self.sums(of: csr.der)),
                ])
            ),
        ]
        if wanted.wantsBundle { members.append(.init("bundle", bundle(issuance))) }
        return CFSSLEnvelope.success(.object(members), hasHosts ? [] : [.noHosts])
    }

    private func makeKey(
        _ wanted: CFSSLKeyRequest,
        _ responder: Responder,
        _ then: @escaping @Sendable (PrivateKey, SigningRequest) throws(CFSSLError) -> Void
    ) throws(CFSSLError) {
        let job: @Sendable () -> Void = {
            Self.run(responder) { () throws(CFSSLError) in
                let key: PrivateKey
                do throws(PKIError) {
                    key = try wanted.key.generate()
                } catch {
                    throw CFSSLError(status: 500, code: 2400, error.description)
                }
                try then(key, try wanted.signingRequest(for: key))
            }
        }
        guard wanted.key.isSlow else { return job() }
        guard keys.run(job) else {
            throw CFSSLError(status: 503, code: 2400, "too many keys are being made; try again in a second")
        }
    }

    private static func sums(of der: [UInt8]) -> JSONValue {
        .object([
            .init("md5", .string(Hexadecimal.upperText(of: Array(Insecure.MD5.hash(data: der))))),
            .init("sha-1", .string(Hexadecimal.upperText(of: Array(Insecure.SHA1.hash(data: der))))),
            .init("sha-256", .string(Hexadecimal.upperText(of: Array(SHA256.hash(data: der))))),
        ])
    }
}
