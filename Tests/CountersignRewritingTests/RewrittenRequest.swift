import CountersignForwarding
import CountersignHTTP1
import CountersignPolicy
import CountersignTransport
import Testing

@testable import CountersignRewriting

/// A request of a client, what is known of it beyond its head, and what a backend gets of it.
struct RewrittenRequest {
    var head: String
    var isEncrypted = true
    var isMutual = true
    var forwarding = ForwardingPlan.removeAll
    var headerTail = ""
    /// Whether the id is one of the router's own.
    var isIDGiven = false
    var keepsTraceState = false
    var upgrade = ""
    var outgoing: OutgoingRules.Way?

    static let id = "6f1c0e5b"
    static let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    /// A request for the root with these lines, each without its CRLF, beside its Host.
    init(_ lines: String...) {
        self.init(head: (["GET / HTTP/1.1", "Host: a.internal"] + lines).joined(separator: "\r\n") + "\r\n\r\n")
    }

    init(head: String) {
        self.head = head
    }

    /// What the backend gets, without the line about the endpoint.
    var text: String {
        var bytes = Array(head.utf8)
        var scanner = RequestScanner()
        #expect(scanner.scan(bytes.span) == .complete)
        func append(_ text: String) -> ByteRange {
            bytes += Array(text.utf8)
            return ByteRange(start: bytes.count - text.utf8.count, end: bytes.count)
        }
        let id = append(Self.id)
        let context = RequestRewriter.Context(
            client: RequestRewriter.Client(
                host: Array("192.0.2.7".utf8),
                isEncrypted: isEncrypted,
                forwarding: forwarding,
                headerTail: Array(headerTail.utf8)
            ),
            isMutual: isMutual,
            id: id,
            givenID: isIDGiven ? id : nil,
            trace: append(Self.trace),
            keepsTraceState: keepsTraceState,
            start: 1_700_000_000_000,
            upgrade: append(upgrade),
            outgoing: outgoing
        )
        let out = ByteQueue()
        let (head, fields) = (scanner.head, scanner.fields)
        unsafe bytes.withUnsafeBytes { unsafe RequestRewriter.write(head, fields: fields, in: $0, context, to: out) }
        return unsafe String(decoding: out.readable, as: UTF8.self)
    }

    /// The lines of ``text``, with that of the method first.
    var lines: [String] {
        text.split(separator: "\r\n").map(String.init)
    }

    /// The lines with a field of this name, in any case.
    func lines(of name: String) -> [String] {
        lines.filter { $0.lowercased().hasPrefix("\(name.lowercased()):") }
    }
}
