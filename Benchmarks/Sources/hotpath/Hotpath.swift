import CAllocations
import Glibc

/// Does one step of the way of a request, a connection or a certificate again and again, for whoever counts
/// instructions; and counts allocations itself.
///
/// `hotpath` names the steps; `hotpath STEP COUNT` takes one so often, and prints how many allocations each time took.
@main
enum Hotpath {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard !arguments.isEmpty else {
            for name in steps.keys.sorted() { print(name) }
            return
        }
        guard arguments.count == 2, let make = steps[arguments[0]], let count = Int(arguments[1]), count > 0 else {
            let error = "error: takes the name of a step and how often; without both, the steps are named\n"
            _ = write(STDERR_FILENO, error, error.utf8.count)
            exit(2)
        }
        let step = make()
        // What is made at the first time only, such as a buffer that grows, is not what a step costs.
        for _ in 0..<16 { step() }
        let before = allocations()
        for _ in 0..<count { step() }
        // To the hundredth, so that one in a hundred times is seen, and one that the counting itself makes is not.
        let each = Double(allocations() - before) / Double(count)
        print((each * 100).rounded() / 100)
    }

    /// What is counted, by name; each is set up first.
    static let steps: [String: @Sendable () -> () -> Void] = [
        "request-head": Heads.request,
        "response-head": Heads.response,
        "chunked-content": Heads.chunks,
        "request-rewrite": Rewrites.request,
        "response-rewrite": Rewrites.response,
        "trailer-rewrite": Rewrites.trailers,
        "route-exact": { Routes.lookup("app-500.apps.example.com") },
        "route-wildcard": { Routes.lookup("other.wild.example.com") },
        "route-unknown": { Routes.lookup("nobody.example.org") },
        "decision-10-sources": { Decisions.decision(sources: 10, isNamed: true) },
        "decision-10000-sources": { Decisions.decision(sources: 10_000, isNamed: true) },
        "decision-denied": { Decisions.decision(sources: 10_000, isNamed: false) },
        "caller-identity": Identities.caller,
        "xfcc-write": Identities.write,
        "xfcc-parse": Identities.parse,
        "certificate-read": Certificates.read,
        "certificate-request-read": Certificates.readRequest,
        "certificate-sign": Certificates.sign,
        "chain-verify": Certificates.verify,
        "handshake": Handshakes.known,
        "handshake-newcomer": Handshakes.newcomer,
        "handshake-resumed": Handshakes.resumed,
        "registration": Registrations.repeated,
        "registration-new": Registrations.new,
    ]

    /// Stops the program where a step does not do what it is there for: a benchmark of a failure would look fast.
    static func expect(_ holds: Bool, _ what: String) {
        precondition(holds, "the step does not do its work: \(what)")
    }
}
