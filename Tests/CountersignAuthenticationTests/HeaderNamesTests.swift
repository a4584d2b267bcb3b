import CountersignAuthentication
import CountersignForwarding
import Testing

/// Which header fields may be taken for those of the proxy.
@Suite struct HeaderNamesTests {
    private func reader(_ name: String, _ format: CertificateFormat) -> ForwardedCertificateReader {
        ForwardedCertificateReader(headerName: name, format: format)
    }

    @Test func theProxysOwnNameCountsAndIsLetThroughAsItIsConfigured() {
        let plain = reader("X-Our-Cert", .traefik)
        #expect(HeaderNames.disguised(among: ["Accept", "x_our-cert"], reader: plain) == "x_our-cert")
        #expect(HeaderNames.disguised(among: ["Accept", "x-our-cert"], reader: plain) == nil)
        let odd = reader("ssl_client_cert", .nginx)
        #expect(HeaderNames.disguised(among: ["SSL_Client_Cert"], reader: odd) == nil)
        #expect(HeaderNames.disguised(among: ["ssl_client-cert"], reader: odd) == "ssl_client-cert")
    }

    @Test(arguments: CertificateFormat.allCases)
    func headersOfOtherFormatsAreForeignAndItsOwnAreNot(_ format: CertificateFormat) {
        let foreign = Set(HeaderNames.foreign(to: reader(format.headerName, format)))
        let own = [format.headerName] + format.companionHeaderNames
        #expect(foreign == Set(CertificateFormat.allHeaderNames).subtracting(own))
        #expect(foreign.count == CertificateFormat.allHeaderNames.count - own.count)
    }

    /// The router and the forward proxy remove what clients send of this, so that a service is told by its proxy alone.
    @Test func whatABackendIsToldIsNeverTakenFromAClient() {
        for name in CallerHeaders.all + ["X-Countersign-Status"] + CertificateFormat.allHeaderNames {
            for spelling in [name, name.lowercased(), name.uppercased()].flatMap({ [$0, $0.replacing("-", with: "_")] })
            {
                let isRemoved = IdentityHeaders.contains(spelling.utf8.span)
                #expect(isRemoved, "\(spelling)")
            }
        }
    }

    @Test func underANameOfItsOwnTheUsualHeaderOfTheFormatIsForeign() {
        let foreign = HeaderNames.foreign(to: reader("X-Our-Cert", .nginx))
        #expect(foreign.contains("ssl-client-cert") && !foreign.contains("ssl-client-verify"))
    }
}
