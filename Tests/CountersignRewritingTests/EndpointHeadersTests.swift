import CountersignRouting
import CountersignTransport
import Testing

@testable import CountersignRewriting

/// A backend is told which instance it is, in lines that nobody who registers it can write others with.
@Suite struct EndpointHeadersTests {
    @Test func `an instance is told what is known of it`() {
        let known = EndpointInstance(application: "app-1", id: "instance-7", index: "3")
        #expect(
            written(known)
                == "X-Cf-Applicationid: app-1\r\nX-Cf-Instanceid: instance-7\r\nX-Cf-Instanceindex: 3\r\n\r\n"
        )
        #expect(written(.unknown) == "\r\n")
    }

    @Test(arguments: [
        ("instance-7", true),
        (String(repeating: "i", count: 128), true),
        (String(repeating: "i", count: 129), false),
        ("", false),
        ("a b", false),
        ("a\r\nX-Own: 1", false),
        ("größe", false),
    ])
    func `what is no plain word is left out`(_ id: String, _ passes: Bool) {
        #expect(written(EndpointInstance(id: id)) == (passes ? "X-Cf-Instanceid: \(id)\r\n\r\n" : "\r\n"))
    }

    @Test func `a head ends without an endpoint too`() {
        let out = ByteQueue()
        EndpointHeaders.write(nil, to: out)
        #expect(unsafe String(decoding: out.readable, as: UTF8.self) == "\r\n")
    }

    private func written(_ instance: EndpointInstance) -> String {
        let out = ByteQueue()
        EndpointHeaders.write(Endpoint(host: "10.0.0.1", port: 8080, instance: instance), to: out)
        return unsafe String(decoding: out.readable, as: UTF8.self)
    }
}
