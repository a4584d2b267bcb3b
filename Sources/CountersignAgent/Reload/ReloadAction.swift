/// How the consumer of an identity is told that there is a new one.
package enum ReloadAction: Sendable, Hashable {
    /// A program with its arguments, run without a shell; it is ended when it takes longer than `timeout`.
    case command([String], timeout: Duration)
    /// A signal to the process whose number is in a file.
    case signal(ReloadSignal, pidFile: String)
}

/// The signals by which programs take up new files; none of them is meant to end a process.
package enum ReloadSignal: String, Sendable, CaseIterable {
    case hup = "HUP"
    case usr1 = "USR1"
    case usr2 = "USR2"
    case winch = "WINCH"
}
