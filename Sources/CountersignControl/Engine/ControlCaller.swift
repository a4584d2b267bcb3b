/// Who asks for something, after somebody else has found out.
package struct ControlCaller: Sendable, Hashable {
    /// How the audit trail names the caller.
    package var name: String
    /// The address that the call came from, where there is one.
    package var address: String?

    package init(name: String, address: String? = nil) {
        self.name = name
        self.address = address
    }
}
