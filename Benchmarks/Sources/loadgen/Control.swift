import Glibc

/// The conversation over standard input and output with whoever measures the server.
struct Control {
    let waits: Bool

    /// Says that the load is open and warm, and waits until it is let go.
    ///
    /// - Returns: whether it is to go: not where standard input ends instead, as for connections that are only to be open.
    func announceReady() -> Bool {
        guard waits else { return true }
        say("ready")
        return readLine() != nil
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
