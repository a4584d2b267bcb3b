/// Why there is no identity, or a setting cannot be used: what is wrong, where, and what would be right.
///
/// Equality looks at ``code`` alone. Nothing secret is ever in the message.
public struct ServiceIdentityError: Error, Sendable {
    /// The kind of problem.
    public let code: Code
    /// One sentence for the operator.
    public let message: String

    /// An error of a kind.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What was asked for needs mutual TLS, which is turned off.
    package static let mutualTLSIsTurnedOff = ServiceIdentityError(
        .disabled,
        "mutual TLS is turned off; set isEnabled (mtls.enabled)"
    )

    /// The kinds of problem; opaque so that it can grow.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind as a snake_case word from a closed set.
        public let description: String

        /// A file cannot be read or written.
        public static let file = Code(description: "file")
        /// A certificate, key or bundle is malformed, or they do not belong together.
        public static let material = Code(description: "material")
        /// The certificate is not valid at this time.
        public static let validity = Code(description: "validity")
        /// A setting has no meaning, or contradicts another.
        public static let setting = Code(description: "setting")
        /// The Workload API does not answer, or gives nothing that can be used.
        public static let workloadAPI = Code(description: "workload_api")
        /// A certificate could not be issued.
        public static let issuance = Code(description: "issuance")
        /// Mutual TLS is turned off, and what was asked for needs it.
        public static let disabled = Code(description: "disabled")
    }
}

extension ServiceIdentityError: Equatable {
    /// Whether both are of the same kind, whatever their wording.
    public static func == (left: ServiceIdentityError, right: ServiceIdentityError) -> Bool { left.code == right.code }
}

extension ServiceIdentityError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
