/// Whether a client may do without the certificate that it is asked for.
package enum ClientCertificatePolicy: Sendable {
    /// A client without a certificate is refused in the handshake.
    case required
    /// A client may come without one and is then nobody; one that is presented must be accepted all the same.
    case optional
}
