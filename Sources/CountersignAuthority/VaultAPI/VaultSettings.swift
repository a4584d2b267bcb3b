/// How the Vault-compatible API presents itself.
package struct VaultSettings: Sendable {
    /// Where the PKI engine is mounted, without slashes at its ends.
    package var mount = "pki"
    /// The version that `sys/health` tells.
    package var version = ""
    /// How many keys may be generated, or wait for it, at once.
    package var keyGenerations = 64

    package init() {}
}
