/// That an operator of the authority wants a service's certificate renewed.
package struct WantedRotation: Sendable, Hashable {
    /// The service's name.
    package var service: String
    /// When it was asked for, in Unix seconds; nil when it is at this moment.
    ///
    /// A certificate that was issued for this rotation already needs no renewal.
    package var requestedAt: Int64?

    package init(_ service: String, requestedAt: Int64? = nil) {
        self.service = service
        self.requestedAt = requestedAt
    }
}
