import CountersignJSON
import CountersignPKI

/// What `countersign infra params` prints of one service.
struct InfrastructureParameters {
    let identity: InfrastructureIdentity
    let arguments: InfrastructureTool.Arguments

    init(_ identity: InfrastructureIdentity, _ arguments: InfrastructureTool.Arguments) {
        self.identity = identity
        self.arguments = arguments
    }

    /// The lines, with their final newline.
    var text: String {
        switch arguments.format {
        case .psql: "psql \(Shell.quoted(conninfo))\n"
        case .libpqURL: libpqURL + "\n"
        case .libpqEnvironment: libpqEnvironment
        case .redisCLI: redisCommand + "\n"
        case .redisURL: redisURL + "\n"
        case .postgresqlConf: postgresqlConf
        case .pgHBAConf: pgHBAConf
        case .pgIdentConf: pgIdentConf
        case .redisConf: redisConf
        case .haproxyCfg: haproxyCfg
        case .swift: swift
        }
    }

    /// Everything as an object.
    var json: JSONValue {
        .object([
            .init("service", .string(identity.service)),
            .init("format", .string(arguments.format.rawValue)),
            .init("text", .string(text)),
            .init("cert", .string(identity.certificate)),
            .init("key", .string(identity.key)),
            .init("ca", .string(identity.authorities)),
            .init("crl", .optional(identity.revocationLists)),
            .init("common_name", .string(identity.commonName)),
            .init("serial", .string(SerialNumber(identity.leaf.serialNumber).hexadecimal)),
            .init("serial_decimal", .string(SerialNumber(identity.leaf.serialNumber).decimal)),
            .init("not_after", .string(end)),
        ])
    }

    var port: Int { arguments.port ?? arguments.format.standardPort }
    var host: String { arguments.host ?? "localhost" }
    var user: String { arguments.user ?? identity.commonName }
    var end: String { CalendarTime(unixSeconds: identity.leaf.notAfter).rfc3339 }

    /// The first lines of what stands in a file.
    func comment(_ mark: String) -> String {
        let first =
            "\(mark) \(identity.service): the certificate is good until \(end), and the agent replaces it in time\n"
        guard leavesOutLists else { return first }
        return first + "\(mark) revocation lists are left out: who is revoked is let in until the certificate expires\n"
    }

    /// Whether a program that would look at revocation lists is told of none.
    var leavesOutLists: Bool { identity.revocationLists == nil && arguments.format.needsWholeLists }
}
