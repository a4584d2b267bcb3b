import ArgumentParser
import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// Makes one call and tells how it ended.
struct Call: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Calls a method of test.Echo and tells how it ended.")

    @Argument(help: "The method.")
    var method: EchoMethod

    @Option(help: "The port on loopback.")
    var port: Int

    @Option(help: "The authority that is asked for, and the name that the certificate has to have.")
    var authority: String

    @OptionGroup var identity: IdentityOptions

    @Option(help: "A message; may be given several times.")
    var message: [String] = []

    @Option(help: "How many messages of --size bytes are sent after those.")
    var count = 0

    @Option(help: "Bytes in each of the messages that --count asks for.")
    var size = 0

    @Flag(help: "Sends each message only when the one before was answered.")
    var inTurn = false

    @Option(help: "Milliseconds that the call may take.")
    var deadline: Int?

    @Option(help: "Cancels the call after so many replies.")
    var cancelAfter: Int?

    @Option(help: "Metadata, NAME=VALUE; may be given several times.")
    var metadata: [String] = []

    func run() async throws {
        var config = HTTP2ClientTransport.Posix.Config.defaults
        config.http2.authority = authority
        let transport = try HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: port),
            transportSecurity: identity.client,
            config: config
        )
        let outcome = try await withGRPCClient(transport: transport) { client in
            await Caller(client: client, plan: plan).run()
        }
        Events().tell(outcome)
    }

    private var plan: CallPlan {
        var headers: Metadata = [:]
        for pair in metadata {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            headers.addString(parts.last ?? "", forKey: parts.first ?? "")
        }
        return CallPlan(
            method: method,
            metadata: headers,
            messages: message.map { Array($0.utf8) },
            filler: [UInt8](repeating: UInt8(ascii: "x"), count: size),
            fillerCount: count,
            inTurn: inTurn,
            timeout: deadline.map { .milliseconds($0) },
            cancelAfter: cancelAfter
        )
    }
}
