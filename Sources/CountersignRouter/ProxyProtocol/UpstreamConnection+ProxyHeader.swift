import CountersignHTTP1
import CountersignIdentity
import CountersignPKI
import CountersignProxyProtocol
import CountersignRouting
import CountersignTLS
import CountersignTransport

/// The header by which the router tells an endpoint who the client is, before the first byte of the client's.
extension UpstreamConnection {
    /// Sends the header where the route of the exchange asks for it, in front of TLS with the endpoint as well.
    ///
    /// The connection is this client's from here on: it is kept for no other exchange.
    func sendProxyHeader() {
        guard let exchange, exchange.route?.traffic.sendsProxyHeader ?? false, let client = exchange.client else {
            return
        }
        hasProxyHeader = true
        var header = client.proxyHeader
        let id = exchange.requestID
        let bytes = unsafe exchange.headBytes.readable
        header.extras.append(
            ProxyExtra(type: ProxyExtra.uniqueID, value: (id.start..<id.end).map { unsafe bytes[$0] })
        )
        worker.upstreamCipher.removeAll()
        worker.upstreamCipher.append(header.bytes)
        flushCiphertext()
    }
}

extension ClientConnection {
    /// What a header says of this client and its certificate.
    fileprivate var proxyHeader: ProxyHeader {
        let server = serverAddress ?? Socket.localAddress(of: descriptor).flatMap { ProxyHeader.Address($0) }
        var header = ProxyHeader(source: .unknown)
        if let client = ProxyHeader.Address(remote), let server { header.source = .tcp(client: client, server: server) }
        guard let session else { return header }
        if let name = session.applicationProtocol {
            header.extras.append(ProxyExtra(type: ProxyExtra.alpn, value: Array(name.utf8)))
        }
        if !identity.serverName.isEmpty {
            header.extras.append(ProxyExtra(type: ProxyExtra.authority, value: identity.serverName))
        }
        var bits = ProxyTLS.overTLS
        if identity.peer != nil {
            bits |= ProxyTLS.certificateInSession
            if !session.isResumed { bits |= ProxyTLS.certificateOnConnection }
        }
        let texts = [(ProxyTLS.version, session.versionName), (ProxyTLS.cipher, session.cipherName)]
        let details = texts.map { ProxyExtra(type: $0.0, value: Array($0.1.utf8)) }
        let tls = ProxyTLS(
            client: bits,
            verification: identity.peer == nil ? 1 : 0,
            details: details + (identity.peer.map(Self.details) ?? [])
        )
        header.extras.append(tls.field)
        return header
    }

    private static func details(of peer: VerifiedPeer) -> [ProxyExtra] {
        var details: [ProxyExtra] = []
        if let leaf = try? ParsedCertificate(der: peer.leafDER) {
            let texts = [
                (ProxyTLS.commonName, leaf.subjectName.commonNames.last ?? ""),
                (ProxyTLS.signatureAlgorithm, leaf.signatureAlgorithm.shortName),
                (ProxyTLS.keyAlgorithm, leaf.publicKey.kind.shortName),
            ]
            for (type, text) in texts where !text.isEmpty {
                details.append(ProxyExtra(type: type, value: Array(text.utf8)))
            }
        }
        return details + [ProxyExtra(type: ProxyTLS.clientCertificate, value: peer.leafDER)]
    }
}

// The names that OpenSSL has for algorithms, which is what readers of these fields compare with.
extension SignatureAlgorithm {
    fileprivate var shortName: String {
        switch self {
        case .ecdsa(let digest): "ecdsa-with-\(digest.rawValue.filter { $0 != "-" })"
        case .rsaPKCS1(let digest): "RSA-\(digest.rawValue.filter { $0 != "-" })"
        case .rsaPSS: "RSASSA-PSS"
        case .ed25519: "ED25519"
        case .broken, .unknown: ""
        }
    }
}

extension SubjectPublicKey.Kind {
    fileprivate var shortName: String {
        switch self {
        case .p256: "EC256"
        case .p384: "EC384"
        case .p521: "EC521"
        case .rsa(let bits): "RSA\(bits)"
        case .ed25519: "ED25519"
        case .unknown: ""
        }
    }
}
