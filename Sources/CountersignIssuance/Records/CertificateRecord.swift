package import CountersignPKI

/// What the inventory knows of one certificate.
package struct CertificateRecord: Sendable, Hashable {
    /// The serial number in lower-case hexadecimal, two digits a byte; unique.
    package var serial: String
    /// The registered service that it was issued to; nil for certificates of no service.
    package var service: String?
    /// The name of the issuance profile.
    package var profile: String
    /// The subject as RFC 4514 text.
    package var subject: String
    /// The SPIFFE ID, where there is one.
    package var spiffeID: String?
    /// The other names: DNS names and IP addresses as text.
    package var names: [String]
    /// The first second of validity, in Unix seconds.
    package var notBefore: Int64
    /// The last second of validity, in Unix seconds.
    package var notAfter: Int64
    /// When it was issued, in Unix seconds.
    package var issuedAt: Int64
    /// The kind of the certified key, as `p256` or `rsa2048`.
    package var keyAlgorithm: String
    /// The key identifier of the issuer (AKI), in lower-case hexadecimal without colons.
    package var issuerKeyID: String
    /// The SHA-256 of the DER encoding in lower-case hexadecimal.
    package var fingerprint: String
    /// The certificate.
    package var der: [UInt8]
    /// Through which door it was asked for.
    package var channel: IssuanceChannel
    /// Who asked: a SPIFFE ID, a key name, or a role of this process.
    package var requester: String
    /// The revocation in force, where there is one.
    package var revocation: RevocationMark?

    package init(
        serial: String,
        service: String?,
        profile: String,
        subject: String,
        spiffeID: String?,
        names: [String],
        notBefore: Int64,
        notAfter: Int64,
        issuedAt: Int64,
        keyAlgorithm: String,
        issuerKeyID: String,
        fingerprint: String,
        der: [UInt8],
        channel: IssuanceChannel,
        requester: String,
        revocation: RevocationMark? = nil
    ) {
        self.serial = serial
        self.service = service
        self.profile = profile
        self.subject = subject
        self.spiffeID = spiffeID
        self.names = names
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.issuedAt = issuedAt
        self.keyAlgorithm = keyAlgorithm
        self.issuerKeyID = issuerKeyID
        self.fingerprint = fingerprint
        self.der = der
        self.channel = channel
        self.requester = requester
        self.revocation = revocation
    }

    /// The state of a certificate at a moment.
    package enum State: String, Sendable, CaseIterable {
        case active
        case expired
        case revoked
        /// Revoked for now with reason certificateHold.
        case held
    }

    /// The state at a moment, in Unix seconds.
    ///
    /// Revocation outlasts expiry.
    package func state(at now: Int64) -> State {
        if let revocation { return revocation.reason == .certificateHold ? .held : .revoked }
        return now > notAfter ? .expired : .active
    }
}

/// A revocation in force.
package struct RevocationMark: Sendable, Hashable {
    /// Since when, in Unix seconds.
    package var date: Int64
    /// Why; never `removeFromCRL`.
    package var reason: RevocationReason
    /// Who revoked it.
    package var actor: String

    package init(date: Int64, reason: RevocationReason, actor: String) {
        self.date = date
        self.reason = reason
        self.actor = actor
    }
}

/// The door through which a certificate was asked for.
package enum IssuanceChannel: String, Sendable, CaseIterable {
    case native
    case cfssl
    case vault
    case admin
    case provisioning
    case agent
    case command
}
