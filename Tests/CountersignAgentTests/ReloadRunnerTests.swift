import CountersignAgent
import CountersignFiles
import CountersignTesting
import Glibc
import Testing

@Suite struct ReloadRunnerTests {
    private let paths = ReloadPaths(service: "user-svc", directory: "/tmp/certs")

    private func shell(_ script: String, timeout: Duration = .seconds(60)) -> ReloadOutcome {
        ReloadRunner.run(.command(["sh", "-c", script], timeout: timeout), for: paths)
    }

    @Test func `a command runs without a shell, with its arguments as they are`() {
        let outcome = ReloadRunner.run(
            .command(["printf", "%s|", "a b", "$HOME", ";"], timeout: .seconds(60)),
            for: paths
        )
        #expect(outcome == .done(output: "a b|$HOME|;|"))
    }

    @Test func `a command finds its paths in the environment, and no secrets of the agent's`() throws {
        setenv("COUNTERSIGN_TEST_SECRET", "hunter2", 1)
        defer { unsetenv("COUNTERSIGN_TEST_SECRET") }
        guard case .done(let output) = shell("env") else {
            Issue.record("env failed")
            return
        }
        let lines = Set(output.split(separator: "\n").map(String.init))
        #expect(lines.contains("COUNTERSIGN_CERT=/tmp/certs/user-svc/cert.pem"))
        #expect(lines.contains("COUNTERSIGN_KEY=/tmp/certs/user-svc/key.pem"))
        #expect(lines.contains("COUNTERSIGN_CA=/tmp/certs/ca.pem") && lines.contains("COUNTERSIGN_SERVICE=user-svc"))
        #expect(!output.contains("hunter2"))
    }

    @Test func `a failing command is told with its status and what it printed`() {
        #expect(
            shell("echo out; echo err >&2; exit 3")
                == .failed(reason: "the command ended with status 3", output: "out\nerr")
        )
        #expect(shell("kill -9 $$") == .failed(reason: "signal 9 ended the command", output: ""))
    }

    @Test func `a missing program is told`() {
        let outcome = ReloadRunner.run(.command(["/nowhere/at-all"], timeout: .seconds(5)), for: paths)
        guard case .failed(let reason, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.contains("/nowhere/at-all"))
    }

    @Test func `a command that hangs is ended with its children`() throws {
        let folder = try ScratchFolder()
        let outcome = shell(
            "echo begun; sleep 600 & echo $! >\(folder.file("child")); wait",
            timeout: .seconds(2)
        )
        guard case .failed(let reason, let output) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.contains("did not end within") && output == "begun")
        let text = String(decoding: try FileContent.read(folder.file("child"), maximumBytes: 100).bytes, as: UTF8.self)
        let child = try #require(pid_t(text.dropLast()))
        let deadline = ContinuousClock.now + .seconds(60)
        while isRunning(child), ContinuousClock.now < deadline { sched_yield() }
        #expect(!isRunning(child))
    }

    /// Whether there is such a process; a zombie, which nobody has reaped yet, runs nothing.
    private func isRunning(_ process: pid_t) -> Bool {
        let status = (try? FileContent.read("/proc/\(process)/stat", maximumBytes: 4096).bytes) ?? []
        return !status.isEmpty && !String(decoding: status, as: UTF8.self).contains(") Z ")
    }

    @Test func `a command that closes its output is still waited for`() {
        #expect(
            shell("exec >&- 2>&-; sleep 0.1; exit 4") == .failed(reason: "the command ended with status 4", output: "")
        )
    }

    @Test func `a helper that stays in the background is not waited for`() {
        #expect(shell("sleep 3 & echo done") == .done(output: "done"))
    }

    @Test func `much output is read to its end and kept in part`() {
        guard case .done(let output) = shell("head -c 1000000 /dev/zero | tr '\\0' x") else {
            Issue.record("failed")
            return
        }
        #expect(output.utf8.count == 4096)
    }

    @Test func `commands can be interrupted although the agent ignores signals`() {
        _ = signal(SIGPIPE, SIG_IGN)
        #expect(
            shell("trap '' USR1; kill -PIPE $$; echo alive")
                == .failed(reason: "signal 13 ended the command", output: "")
        )
    }

    @Test(arguments: ["", "0", "1", "-5", "nonsense", "99999999999999999999"])
    func `a file without the number of a process is refused`(content: String) throws {
        let folder = try ScratchFolder()
        try AtomicFile.write(Array(content.utf8), to: folder.file("pid"), mode: 0o600)
        let outcome = ReloadRunner.run(.signal(.hup, pidFile: folder.file("pid")), for: paths)
        guard case .failed(let reason, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.contains("number of a process"))
    }

    @Test func `a file of another user, or one that others write, names no process of this one`() throws {
        try #require(geteuid() == 0, "needs root, to give a file to another user")
        let folder = try ScratchFolder()
        let path = folder.file("pid")
        try AtomicFile.write(Array("\(getpid())\n".utf8), to: path, mode: 0o600)
        #expect(unsafe chown(path, 61_002, 61_002) == 0)
        #expect(reason(path).contains("is of user 61002 and names process \(getpid()) of user 0"))
        #expect(unsafe chown(path, 0, 0) == 0 && chmod(path, 0o666) == 0)
        #expect(reason(path).contains("others than its owner"))
        #expect(unsafe chmod(path, 0o600) == 0)
        #expect(reason(path) == "")
    }

    @Test func `a link, or a folder, of another user names no process of this one`() throws {
        try #require(geteuid() == 0, "needs root, to give files to another user")
        let (own, other) = (try ScratchFolder(), try ScratchFolder())
        let (path, link) = (own.file("pid"), other.file("link"))
        try AtomicFile.write(Array("\(getpid())\n".utf8), to: path, mode: 0o644)
        #expect(unsafe symlink("../\(own.path.split(separator: "/").last ?? "")/./pid", link) == 0)
        #expect(reason(link) == "")
        #expect(unsafe lchown(link, 61_002, 61_002) == 0)
        #expect(reason(link).contains("is of user 61002 and names process \(getpid()) of user 0"))
        #expect(unsafe lchown(link, 0, 0) == 0 && chown(other.path, 61_002, 61_002) == 0)
        #expect(reason(link).contains("is of user 61002"))
        #expect(reason(path) == "")
        #expect(unsafe chown(other.path, 0, 0) == 0 && chmod(other.path, 0o777) == 0)
        #expect(reason(link).contains("others than its owner may write to \(other.path)"))
        #expect(unsafe chmod(other.path, 0o1777) == 0)
        #expect(reason(link) == "")
        #expect(unsafe unlink(link) == 0 && symlink("link", link) == 0)
        #expect(reason(link).contains("read "))
    }

    @Test func `a number that a younger process has got is not the program's`() throws {
        let folder = try ScratchFolder()
        let path = folder.file("pid")
        try AtomicFile.write(Array("\(getpid())\n".utf8), to: path, mode: 0o600)
        var times = [timeval(tv_sec: 1_000_000_000, tv_usec: 0), timeval(tv_sec: 1_000_000_000, tv_usec: 0)]
        #expect(unsafe utimes(path, &times) == 0)
        #expect(reason(path).contains("is younger than"))
    }

    private func reason(_ pidFile: String) -> String {
        guard case .failed(let reason, _) = ReloadRunner.run(.signal(.winch, pidFile: pidFile), for: paths) else {
            return ""
        }
        return reason
    }

    @Test func `a signal reaches the process of the file; a process that is gone is told`() throws {
        let folder = try ScratchFolder()
        // WINCH is ignored unless a process asks for it.
        try AtomicFile.write(Array("\(getpid())\n".utf8), to: folder.file("pid"), mode: 0o600)
        #expect(ReloadRunner.run(.signal(.winch, pidFile: folder.file("pid")), for: paths) == .done(output: ""))
        try AtomicFile.write(Array("4194304".utf8), to: folder.file("gone"), mode: 0o600)
        guard case .failed(let reason, _) = ReloadRunner.run(.signal(.hup, pidFile: folder.file("gone")), for: paths)
        else {
            Issue.record("a process that cannot be was signalled")
            return
        }
        #expect(reason.contains("there is no process 4194304"))
    }
}
