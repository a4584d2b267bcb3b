import Glibc

/// Removes a file; whether it was there.
func unlinkFile(_ path: String) -> Bool {
    unlink(path) == 0
}
