import CountersignForwarding
import Testing

@Suite struct ReservedHeadersTests {
    static let reserved = [
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Request-ID", "Forwarded", "X-Real-IP",
        "X-Vcap-Request-Id", "X-Cf-ApplicationId", "X-Cf-InstanceId", "X-Cf-InstanceIndex",
        "True-Client-IP", "Proxy-Authorization", "Proxy-Connection",
    ]
    static let others = [
        "", "x", "forwarded-", "Forwarder", "X-Real-IPs", "X-Forwarded", "X-Forwarded-Port", "X-Forwarded-Ssl",
        "X-Forwarded-Prefix", "XForwardedFor", "X--Forwarded-For", "X-Request-Start", "Request-ID", "X-Correlation-ID",
        "X-Cf-App-Instance", "X-Cf-Instance-Id",
        "True-Client-IPs", "Client-IP", "Proxy-Authenticate", "Proxy-Connections",
    ]

    @Test(arguments: ["-", "_", ".", "~"])
    func `what only the router may say is found in every spelling`(separator: String) {
        for name in Self.reserved {
            for spelling in [name, name.lowercased(), name.uppercased()] {
                let spelling = spelling.map { $0 == "-" ? separator : String($0) }.joined()
                #expect(isReserved(spelling), "\(spelling)")
                #expect(isRemoved(spelling))
            }
        }
    }

    @Test(arguments: others)
    func `another name is left alone`(name: String) {
        #expect(!isReserved(name))
    }

    private func isReserved(_ name: String) -> Bool {
        ReservedHeaders.contains(name.utf8.span)
    }

    private func isRemoved(_ name: String) -> Bool {
        ForwardingPlan.removeAll.removes(name.utf8.span)
    }
}
