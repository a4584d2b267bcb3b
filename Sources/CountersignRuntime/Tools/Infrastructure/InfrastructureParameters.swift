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

    /// Whether the program that is spoken to looks at revocation lists.
    var wantsRevocationLists: Bool {
        switch arguments.format {
        case .psql, .libpqURL, .libpqEnvironment, .postgresqlConf, .haproxyCfg: true
        default: false
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
            .init("not_after", .string(end)),
        ])
    }

    var port: Int { arguments.port ?? arguments.format.standardPort }
    var host: String { arguments.host ?? "localhost" }
    var user: String { arguments.user ?? identity.commonName }
    var end: String { CalendarTime(unixSeconds: identity.leaf.notAfter).rfc3339 }

    /// The first line of what stands in a file.
    func comment(_ mark: String) -> String {
        "\(mark) \(identity.service): the certificate is good until \(end), and the agent replaces it in time\n"
    }
}
