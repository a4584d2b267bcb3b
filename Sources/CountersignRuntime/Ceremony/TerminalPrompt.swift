package import CountersignPKI
import Glibc

/// Asks the person at the terminal for something that must not be shown.
package enum TerminalPrompt {
    /// Asks for one line without echo.
    ///
    /// - Throws: ``ToolError`` when the process has no terminal, or the person interrupts.
    package static func passphrase(_ words: String) throws(ToolError) -> Passphrase {
        // The terminal itself and not standard input: a pipe there has nothing to do with the question.
        let terminal = unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else {
            throw ToolError("there is no terminal to ask for the passphrase; give --passphrase-file FILE (mode 0600)")
        }
        defer { close(terminal) }
        let line = try self.withoutEcho(terminal) {
            // After the terminal has fallen silent: what is typed earlier is thrown away with what was shown of it.
            self.write(words, to: terminal)
            return self.line(from: terminal)
        }
        self.write("\n", to: terminal)
        guard let line, !line.contains(self.interrupt) else { throw ToolError("interrupted; nothing was written") }
        do {
            return try Passphrase(fileContent: line)
        } catch {
            throw ToolError(error.message)
        }
    }

    /// Runs `body` while the terminal shows nothing of what is typed, and restores it whatever happens.
    private static func withoutEcho(_ terminal: Int32, _ body: () -> [UInt8]?) throws(ToolError) -> [UInt8]? {
        var settings = termios()
        guard unsafe tcgetattr(terminal, &settings) == 0 else {
            throw ToolError("the terminal cannot be told to hide the passphrase")
        }
        var hidden = settings
        // Without signals, so that an interruption cannot leave the terminal mute. Its character ends the line instead,
        // which has to be asked for: a terminal hands nothing over before the end of a line.
        hidden.c_lflag &= ~tcflag_t(ECHO | ISIG)
        self.endLine(with: self.interrupt, in: &hidden)
        guard unsafe tcsetattr(terminal, TCSAFLUSH, &hidden) == 0 else {
            throw ToolError("the terminal cannot be told to hide the passphrase")
        }
        defer { _ = unsafe tcsetattr(terminal, TCSADRAIN, &settings) }
        return body()
    }

    /// Has a character end the line like a line feed does; it is part of what is read.
    private static func endLine(with character: UInt8, in settings: inout termios) {
        unsafe withUnsafeMutableBytes(of: &settings.c_cc) { characters in
            unsafe characters[Int(VEOL)] = character
        }
    }

    /// Up to the line feed, which is not part of it; nil at the end of input.
    private static func line(from terminal: Int32) -> [UInt8]? {
        var line: [UInt8] = []
        while line.count <= Passphrase.maximumSize {
            var byte: UInt8 = 0
            let count = unsafe read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return line }
            line.append(byte)
            if byte == self.interrupt { return line }
        }
        return line
    }

    private static func write(_ text: String, to terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(terminal, $0.baseAddress, $0.count) }
    }

    /// What Control-C types.
    private static let interrupt: UInt8 = 0x03
}
