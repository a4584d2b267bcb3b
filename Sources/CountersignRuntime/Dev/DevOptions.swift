/// What `countersign dev` may be told.
package struct DevOptions: Sendable {
    /// The router's address; port 0 lets the system choose.
    package var listen = "127.0.0.1:8443"
    /// The address of the authority's native API.
    package var authority = "127.0.0.1:8444"
    /// The address for health, metrics and the admin API.
    package var admin = "127.0.0.1:9090"
    /// The forward proxy's address, one of loopback.
    package var egress = "127.0.0.1:8888"
    /// Where certificates are written; without one, a new folder that is removed at the end.
    package var folder: String?
    /// Run the printed commands, check what they give, and end.
    package var runsDemo = false

    package init() {}
}
