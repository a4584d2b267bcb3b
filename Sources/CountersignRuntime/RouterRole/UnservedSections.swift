package import CountersignConfiguration

/// Sections that are read and checked, and that this version of the program does not act upon.
///
/// Without a word about them, a file would be called usable and part of it would never take effect.
package enum UnservedSections {
    /// The roles that this version does not have.
    private static let roles: [ConfigurationRole] = [.egress]

    /// Warnings about what a file has to no effect.
    ///
    /// - Parameters:
    ///   - configuration: what the file says.
    ///   - role: the role that it is for; the sections of other roles are not looked at then. Without one, all are.
    package static func warnings(_ configuration: Configuration, role: ConfigurationRole?) -> [ConfigurationProblem] {
        let names = roles.filter { configuration.has($0) && (role == nil || role == $0) }.map(\.rawValue)
        return names.map { name in
            ConfigurationProblem(
                severity: .warning,
                place: .section(name),
                message: "the section is checked, and has no effect: this version does not serve it"
            )
        }
    }
}
