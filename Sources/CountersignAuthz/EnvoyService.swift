import CountersignAuthentication
import CountersignGRPC
import CountersignGRPCServer
import CountersignIdentity
import CountersignProtobuf
package import CountersignTransport

/// Answers Envoy's `ext_authz` over gRPC: `envoy.service.auth.v3.Authorization/Check`.
package final class EnvoyService: Sendable {
    /// The address that is listened on.
    package var address: SocketAddress { server.address }
    private let server: GRPCServer

    /// Binds the address and starts to serve.
    ///
    /// - Parameters:
    ///   - listen: the address.
    ///   - room: how many connections there may be.
    ///   - judge: decides.
    /// - Throws: `SystemError` that names the address.
    package init(listen: SocketAddress, room: ConnectionRoom, judge: AuthzJudge) throws {
        var settings = GRPCServerSettings()
        settings.maximumConnections = room.maximum
        settings.displacement = room.displacement
        settings.onOverload = { _ in room.onRefusal() }
        settings.idleTime = Self.idleTime
        var methods = GRPCMethods()
        methods.add(EnvoyCheck.path) { call, message in
            do throws(GRPCStatus) {
                call.answer(try Self.answer(message, from: call.peer, judge))
            } catch {
                call.finish(error)
            }
        }
        self.server = try GRPCServer(
            name: "ext_authz",
            endpoint: .network(listen),
            settings: settings,
            methods: methods
        )
    }

    /// How long a connection may be without a call, once it has had one.
    private static let idleTime = Duration.seconds(60)

    /// Takes no new calls, answers those in hand, and ends.
    package func stop(within time: Duration) {
        server.stop(within: time)
    }

    private static func answer(
        _ message: [UInt8],
        from peer: GRPCPeer,
        _ judge: AuthzJudge
    ) throws(GRPCStatus) -> [UInt8] {
        let check: EnvoyCheck
        do {
            check = try EnvoyCheck(message)
        } catch {
            throw GRPCStatus(.invalidArgument, "the message is no CheckRequest: \(error)")
        }
        guard case .network(let remote) = peer, let address = try? IPAddress(parsing: remote.host),
            let original = check.original(from: address)
        else {
            throw GRPCStatus(.invalidArgument, "attributes.request.http says neither method nor path")
        }
        switch judge.judge(original, fieldNames: check.fieldNames).result {
        case .success(let authenticated):
            return EnvoyCheck.allowed(authenticated, removing: judge.foreignCertificateFields)
        case .failure(let refusal): return EnvoyCheck.refused(refusal)
        }
    }
}
