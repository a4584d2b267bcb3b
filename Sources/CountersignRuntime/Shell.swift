import Glibc

/// Runs a command the way that a person at a terminal does.
enum Shell {
    /// What the command writes to standard output, errors of the shell included; blocks until it ends.
    static func output(of command: String) -> String {
        guard let stream = unsafe popen(command, "r") else { return "cannot start a shell" }
        defer { unsafe pclose(stream) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, stream)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += buffer[0..<count]
        }
    }
}
