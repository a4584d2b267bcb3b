import CountersignForwarding
import Testing

@Suite struct ForwardedClientCertModeTests {
    @Test(arguments: [
        ("sanitize_set", ForwardedClientCertMode.sanitizeSet), ("forward", .forward),
        ("always_forward", .alwaysForward),
    ])
    func `a configured mode is read`(name: String, mode: ForwardedClientCertMode) throws {
        #expect(try ForwardedClientCertMode(parsing: name) == mode)
    }

    @Test(arguments: ["", "sanitize", "Forward", "sanitize-set", "forward "])
    func `an unknown mode is refused`(name: String) {
        #expect(throws: ForwardedHeaderError(.unknownName, "")) { try ForwardedClientCertMode(parsing: name) }
    }

    @Test(arguments: [
        (ForwardedClientCertMode.sanitizeSet, true, false, true), (.sanitizeSet, false, false, false),
        (.forward, true, true, false), (.forward, false, false, false),
        (.alwaysForward, true, true, false), (.alwaysForward, false, true, false),
    ])
    func `each mode keeps or sets as it says`(mode: ForwardedClientCertMode, verified: Bool, keeps: Bool, sets: Bool) {
        let plan = mode.plan(clientCertificateVerified: verified)
        #expect(plan.keepsIncomingCertificate == keeps)
        #expect(plan.setsVerifiedCertificate == sets)
        #expect(!(keeps && sets))
    }

    @Test(arguments: ["x-forwarded-client-cert", "X-Forwarded-Client-Cert"])
    func `only a keeping plan lets the client's certificate pass`(name: String) {
        #expect(removes(ForwardingPlan.removeAll, name))
        for mode in ForwardedClientCertMode.allCases {
            for verified in [true, false] {
                let plan = mode.plan(clientCertificateVerified: verified)
                #expect(removes(plan, name) == !plan.keepsIncomingCertificate)
            }
        }
    }

    @Test(arguments: ForwardedClientCertMode.allCases)
    func `no mode lets another spelling or another identity header pass`(mode: ForwardedClientCertMode) {
        let names = [
            "x_forwarded_client_cert", "x-forwarded-client-cert-chain", "ssl-client-verify", "Client-Cert",
            "X-Forwarded-Tls-Client-Cert",
        ]
        for name in names {
            #expect(removes(mode.plan(clientCertificateVerified: true), name))
        }
    }

    @Test(arguments: ForwardedClientCertMode.allCases)
    func `no mode removes a header without identity`(mode: ForwardedClientCertMode) {
        #expect(!removes(mode.plan(clientCertificateVerified: false), "x-forwarded-port"))
    }

    private func removes(_ plan: ForwardingPlan, _ name: String) -> Bool {
        plan.removes(bytes(name).span)
    }
}
