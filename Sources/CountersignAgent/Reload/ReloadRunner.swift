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
        do throws(PIDFileFault) {
            let (handle, process) = try PIDFile.process(of: pidFile)
            do throws(SystemError) {
                try handle.send(signal.number)
            } catch {
                throw PIDFileFault(
                    "process \(process) of \(pidFile) cannot be sent SIG\(signal.rawValue): \(SystemError.text(of: error.code))"
                )
            }
            return .done(output: "")
        } catch {
            return .failed(reason: error.reason, output: "")
        }
    }

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
