import CountersignAuthentication
import Testing

/// What is written down of hosts and paths, and what is not.
@Suite struct TargetRedactionTests {
    @Test(arguments: [
        "/a/b", "/", "*", "", "/a//b", "//host/x", "/users/me@example.com", "/a:b/c", "/100%", "/a%2Fb", "/ä/ö",
        "host:443", "/.well-known/x", "/a%", "/a%3", "/a%25", "/a%252Fb", "/a%2F%2Fb:7", "/a:/me",
        "/users/me%40example.com", "\\\\host\\x",
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
        ("/x%2f%2fSECRET%40h", "/x%2f%2fh"), ("/x/%2FSECRET@h/y", "/x/%2Fh/y"), ("/cb/https:/SECRET@h", "/cb/https:/h"),
        ("/cb/https%3A%2FSECRET%40h/x", "/cb/https%3A%2Fh/x"), ("/cb/https:%5C%5CSECRET@h", "/cb/https:%5C%5Ch"),
        ("/a%253Ftoken=SECRET", "/a"), ("/a%2523SECRET", "/a"), ("/a%25253bs=SECRET/b", "/a/b"),
        ("/a%%33Ft=SECRET", "/a"),
        ("/cb/u%253ASECRET%2540h", "/cb/h"), ("/cb/%252F%252FSECRET%2540h", "/cb/%252F%252Fh"),
        ("https%3A//u:SECRET@h/x", "/x"), ("//host;token=abc@SECRET/x", "///x"), ("/a:1;sid=x@SECRET", "/"),
        ("/a:1%3Bsid=x%40SECRET/b", "//b"), ("host;s=x@SECRET", ""), ("/cb/https:/h;s=x@SECRET/b", "/cb/https://b"),
        ("/a;sid=x@SECRET", "/a"), ("//u;v@h;w@SECRET", "//"),
    ])
    func whatMayBeASecretIsNot(_ target: String, _ kept: String) {
        #expect(TargetRedaction.path(target) == kept)
    }

    @Test(arguments: [
        ("host", "host"), ("host:8443", "host:8443"), ("[::1]:80", "[::1]:80"), ("", ""),
        ("user:SECRET@host:8443", "host:8443"), ("SECRET@b@host", "host"), ("u:SECRET%40host", "host"),
        ("SECRET%2540host", "host"),
    ])
    func hostsHaveNoUser(_ host: String, _ kept: String) {
        #expect(TargetRedaction.host(host) == kept)
    }
}
