import CCountersignSystem
import CountersignTransport
import Glibc

/// A command of the operator's, in a process group of its own, without input, and with a bounded time to live.
enum ChildProcess {
    /// Runs a command to its end.
    ///
    /// When time is up, its process group is asked to end, and killed two seconds later.
    ///
    /// - Parameters:
    ///   - arguments: the program, looked up in PATH, and its arguments.
    ///   - environment: all its variables, as `NAME=value`.
    static func run(_ arguments: [String], environment: [String], timeout: Duration) -> ReloadOutcome {
        do throws(SystemError) {
            let output = try OutputPipe()
            let process = try spawn(arguments, environment: environment, output: output)
            output.closeWriteEnd()
            return try wait(for: process, output, timeout: timeout)
        } catch {
            return .failed(reason: error.description, output: "")
        }
    }

    private static func wait(
        for process: pid_t,
        _ output: OutputPipe,
        timeout: Duration
    ) throws(SystemError) -> ReloadOutcome {
        let descriptor = countersign_pidfd_open(process)
        guard descriptor >= 0 else {
            let error = SystemError(action: "watch a command")
            kill(-process, SIGKILL)
            _ = reap(process)
            throw error
        }
        defer { close(descriptor) }
        var isInTime = output.collect(until: descriptor, timeout)
        if !isInTime {
            kill(-process, SIGTERM)
            _ = output.collect(until: descriptor, .seconds(2))
            // Whoever is left of the group, and before the number of its leader can be another's.
            kill(-process, SIGKILL)
        }
        let status = reap(process)
        output.takeRest()
        if isInTime, status == 0 { return .done(output: output.text) }
        let hasExited = status & 0x7F == 0
        isInTime = isInTime || (hasExited && status == 0)
        let reason =
            !isInTime
            ? "the command did not end within \(timeout)"
            : hasExited ? "the command ended with status \(status >> 8)" : "signal \(status & 0x7F) ended the command"
        return .failed(reason: reason, output: output.text)
    }

    private static func reap(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }

    private static func spawn(
        _ arguments: [String],
        environment: [String],
        output: OutputPipe
    ) throws(SystemError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 2)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // This process blocks and ignores signals that a command expects to work.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        var process: pid_t = 0
        let words = CStringArray(arguments)
        let variables = CStringArray(environment)
        guard let program = unsafe words.first else { throw SystemError(action: "run an empty command", code: EINVAL) }
        let status = unsafe posix_spawnp(&process, program, &actions, &attributes, words.pointer, variables.pointer)
        guard status == 0 else { throw SystemError(action: "run \(arguments.first ?? "a command")", code: status) }
        return process
    }
}

/// Strings as system calls take lists of them.
@safe
private final class CStringArray {
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        unsafe pointer = .allocate(capacity: count + 1)
        unsafe pointer.initialize(repeating: nil, count: count + 1)
        for (index, string) in strings.enumerated() { unsafe pointer[index] = strdup(string) }
    }

    deinit {
        for index in 0..<count { unsafe free(pointer[index]) }
        unsafe pointer.deallocate()
    }

    var first: UnsafeMutablePointer<CChar>? { unsafe pointer[0] }
}
