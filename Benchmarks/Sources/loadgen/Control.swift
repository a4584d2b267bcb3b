import Glibc

/// The conversation over standard input and output with whoever measures the server.
struct Control {
    let waits: Bool

    func announceReady() {
        guard waits else { return }
        say("ready")
        _ = readLine()
    }

    func report(_ report: Report) throws {
        say(try report.json())
    }

    func waitForEnd() {
        guard waits else { return }
        while readLine() != nil {}
    }

    private func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}
