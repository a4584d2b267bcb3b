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

    /// A word as a shell takes it literally: in quotes when it has more than letters, digits and `/._:,@%+=-`.
    static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "/._:,@%+=-".utf8.contains(byte)
            }
        }
        if plain, !word.isEmpty { return word }
        return "'" + word.replacingScalar("'", by: "'\\''") + "'"
    }
}
