extension InfrastructureParameters {
    /// Swift code: an identity of the product's libraries, which rotates with the files and looks at their lists.
    var swift: String {
        let literal = InfrastructureQuoting.swift
        return """
            import \(Self.module)

            \(comment("//"))// swift-nio-ssl itself looks at no revocation list: this does, in each handshake, and shows the newest certificate.
            // `try await source.run()` beside the rest of the program keeps it up to date.
            let source = try IdentitySource.files(
                .agentDirectory(\(literal(identity.folder)), service: \(literal(identity.service)))
            )
            let tls = ClientTLS(source, server: try .host(\(literal(host))))

            """
    }

    private static let module = "CountersignNIO"
}
