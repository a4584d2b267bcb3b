import CountersignIdentity

/// A service of the agent's host: an element of the list `agent.services`.
package struct AgentServiceSection: Hashable, Sendable {
    /// The service's name, and that of its folder.
    package var name: String

    /// How the service's program is told of a new certificate; nil when it looks by itself.
    package var reload: Reload?

    /// Whether its program is told of new revocation lists, too.
    package var followsRevocationLists = false

    /// Who may read its private key beside the agent; nil for nobody.
    package var key: Key?

    /// Whose the files of a private key are.
    package struct Key: Hashable, Sendable {
        /// The owner, a name or a number; nil leaves the agent's.
        package var owner: String?
        /// The group, a name or a number; nil leaves the agent's.
        package var group: String?
        /// Whether the group may read.
        package var isGroupReadable = false
        /// Where it stands in the file.
        package var place: ConfigurationPlace
    }

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
    /// - `name` (name, required; neither `ca.pem` nor `crl.pem`, as the agent has such files of its own)
    /// - `reload`: `command` (list of text) with `timeout` (100ms...10m, default 30s), or `signal` (`HUP`, `USR1`, `USR2`
    ///   or `WINCH`) with `pid_file` (path); `crl` (boolean, default false)
    /// - `key`: `owner` and `group` (names or numbers, optional), `mode` (`"0600"` or `"0640"`, default `"0600"`)
    /// - `renew_before` (1s...3650d, optional)
    static func read(_ value: ValueReader) -> AgentServiceSection? {
        guard case .mapping = value.node.content else {
            return readName(value).map { AgentServiceSection(name: $0) }
        }
        return value.mapping("a service's name, or a mapping with \"name\"") { reader in
            let name = reader.required("name", "the service's name").flatMap(readName)
            var lists = false
            let reload = reader.value("reload").flatMap { readReload($0, &lists) }
            let key = reader.value("key").flatMap(readKey)
            let renewal = reader.value("renew_before")?.duration(in: .seconds(1)...AgentSection.longestLifetime)
            return name.map { name in
                var section = AgentServiceSection(name: name, reload: reload, renewsBefore: renewal)
                section.followsRevocationLists = lists
                section.key = key
                return section
            }
        }
    }

    private static func readName(_ value: ValueReader) -> String? {
        guard let name = value.identityName("a service name") else { return nil }
        guard name != "ca.pem", name != "crl.pem" else {
            value.fail("a service of this host cannot have the name \(name): the agent has such files of its own")
            return nil
        }
        return name
    }

    private static func readKey(_ value: ValueReader) -> Key? {
        value.mapping("\"owner\", \"group\" and \"mode\"") { reader in
            var key = Key(place: reader.place)
            key.owner = reader.value("owner").flatMap(readAccount)
            key.group = reader.value("group").flatMap(readAccount)
            if let mode = reader.value("mode"), let text = mode.text("the rights of the key, \"0600\" or \"0640\"") {
                switch text {
                case "0600", "600": break
                case "0640", "640": key.isGroupReadable = true
                default: mode.fail("expected the rights of the key, \"0600\" or \"0640\", in quotes")
                }
            }
            if key.isGroupReadable, key.group == nil {
                value.fail("with mode 0640 the group may read the key; name it in group")
            }
            return key
        } ?? nil
    }

    private static func readAccount(_ value: ValueReader) -> String? {
        if case .scalar(let scalar) = value.node.content, scalar.kind == .integer {
            // The last number means nobody to the system (chown(2)).
            return value.integer(in: 0...4_294_967_294).map(String.init)
        }
        return value.text("the name or number of a user or group")
    }

    private static func readReload(_ value: ValueReader, _ lists: inout Bool) -> Reload? {
        let found = value.mapping("\"command\", or \"signal\" and \"pid_file\"") { reader in
            let followsLists = reader.boolean("crl", default: false)
            return readReload(value, reader).map { ($0, followsLists) }
        }
        guard let (reload, isToldOfLists) = found ?? nil else { return nil }
        lists = isToldOfLists
        return reload
    }

    private static func readReload(_ value: ValueReader, _ reader: MappingReader) -> Reload? {
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
