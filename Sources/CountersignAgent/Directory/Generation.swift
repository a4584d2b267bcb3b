/// One complete set of files of an identity: the folder `.generations/{name}.{number}`.
struct Generation: Hashable {
    /// The identity's name.
    var name: String
    /// Counts up from 1 with each new certificate.
    var number: UInt64

    init(name: String, number: UInt64) {
        self.name = name
        self.number = number
    }

    /// Reads the name of a folder; nil when it is not a generation's, such as one that is still being written.
    init?(folder: String) {
        guard let dot = folder.lastIndex(of: "."), dot != folder.startIndex else { return nil }
        let digits = folder[folder.index(after: dot)...]
        guard let number = UInt64(digits), number > 0, String(number) == digits else { return nil }
        self.init(name: String(folder[..<dot]), number: number)
    }

    /// Reads what a link points to; nil when that is not a generation.
    init?(linkTarget: String) {
        guard linkTarget.hasPrefix(Self.parent + "/") else { return nil }
        self.init(folder: String(linkTarget.dropFirst(Self.parent.count + 1)))
    }

    /// The name of the folder.
    var folder: String { "\(name).\(number)" }

    /// The folder's name while it is being written.
    var unfinishedFolder: String { folder + Self.unfinished }

    /// What a link to it says, seen from the certificate directory.
    var linkTarget: String { "\(Self.parent)/\(folder)" }

    /// The folder of all generations.
    static let parent = ".generations"
    /// How the name of a folder ends that is still being written, or was when its writer died.
    static let unfinished = ".new"
}
