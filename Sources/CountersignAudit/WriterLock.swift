import Glibc

/// What became of the attempt to be the one process that writes to a file.
///
/// The lock is for writing and belongs to the open file (`F_OFD_SETLK`, fcntl(2)): nobody can have it who may only read the
/// file, and what readers lock, by this call or by flock(2), keeps no writer away.
enum WriterLock {
    /// No other process writes to the file while it is open here.
    case taken
    /// Another process has it.
    case held
    /// Nobody can have it now: a reader has locked the file, or the file system knows no locks.
    case unavailable

    /// Tries to take the lock, or keeps it.
    ///
    /// - Parameter descriptor: a file that is open for writing.
    static func take(_ descriptor: Int32) -> WriterLock {
        var wish = wholeFile
        if unsafe fcntl(descriptor, setOpenFileLock, &wish) == 0 { return .taken }
        guard errno == EAGAIN || errno == EACCES else { return .unavailable }
        var other = wholeFile
        guard unsafe fcntl(descriptor, getOpenFileLock, &other) == 0 else { return .unavailable }
        return other.l_type == Int16(F_WRLCK) ? .held : .unavailable
    }

    private static var wholeFile: flock {
        var range = flock()
        range.l_type = Int16(F_WRLCK)
        range.l_whence = Int16(SEEK_SET)
        return range
    }

    /// `F_OFD_GETLK` and `F_OFD_SETLK`, which Glibc has for programs in GNU's dialect of C alone.
    private static let getOpenFileLock: Int32 = 36
    private static let setOpenFileLock: Int32 = 37
}
