import Foundation

/// Prints a line at once, so that whoever reads it through a pipe sees it as it happens.
public func say(_ text: String, terminator: String = "\n") {
    print(text, terminator: terminator)
    fflush(nil)
}
