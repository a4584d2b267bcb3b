import CountersignAuthentication
import CountersignHTTPClient
import CountersignTransport
import Testing

@testable import CountersignAuthz

/// The service over a socket, asked as each proxy asks.
@Suite struct AuthzServiceTests {
    private static let caller = [("X-Client-Cert-Subject", "CN=orders"), ("X-Client-Cert-Serial", "0A1B")]
    private static let nginx = [("X-Original-Method", "GET"), ("X-Original-URI", "/a"), ("X-Original-Host", "h")]
    private static let traefik = [
        ("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/a"), ("X-Forwarded-Host", "h"),
    ]

    /// Starts a service, and gives its client to `body`.
    private func serving(_ body: (HTTPClient, Records) throws -> Void) throws {
        let counter = Records()
        let listen = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        let service = try AuthzService(
            listen: listen,
            threads: 1,
            room: ConnectionRoom(maximum: 100),
            judge: try counter.judge()
        )
        defer { service.stop(within: .seconds(5)) }
        let client = HTTPClient(HTTPEndpoint(host: "127.0.0.1", port: service.address.port, isSecure: false))
        defer { client.close() }
        try body(client, counter)
    }

    private func ask(_ client: HTTPClient, _ path: String, _ fields: [(String, String)]) throws -> ClientResponse {
        try client.request("GET", path, fields: fields, within: .seconds(60))
    }

    @Test(arguments: [("/auth/nginx", nginx), ("/auth/traefik", traefik), ("/auth/envoy/a", [])])
    func eachProxyIsAnswered(_ path: String, _ asked: [(String, String)]) throws {
        try serving { (client, counter) throws in
            let allowed = try ask(client, path, asked + Self.caller)
            #expect(allowed.status == 200 && allowed.field("X-Countersign-Mtls") == "verified")
            #expect(allowed.field("X-Countersign-Service") == "orders")
            let refused = try ask(client, path, asked)
            #expect(refused.status == 401 && refused.field("WWW-Authenticate") != nil)
            #expect(refused.field("X-Countersign-Identity") == nil)
            #expect(counter.events.map(\.isSuccess) == [true, false])
            #expect(counter.events.allSatisfy { $0.path == "/a" && $0.method == "GET" })
        }
    }

    @Test func whatTheProxyDoesNotSayOrSaysTwiceIsNoQuestion() throws {
        try serving { (client, counter) throws in
            for fields in [[], Array(Self.traefik.dropFirst()), Self.traefik + [("X-Forwarded-Uri", "/b")]] {
                #expect(try ask(client, "/auth/traefik", fields + Self.caller).status == 400)
            }
            #expect(try ask(client, "/auth/other", Self.traefik).status == 404)
            #expect(counter.events.isEmpty)
        }
    }

    @Test func theURLAloneSaysWhatTheClientAskedFor() throws {
        try serving { (client, counter) throws in
            let url = [("X-Original-Method", "GET"), ("X-Original-URL", "https://h:8443/a?b")]
            let same = url + [("X-Original-URI", "/a?b"), ("X-Original-Host", "H:8443")]
            for fields in [url, same] {
                #expect(try ask(client, "/auth/nginx", fields + Self.caller).status == 200)
            }
            #expect(counter.events.map(\.path) == ["/a", "/a"] && counter.events.map(\.host) == ["h:8443", "h:8443"])
        }
    }

    @Test(arguments: [
        ("X-Original-URI", "/b"), ("X-Original-URI", "/a?c"), ("X-Original-URI", ""), ("X-Original-Host", "other"),
        ("X-Original-Host", ""), ("X-Original-URL", "https://h/a"),
    ])
    func aURLAndPartsThatSaySomethingElseAreNoQuestion(_ name: String, _ value: String) throws {
        try serving { (client, counter) throws in
            let url = [("X-Original-Method", "GET"), ("X-Original-URL", "https://h/a")]
            #expect(try ask(client, "/auth/nginx", url + [(name, value)] + Self.caller).status == 400)
            #expect(try ask(client, "/auth/answer", url + [(name, value)] + Self.caller).status == 400)
            #expect(counter.events.isEmpty)
        }
    }

    @Test func nginxIsToldOfMalformedHeadersWhatItUnderstands() throws {
        try serving { (client, _) throws in
            let twice = Self.caller + [("X-Client-Cert-Subject", "CN=other")]
            #expect(try ask(client, "/auth/traefik", Self.traefik + twice).status == 400)
            let answer = try ask(client, "/auth/nginx", Self.nginx + twice)
            #expect(answer.status == 403 && answer.field("X-Countersign-Status") == "400")
            #expect(try ask(client, "/auth/answer", Self.nginx + twice).status == 400)
        }
    }

    @Test func disguisedNamesAreRefusedWhicheverProxyAsks() throws {
        try serving { (client, counter) throws in
            let disguised = Self.caller + [("X_Countersign_Identity", "arn:crud:iam::partner:device/1")]
            for (path, asked) in [("/auth/nginx", Self.nginx), ("/auth/traefik", Self.traefik), ("/auth/envoy/a", [])] {
                let answer = try ask(client, path, asked + disguised)
                #expect(answer.status == (path == "/auth/nginx" ? 403 : 400))
                #expect(String(decoding: answer.body, as: UTF8.self).contains("invalid_request"))
            }
            #expect(try ask(client, "/auth/answer", Self.nginx + disguised).status == 400)
            #expect(counter.events.map(\.reason) == [.invalidRequest, .invalidRequest, .invalidRequest])
        }
    }

    @Test func theAnswerForNginxIsNotCountedAgain() throws {
        try serving { (client, counter) throws in
            #expect(try ask(client, "/auth/answer", Self.nginx).status == 401)
            #expect(try ask(client, "/auth/answer", Self.nginx + Self.caller).status == 503)
            #expect(counter.events.isEmpty)
        }
    }

    @Test func clientsOfNginxGetOneChallengeAndNoStatusForProxies() throws {
        try serving { (client, _) throws in
            let twice = Self.caller + [("X-Client-Cert-Subject", "CN=other")]
            for fields in [Self.nginx, Self.nginx + twice] {
                let (asked, answer) = (
                    try ask(client, "/auth/nginx", fields), try ask(client, "/auth/answer", fields)
                )
                // nginx adds the challenge of what it asked to a 401 alone.
                let challenges = [asked.status == 401 ? asked : nil, answer].filter {
                    $0?.field("WWW-Authenticate") != nil
                }
                #expect(challenges.count == 1 && answer.field("X-Countersign-Status") == nil)
            }
            let refused = try ask(client, "/auth/traefik", Self.traefik)
            #expect(refused.status == 401 && refused.field("X-Countersign-Status") == nil)
        }
    }

    @Test func withoutAPlaceForItsEventNoRequestPasses() throws {
        try serving { (client, counter) throws in
            counter.keep(false)
            let answer = try ask(client, "/auth/traefik", Self.traefik + Self.caller)
            #expect(answer.status == 503 && answer.field("WWW-Authenticate") == nil)
            counter.keep(true)
            #expect(try ask(client, "/auth/traefik", Self.traefik + Self.caller).status == 200)
        }
    }
}
