import CountersignPolicy
import CountersignRouting

/// Requests without TLS, on listeners that take them while callers change over.
extension Exchange {
    /// Whether the request may come without TLS on this listener; it has been refused otherwise.
    ///
    /// Asked anew for each request, as a reload may have made the listener strict.
    func isPlaintextTaken(_ client: ClientConnection) -> Bool {
        guard client.isPlain else { return true }
        client.countPlaintext()
        guard client.isListenerPermissive else {
            refuse(.plaintextRefused)
            return false
        }
        return true
    }

    /// Whether not even the routes of the host's domain are told of, to a client without TLS.
    func isHiddenFromPlaintext(_ client: ClientConnection) -> Bool {
        client.isPlain && !(domain?.takesPlaintext ?? true)
    }

    /// What a request without TLS may do: nobody's identity is behind it, so that rules about identities cannot be met.
    ///
    /// - Parameter route: the route that the request is for.
    func decideWithoutTLS(_ route: Route) -> Decision {
        Authorizer.decideWithoutTLS(
            domain: domain?.policy ?? .plain,
            isAllowed: route.traffic.takesPlaintext ?? domain?.takesPlaintext ?? true,
            route: route.policy
        )
    }
}
