import CountersignConfiguration
import Testing

@Suite struct KeySuggestionTests {
    static let keys = [
        "listen", "tls", "domains", "routes", "workers", "timeouts", "forwarded_client_cert", "xfcc_format", "ca_certs",
        "crls", "name", "service_name",
    ]

    @Test(
        "a misspelt key finds the one that was meant",
        arguments: [
            ("lisen", "listen"), ("lsiten", "listen"), ("Listen", "listen"), ("tsl", "tls"), ("domain", "domains"),
            ("xfc_format", "xfcc_format"), ("xfcc-format", "xfcc_format"), ("ca_cert", "ca_certs"),
            ("cacerts", "ca_certs"),
            ("forwardedClientCert", "forwarded_client_cert"), ("service", "service_name"), ("nmae", "name"),
        ]
    )
    func finds(_ misspelt: String, _ meant: String) {
        #expect(KeySuggestion.nearest(to: misspelt, among: Self.keys) == meant)
    }

    @Test(
        "a key that is near to none finds none",
        arguments: ["", "x", "zzz", "bandwidth", "li", String(repeating: "listen", count: 100)]
    )
    func findsNone(_ name: String) {
        #expect(KeySuggestion.nearest(to: name, among: Self.keys) == nil)
    }

    @Test func theNearestWinsAndAmongEqualsTheFirst() {
        #expect(KeySuggestion.nearest(to: "spaces", among: ["space", "spaces"]) == "spaces")
        #expect(KeySuggestion.nearest(to: "rouXe", among: ["route", "rouse"]) == "route")
    }
}
