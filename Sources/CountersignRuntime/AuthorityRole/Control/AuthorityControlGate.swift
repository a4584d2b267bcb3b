import CountersignAuthority
import CountersignControl
import CountersignHTTPServer
import CountersignIssuance
import CountersignTransport

/// Lets callers of an authority's admin API use the control plane by the same credentials and roles.
struct AuthorityControlGate: ControlGate {
    let engine: AuthorityEngine

    /// The label by which a registration says that the service is a router, and its value.
    static let routerLabel = (name: "role", value: "router")

    func caller(_ request: ServerRequest, for permission: ControlPermission) throws(ControlError) -> ControlCaller {
        do throws(AuthorityError) {
            let caller = try engine.administrator(request, for: permission == .read ? .read : .administer)
            return ControlCaller(name: caller.name, address: caller.address)
        } catch {
            throw ControlError(error)
        }
    }

    func router(_ request: ServerRequest) throws(ControlError) -> ControlCaller {
        guard let peer = request.peer else {
            throw .unauthenticated("This call needs a client certificate of the authority")
        }
        let address = request.remote.host
        do throws(AuthorityError) {
            let caller = try engine.caller(peer, address: address)
            guard case .service(let name) = caller.identity, isRouter(named: name) else {
                let label = "\(Self.routerLabel.name)=\(Self.routerLabel.value)"
                let message = "\(caller.name) is not registered as a router (label \(label))"
                engine.audit("routing.follow", target: request.path, by: caller, outcome: .refused, detail: message)
                throw AuthorityError(.forbidden, message)
            }
            return ControlCaller(name: name, address: address)
        } catch {
            throw ControlError(error)
        }
    }

    func isRouter(_ caller: ControlCaller) -> Bool { isRouter(named: caller.name) }

    func audit(
        _ action: String,
        target: String,
        by caller: ControlCaller,
        outcome: AuditRecord.Outcome,
        detail: String
    ) {
        let named = Caller(.local(caller.name), address: caller.address)
        engine.audit(action, target: target, by: named, outcome: outcome, detail: detail)
    }

    private func isRouter(named name: String) -> Bool {
        engine.registry.services[name]?.labels[Self.routerLabel.name] == Self.routerLabel.value
    }
}

extension ControlError {
    /// What the authority says of a caller, in the words of the V3 API.
    init(_ error: AuthorityError) {
        self =
            switch error.code {
            case .unauthenticated, .invalidToken: .unauthenticated(error.message)
            case .forbidden: .forbidden(error.message)
            case .rateLimited: .rateLimited(error.message)
            case .unavailable: .unavailable(error.message)
            default: .failed(error.message)
            }
    }
}
