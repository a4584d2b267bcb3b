import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI

extension CFSSLSurface {
    /// `info`: the signing certificate, and what a profile makes.
    func info(_ request: ServerRequest, _ responder: Responder) throws(CFSSLError) {
        let object = try object(request)
        let name: String?
        do {
            name = try object.string("profile").flatMap { $0.isEmpty ? nil : $0 }
        } catch {
            throw CFSSLError(error, isEmpty: false)
        }
        let profile = try profile(name)
        responder.answer(
            CFSSLEnvelope.success(
                .object([
                    .init("certificate", .string(Self.trimmed(engine.issuer.authority.certificatePEM))),
                    .init("usages", .strings(Self.usages(of: profile))),
                    .init("expiry", .string(GoDuration.text(seconds: profile.lifetimeSeconds))),
                ])
            )
        )
    }

    private static func usages(of profile: IssuanceProfile) -> [String] {
        var usages = ["digital signature"]
        switch profile.keyKind {
        case .rsa2048, .rsa3072, .rsa4096: usages.append("key encipherment")
        default: break
        }
        if profile.usage != .client { usages.append("server auth") }
        if profile.usage != .server { usages.append("client auth") }
        return usages
    }
}
