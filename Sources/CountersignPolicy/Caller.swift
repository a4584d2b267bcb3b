public import CountersignIdentity

/// Who sends a request, as far as the connection proves it.
///
/// Made once per connection.
public struct Caller: Sendable {
    /// The prepared identity; `nil` for an anonymous caller.
    let key: CallerKey?

    /// No client certificate was verified on this connection for this domain.
    public static let anonymous = Caller(key: nil)

    /// The holder of a client certificate that was verified on this connection, for the domain of the request.
    public static func verified(_ identity: CallerIdentity) -> Caller {
        Caller(key: CallerKey(identity))
    }

    /// The identity of a verified caller.
    public var identity: CallerIdentity? { key?.identity }
}
