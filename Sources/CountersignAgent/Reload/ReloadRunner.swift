import CountersignFiles
import CountersignTransport
import Glibc

/// Carries out reload actions; blocks until they are done or out of time.
package enum ReloadRunner {
    /// Tells the consumer of a service.
    package static func run(_ action: ReloadAction, for paths: ReloadPaths) -> ReloadOutcome {
        switch action {
        case .command(let arguments, let timeout):
            ChildProcess.run(arguments, environment: inherited + paths.environment, timeout: timeout)
        case .signal(let signal, let pidFile):
            send(signal, pidFile: pidFile)
        }
    }

    private static func send(_ signal: ReloadSignal, pidFile: String) -> ReloadOutcome {
        let text: String
        do throws(SystemError) {
            text = String(decoding: try FileContent.read(pidFile, maximumBytes: maximumPIDFile).bytes, as: UTF8.self)
        } catch {
            return .failed(reason: "\(error)", output: "")
        }
        let digits = text.prefix { $0 != "\n" }
        // 0 and negative numbers would mean groups of processes, 1 is the system's first.
        guard let process = pid_t(digits), process > 1 else {
            return .failed(reason: "the file \(pidFile) does not begin with the number of a process", output: "")
        }
        guard kill(process, signal.number) == 0 else {
            let reason = SystemError.text(of: errno)
            return .failed(
                reason: "process \(process) of \(pidFile) cannot be sent SIG\(signal.rawValue): \(reason)",
                output: ""
            )
        }
        return .done(output: "")
    }

    /// Some programs say more in theirs than their number: PostgreSQL, its folders, too.
    private static let maximumPIDFile = 64 * 1024

    /// Commands get no variable of the agent's but these, as others may hold secrets.
    private static var inherited: [String] {
        let names: [String] = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME"]
        return names.compactMap { name in
            unsafe getenv(name).map { value in unsafe "\(name)=" + String(cString: value) }
        }
    }
}

extension ReloadSignal {
    var number: Int32 {
        switch self {
        case .hup: SIGHUP
        case .usr1: SIGUSR1
        case .usr2: SIGUSR2
        case .winch: SIGWINCH
        }
    }
}
