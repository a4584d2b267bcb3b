/// By which cookies of backends their sessions are kept with one instance.
package struct StickySessionPlan: Sendable, Equatable {
    /// The names of the cookies that begin a session; none for no sticky sessions.
    package var cookieNames: [[UInt8]] = [Array("JSESSIONID".utf8)]
    /// Whether the router's cookie is `Secure` whatever the backend's is.
    package var isAlwaysSecure = false

    package init() {}
}
