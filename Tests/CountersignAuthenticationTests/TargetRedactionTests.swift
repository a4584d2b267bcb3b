import CountersignAuthentication
import Testing

/// What is written down of hosts and paths, and what is not.
@Suite struct TargetRedactionTests {
    @Test(arguments: [
        "/a/b", "/", "*", "", "/a//b", "//host/x", "/users/me@example.com", "/a:b/c", "/100%", "/a%2Fb", "/ä/ö",
        "host:443", "/.well-known/x", "/a%", "/a%3",
    ])
    func whatHoldsNoSecretIsKept(_ target: String) {
        #expect(TargetRedaction.path(target) == target)
    }

    @Test(arguments: [
        ("/a?token=SECRET", "/a"), ("/a#SECRET", "/a"), ("/a%3Ftoken=SECRET", "/a"), ("/a%3ftoken=SECRET", "/a"),
        ("/a%23SECRET/b", "/a"), ("/a;s=SECRET/b;s=SECRET", "/a/b"), ("/a;b?SECRET", "/a"),
        ("/login;jsessionid=SECRET/x", "/login/x"), ("/a%3bjsessionid=SECRET/b", "/a/b"), ("/a%3Bs=SECRET", "/a"),
        ("https://user:SECRET@host/a", "/a"), ("https://user:SECRET@host", "/"), ("HTTP://u:SECRET@h/x", "/x"),
        ("http://h?q=/SECRET", "/"), ("u:SECRET@h:443", "h:443"), ("SECRET@h:443", "h:443"), ("u:SECRET@", ""),
        ("//u:SECRET@host/x", "//host/x"), ("//SECRET@host/x", "//host/x"), ("/a//SECRET@host/x", "/a//host/x"),
        ("/proxy/http://u:SECRET@h/x", "/proxy/http://h/x"), ("/proxy/u:SECRET@h/x", "/proxy/h/x"),
        ("/proxy/u%3ASECRET%40h/x", "/proxy/h/x"), ("//u:SECRET@a@host;SECRET/x", "//host/x"),
    ])
    func whatMayBeASecretIsNot(_ target: String, _ kept: String) {
        #expect(TargetRedaction.path(target) == kept)
    }

    @Test(arguments: [
        ("host", "host"), ("host:8443", "host:8443"), ("[::1]:80", "[::1]:80"), ("", ""),
        ("user:SECRET@host:8443", "host:8443"), ("SECRET@b@host", "host"), ("u:SECRET%40host", "host"),
    ])
    func hostsHaveNoUser(_ host: String, _ kept: String) {
        #expect(TargetRedaction.host(host) == kept)
    }
}
