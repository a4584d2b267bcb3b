import CountersignIdentity

/// A service of the agent's host: an element of the list `agent.services`.
package struct AgentServiceSection: Hashable, Sendable {
    /// The service's name, and that of its folder.
    package var name: String

    /// How the service's program is told of a new certificate; nil when it looks by itself.
    package var reload: Reload?

    /// How long before their end its certificates are renewed; nil as for all services.
    package var renewsBefore: Duration?

    /// A way to tell a program.
    package enum Reload: Hashable, Sendable {
        /// A program and its arguments, ended when it takes longer than the timeout.
        case command([String], timeout: Duration)

        /// A signal to the process whose number is in a file.
        case signal(Signal, pidFile: String)
    }

    /// A signal that programs take for "read your files again".
    package enum Signal: String, CaseIterable, Hashable, Sendable {
        case hup = "HUP"
        case usr1 = "USR1"
        case usr2 = "USR2"
        case winch = "WINCH"
    }
}

extension AgentServiceSection {
    /// Reads an element of the list: a name, or a mapping.
    ///
    /// ## Configuration keys
    /// - `name` (name, required; neither `ca.pem` nor beginning with a dot, as the agent has such files of its own)
    /// - `reload`: `command` (list of text) with `timeout` (100ms...10m, default 30s), or `signal` (`HUP`, `USR1`, `USR2`
    ///   or `WINCH`) with `pid_file` (path)
    /// - `renew_before` (1s...3650d, optional)
    static func read(_ value: ValueReader) -> AgentServiceSection? {
        guard case .mapping = value.node.content else {
            return readName(value).map { AgentServiceSection(name: $0) }
        }
        return value.mapping("a service's name, or a mapping with \"name\"") { reader in
            let name = reader.required("name", "the service's name").flatMap(readName)
            let reload = reader.value("reload").flatMap(readReload)
            let renewal = reader.value("renew_before")?.duration(in: .seconds(1)...AgentSection.longestLifetime)
            return name.map { AgentServiceSection(name: $0, reload: reload, renewsBefore: renewal) }
        }
    }

    private static func readName(_ value: ValueReader) -> String? {
        guard let name = value.identityName("a service name") else { return nil }
        guard !name.hasPrefix("."), name != "ca.pem" else {
            value.fail("a service of this host cannot have the name \(name): the agent has such files of its own")
            return nil
        }
        return name
    }

    private static func readReload(_ value: ValueReader) -> Reload? {
        value.mapping("\"command\", or \"signal\" and \"pid_file\"") { reader in
            let command = reader.value("command")
            let timeout = reader.value("timeout")
            let signal = reader.value("signal")
            let pidFile = reader.value("pid_file")
            switch (command, signal) {
            case (let command?, nil):
                pidFile?.fail("pid_file belongs to signal, and there is none")
                return readCommand(command, timeout)
            case (nil, let signal?):
                timeout?.fail("timeout belongs to command, and there is none")
                if pidFile == nil { reader.reportMissing("pid_file", "the file with the number of the process") }
                guard let kind = signal.choice(Signal.self), let path = pidFile?.path() else { return nil }
                return .signal(kind, pidFile: path)
            default:
                value.fail("expected either \"command\" or \"signal\"")
                return nil
            }
        }
    }

    private static func readCommand(_ value: ValueReader, _ timeout: ValueReader?) -> Reload? {
        guard let values = value.list(of: "a program and its arguments, each a text", atMost: 100) else { return nil }
        let words = values.enumerated().map { index, word in word.text("a text", mayBeEmpty: index > 0) }
        guard !words.isEmpty else {
            value.fail("the command is empty; name a program")
            return nil
        }
        let patience = timeout?.duration(in: .milliseconds(100)...Duration.seconds(600)) ?? .seconds(30)
        let arguments = words.compactMap(\.self)
        guard arguments.count == words.count, arguments.allSatisfy({ !$0.utf8.contains(0) }) else { return nil }
        return .command(arguments, timeout: patience)
    }
}
